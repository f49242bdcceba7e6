-- Latent Gaussians, one row per example.

-- gaussian_kl(mu, logvar) -> DOUBLE, bits
-- KL of a diagonal Gaussian from the standard one: ½ Σ (mu² + e^logvar − 1 − logvar) / ln 2, the KL term of a variational autoencoder's ELBO (Kingma & Welling 2013). Times ln(2) for nats.
-- mu, logvar: Lists of the same length, one number per latent dimension; logvar is the natural logarithm of the variance. An error for lists of different lengths.
-- NULL: NULL where a list or one of its numbers is NULL or not finite. 0 for empty lists.
-- Example: select round(gaussian_kl([0, 1], [0, 0]), 4) as bits
create or replace temp macro gaussian_kl(mu, logvar) as
    list_transform(
        [struct_pack(mu := mu::double[], logvar := logvar::double[])],
        lambda both_: case
            when len(both_.mu) != len(both_.logvar)
            then error(
                'mu has ' || len(both_.mu) || ' numbers and logvar has ' || len(both_.logvar)
                || ': give one of each per dimension'
            )::double
            when len(list_filter(both_.mu, lambda m_: not coalesce(isfinite(m_), false))) > 0
                or len(list_filter(both_.logvar, lambda v_: not coalesce(isfinite(v_), false))) > 0
            then null
            when len(both_.mu) = 0 then 0::double
            else list_sum(list_transform(
                list_zip(both_.mu, both_.logvar),
                lambda pair_: pair_[1] * pair_[1] + exp(pair_[2]) - 1 - pair_[2]
            )) / 2 / ln(2)
        end
    )[1];
