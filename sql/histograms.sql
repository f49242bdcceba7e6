-- Measures of the maps that histogram(x) returns, value → count. Scalar functions of one or two maps.
-- Aliases begin with colprofile_, so that they do not clash with columns of the caller.

-- colprofile_aligned
-- The cells {p, q} of two maps, one for each value of either, 0 where a map has none. NULL where a map is NULL.
create or replace temp macro colprofile_aligned(p, q) as
    case
        when p is null or q is null then null
        else (
            select list(struct_pack(p := colprofile_p, q := colprofile_q))
            from (
                select sum(colprofile_p) as colprofile_p, sum(colprofile_q) as colprofile_q
                from (
                    select
                        unnest(map_keys(p)) as colprofile_value,
                        unnest(list_transform(map_values(p), lambda count_: colprofile_weight(count_, 'p')))
                            as colprofile_p,
                        0::double as colprofile_q
                    union all
                    select
                        unnest(map_keys(q)),
                        0::double,
                        unnest(list_transform(map_values(q), lambda count_: colprofile_weight(count_, 'q')))
                )
                group by colprofile_value
            )
        )
    end;

-- histogram_entropy(h) -> DOUBLE, bits
-- The entropy of a histogram: Σ (c/n) log2(n/c). It equals entropy(x) of the rows.
-- h: A map of value → count, as histogram(x) returns it. An error if a count is negative, NaN or infinite.
-- NULL: NULL for NULL, an empty map and one of zeros.
-- Example: select histogram_entropy(histogram(x)) as bits from (values ('a'), ('b'), ('c'), ('d')) as t(x)
create or replace temp macro histogram_entropy(h) as
    colprofile_cross_entropy(
        list_transform(
            map_values(h),
            lambda count_: struct_pack(
                p := colprofile_weight(count_, 'counts'), q := colprofile_weight(count_, 'counts')
            )
        ),
        null
    );

-- histogram_kl(p, q, [smoothing := NULL]) -> DOUBLE, bits
-- KL(P‖Q) of two histograms: kl_divergence of their counts, with 0 for values that only one of them has.
-- p, q: Maps of value → count; p the truth (fresh), q the model (stale). An error if a count is negative, NaN or infinite.
-- smoothing: Rows added to every value's count in q; 0.5 is Jeffreys' prior.
-- NULL: NULL for a NULL or empty map, and where p has a value that q lacks: see histogram_unseen_mass, or use smoothing.
-- Example: select round(histogram_kl(map {'a': 50, 'b': 50}, map {'a': 90, 'b': 10}), 4) as bits
create or replace temp macro histogram_kl(p, q, smoothing := null) as
    colprofile_kl(colprofile_aligned(p, q), smoothing);

-- histogram_cross_entropy(p, q, [smoothing := NULL]) -> DOUBLE, bits
-- The mean code length when data from p are coded by the model q: cross_entropy of their counts.
-- p, q: Maps of value → count; p the truth (fresh), q the model (stale). An error if a count is negative, NaN or infinite.
-- smoothing: Rows added to every value's count in q; 0.5 is Jeffreys' prior.
-- NULL: NULL for a NULL or empty map, and where p has a value that q lacks.
-- Example: select round(histogram_cross_entropy(map {'a': 50, 'b': 50}, map {'a': 90, 'b': 10}), 4) as bits
create or replace temp macro histogram_cross_entropy(p, q, smoothing := null) as
    colprofile_cross_entropy(colprofile_aligned(p, q), smoothing);

-- histogram_js(p, q) -> DOUBLE, bits from 0 to 1
-- The Jensen-Shannon divergence of two histograms: js_divergence of their counts.
-- p, q: Maps of value → count. An error if a count is negative, NaN or infinite.
-- NULL: NULL for a NULL or empty map.
-- Example: select round(histogram_js(map {'a': 50, 'b': 50}, map {'a': 90, 'b': 10}), 4) as bits
create or replace temp macro histogram_js(p, q) as
    colprofile_js(colprofile_aligned(p, q));

-- histogram_psi(p, q, [smoothing := NULL]) -> DOUBLE, nats
-- The population stability index of two histograms: psi of their counts.
-- p, q: Maps of value → count. An error if a count is negative, NaN or infinite.
-- smoothing: Rows added to every value's count in both; 0.5 is Jeffreys' prior.
-- NULL: NULL for a NULL or empty map, and where one has a value that the other lacks.
-- Example: select round(histogram_psi(map {'a': 50, 'b': 50}, map {'a': 90, 'b': 10}), 4) as nats
create or replace temp macro histogram_psi(p, q, smoothing := null) as
    colprofile_psi(colprofile_aligned(p, q), smoothing);

-- histogram_unseen_mass(p, q) -> DOUBLE, a fraction from 0 to 1
-- The share of p's rows with values that q lacks.
-- p, q: Maps of value → count; p the truth (fresh), q the model (stale). An error if a count is negative, NaN or infinite.
-- NULL: NULL for a NULL map, and where p is empty; 1 where only q is.
-- Example: select histogram_unseen_mass(map {'a': 6, 'b': 3, 'c': 1}, map {'a': 5}) as share
create or replace temp macro histogram_unseen_mass(p, q) as
    colprofile_unseen(colprofile_aligned(p, q), 'p');

-- histogram_vanished_mass(p, q) -> DOUBLE, a fraction from 0 to 1
-- The share of q's rows with values that p lacks.
-- p, q: Maps of value → count; p the truth (fresh), q the model (stale). An error if a count is negative, NaN or infinite.
-- NULL: NULL for a NULL map, and where q is empty; 1 where only p is.
-- Example: select histogram_vanished_mass(map {'a': 6}, map {'a': 3, 'b': 1}) as share
create or replace temp macro histogram_vanished_mass(p, q) as
    colprofile_unseen(
        list_transform(colprofile_aligned(p, q), lambda cell_: struct_pack(p := cell_.q, q := cell_.p)), 'q'
    );
