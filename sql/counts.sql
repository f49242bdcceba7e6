-- Divergence of paired counts: aggregates over rows, one row per bin, with p the truth (fresh) and q the model (stale).
-- Each macro holds one aggregate, list(), so that DuckDB 2.0 accepts it with OVER (…) too. Without coalesce() around it, DuckDB would pass its alias to the next macro as the name of a parameter.
-- Names inside lambdas end in _, so that they do not clash with columns of the caller.

-- colprofile_weight
-- A number of at least 0, and 0 for NULL.
create or replace temp macro colprofile_weight(v, side) as
    case
        when v is null then 0::double
        when v::double >= 0 and v::double < 'infinity'::double then v::double
        else error(side || ' contains ' || v::double::varchar || ': give finite numbers of at least 0')::double
    end;

-- colprofile_smoothing
-- The rows that smoothing adds to a cell.
create or replace temp macro colprofile_smoothing(rows_) as
    case
        when rows_ is null then 0::double
        when rows_::double > 0 and rows_::double < 'infinity'::double then rows_::double
        else error(
            'smoothing is ' || rows_::double::varchar || ': give a number above 0, such as 0.5, or NULL for none'
        )::double
    end;

-- colprofile_total
-- A sum of weights, checked to be finite.
create or replace temp macro colprofile_total(v, side) as
    list_transform(
        [v],
        lambda total_: case
            when total_ < 'infinity'::double then total_
            when total_ is not null
            then error(side || ' sums to more than a float can hold: scale the numbers down')::double
        end
    )[1];

-- colprofile_share
-- weight / total, 0 where it is below the smallest normal double, so that a ratio of two shares cannot overflow.
create or replace temp macro colprofile_share(v, total) as
    case when v / total < 2.2250738585072014e-308::double then 0::double else v / total end;

-- colprofile_shares
-- Cells {p, q} of weights as cells of shares, after adding rows to each. NULL without cells or where a side is empty.
create or replace temp macro colprofile_shares(cells, added_p, added_q) as
    list_transform(
        [struct_pack(cells := cells, added_p := added_p, added_q := added_q)],
        lambda given_: list_transform(
            [struct_pack(
                given := given_,
                p := colprofile_total(
                    list_sum(list_transform(given_.cells, lambda cell_: cell_.p)) + given_.added_p * len(given_.cells),
                    'p'
                ),
                q := colprofile_total(
                    list_sum(list_transform(given_.cells, lambda cell_: cell_.q)) + given_.added_q * len(given_.cells),
                    'q'
                )
            )],
            lambda all_: case
                when all_.p > 0 and all_.q > 0
                then list_transform(
                    all_.given.cells,
                    lambda cell_: struct_pack(
                        p := colprofile_share(cell_.p + all_.given.added_p, all_.p),
                        q := colprofile_share(cell_.q + all_.given.added_q, all_.q)
                    )
                )
            end
        )[1]
    )[1];

-- colprofile_kl_term
-- One cell of KL in nats as p ln(p/q) − p + q: never negative, so that a sum does not cancel.
create or replace temp macro colprofile_kl_term(p, q) as
    case
        when p = 0 then q
        when q = 0 then 'infinity'::double
        else greatest(p * ln(p / q) - p + q, 0)
    end;

-- colprofile_finite
-- A sum, NULL where it is infinite. (nullif() would compute it twice.)
create or replace temp macro colprofile_finite(v) as
    list_transform([v], lambda sum_: case when sum_ < 'infinity'::double then sum_ end)[1];

-- colprofile_kl
-- KL of cells {p, q} in bits. NULL where it is infinite.
create or replace temp macro colprofile_kl(cells, smoothing) as
    colprofile_finite(
        list_sum(list_transform(
            colprofile_shares(cells, 0::double, colprofile_smoothing(smoothing)),
            lambda share_: colprofile_kl_term(share_.p, share_.q)
        ))
    ) / ln(2);

-- colprofile_cross_entropy
-- Σ p log2(1/q) of cells {p, q}. NULL where it is infinite.
create or replace temp macro colprofile_cross_entropy(cells, smoothing) as
    colprofile_finite(
        list_sum(list_transform(
            colprofile_shares(cells, 0::double, colprofile_smoothing(smoothing)),
            lambda share_: case
                when share_.p = 0 then 0::double
                when share_.q = 0 then 'infinity'::double
                else share_.p * log2(1 / share_.q)
            end
        ))
    );

-- colprofile_js
-- Jensen-Shannon divergence of cells {p, q} in bits, at most 1: rounding may leave a little more.
create or replace temp macro colprofile_js(cells) as
    list_transform(
        [list_sum(list_transform(
            colprofile_shares(cells, 0::double, 0::double),
            lambda share_: (
                colprofile_kl_term(share_.p, (share_.p + share_.q) / 2)
                + colprofile_kl_term(share_.q, (share_.p + share_.q) / 2)
            ) / 2
        )) / ln(2)],
        lambda bits_: case when bits_ > 1 then 1::double else bits_ end
    )[1];

-- colprofile_psi
-- Population stability index of cells {p, q} in nats. NULL where it is infinite.
create or replace temp macro colprofile_psi(cells, smoothing) as
    colprofile_finite(
        list_sum(list_transform(
            colprofile_shares(cells, colprofile_smoothing(smoothing), colprofile_smoothing(smoothing)),
            lambda share_: case
                when share_.p = share_.q then 0::double
                when share_.p = 0 or share_.q = 0 then 'infinity'::double
                else (share_.p - share_.q) * ln(share_.p / share_.q)
            end
        ))
    );

-- colprofile_unseen
-- Share of p in cells {p, q} where q is 0. side is the name of p in messages.
create or replace temp macro colprofile_unseen(cells, side) as
    list_transform(
        [cells],
        lambda cells_:
            list_sum(list_transform(cells_, lambda cell_: case when cell_.q = 0 then cell_.p else 0::double end))
            / nullif(colprofile_total(list_sum(list_transform(cells_, lambda cell_: cell_.p)), side), 0)
    )[1];

-- kl_divergence(p, q, [smoothing := NULL]) -> DOUBLE, bits
-- How wrong the model q is about data from p: KL(P‖Q) = Σ P log2(P/Q), P = p/Σp, Q = q/Σq. 2^KL is the geometric mean of true rows / estimated rows over equality predicates drawn from the data.
-- p, q: Counts or probabilities of the same bins, one row per bin; p the truth (fresh), q the model (stale). An error if negative, NaN or infinite.
-- smoothing: Rows added to every bin of q; 0.5 is Jeffreys' prior.
-- NULL: A NULL count is 0, as a full join leaves it. NULL where p or q is all zeros, and where q is 0 in a bin in which p is not, which makes KL infinite: see unseen_mass, or use smoothing.
-- Example: select round(kl_divergence(p, q), 4) as bits from (values ('a', 50, 90), ('b', 50, 10)) as bins(bin, p, q)
create or replace temp macro kl_divergence(p, q, smoothing := null) as
    colprofile_kl(coalesce(list(struct_pack(p := colprofile_weight(p, 'p'), q := colprofile_weight(q, 'q'))), null), smoothing);

-- cross_entropy(p, q, [smoothing := NULL]) -> DOUBLE, bits
-- The mean code length when data from p are coded by the model q: −Σ P log2 Q = H(P) + KL(P‖Q).
-- p, q: Counts or probabilities of the same bins, one row per bin; p the truth (fresh), q the model (stale). An error if negative, NaN or infinite.
-- smoothing: Rows added to every bin of q; 0.5 is Jeffreys' prior.
-- NULL: A NULL count is 0. NULL where p or q is all zeros, and where q is 0 in a bin in which p is not.
-- Example: select round(cross_entropy(p, q), 4) as bits from (values ('a', 50, 90), ('b', 50, 10)) as bins(bin, p, q)
create or replace temp macro cross_entropy(p, q, smoothing := null) as
    colprofile_cross_entropy(
        coalesce(list(struct_pack(p := colprofile_weight(p, 'p'), q := colprofile_weight(q, 'q'))), null), smoothing
    );

-- js_divergence(p, q) -> DOUBLE, bits from 0 to 1
-- The Jensen-Shannon divergence: ½ KL(P‖M) + ½ KL(Q‖M), M = (P + Q)/2. Symmetric and always finite.
-- p, q: Counts or probabilities of the same bins, one row per bin. An error if negative, NaN or infinite.
-- NULL: A NULL count is 0. NULL where p or q is all zeros.
-- Example: select js_divergence(p, q) as bits from (values ('a', 1, 0), ('b', 0, 1)) as bins(bin, p, q)
create or replace temp macro js_divergence(p, q) as
    colprofile_js(coalesce(list(struct_pack(p := colprofile_weight(p, 'p'), q := colprofile_weight(q, 'q'))), null));

-- psi(p, q, [smoothing := NULL]) -> DOUBLE, nats
-- The population stability index: Σ (P − Q) ln(P/Q) = KL(P‖Q) + KL(Q‖P), in nats, as is customary: below 0.1 stable, above 0.25 shifted.
-- p, q: Counts or probabilities of the same bins, one row per bin. An error if negative, NaN or infinite.
-- smoothing: Rows added to every bin of both; 0.5 is Jeffreys' prior.
-- NULL: A NULL count is 0. NULL where p or q is all zeros, and where only one of them is 0 in some bin.
-- Example: select round(psi(p, q), 4) as nats from (values ('a', 50, 90), ('b', 50, 10)) as bins(bin, p, q)
create or replace temp macro psi(p, q, smoothing := null) as
    colprofile_psi(coalesce(list(struct_pack(p := colprofile_weight(p, 'p'), q := colprofile_weight(q, 'q'))), null), smoothing);

-- unseen_mass(p, q) -> DOUBLE, a fraction from 0 to 1
-- The share of p in bins where q is 0: fresh rows with values that were never seen before.
-- p, q: Counts or probabilities of the same bins, one row per bin; p the truth (fresh), q the model (stale). An error if negative, NaN or infinite.
-- NULL: A NULL count is 0. NULL where p is all zeros, 1 where only q is.
-- Example: select unseen_mass(p, q) as share from (values ('a', 6, 5), ('b', 3, 0), ('c', 1, null)) as bins(bin, p, q)
create or replace temp macro unseen_mass(p, q) as
    colprofile_unseen(coalesce(list(struct_pack(p := colprofile_weight(p, 'p'), q := colprofile_weight(q, 'q'))), null), 'p');

-- vanished_mass(p, q) -> DOUBLE, a fraction from 0 to 1
-- The share of q in bins where p is 0: stale rows with values that have disappeared.
-- p, q: Counts or probabilities of the same bins, one row per bin; p the truth (fresh), q the model (stale). An error if negative, NaN or infinite.
-- NULL: A NULL count is 0. NULL where q is all zeros, 1 where only p is.
-- Example: select vanished_mass(p, q) as share from (values ('a', 6, 3), ('b', 0, 1)) as bins(bin, p, q)
create or replace temp macro vanished_mass(p, q) as
    colprofile_unseen(coalesce(list(struct_pack(p := colprofile_weight(q, 'q'), q := colprofile_weight(p, 'p'))), null), 'q');
