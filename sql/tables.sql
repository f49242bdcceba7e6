-- Whole tables: table macros, used after FROM. A table is named by a string, with quotes inside where SQL needs them.

-- column_entropies(table) -> TABLE, one row per column
-- The information in each column: column_name, column_type, row_count, nulls, distinct_values, entropy (bits per row that is not NULL), max_entropy (log2 of distinct_values), efficiency (entropy / max_entropy), perplexity (2^entropy).
-- table: The name of a table or view, as a string: 'flights', 'main.flights', '"a table"'.
-- NULL: NULL values count only in row_count and nulls. entropy is NULL for a column without values, efficiency for one with fewer than two.
-- Example: with t as (select * from (values (1, 'a'), (2, 'a'), (3, null)) as v(id, kind)) select column_name, row_count, nulls, distinct_values, round(entropy, 4) as entropy from column_entropies('t')
create or replace temp macro column_entropies("table") as table
    select
        column_name,
        if(measured.column_type = '"NULL"', 'NULL', measured.column_type) as column_type,
        measured.row_count as row_count,
        measured.row_count - measured.present as nulls,
        measured.distinct_values as distinct_values,
        case when measured.present > 0 then measured.entropy end as entropy,
        case when measured.present > 0 then log2(measured.distinct_values) end as max_entropy,
        case
            when measured.distinct_values > 1
            then least(measured.entropy / log2(measured.distinct_values), 1)
        end as efficiency,
        case when measured.present > 0 then pow(2, measured.entropy) end as perplexity
    from (
        unpivot (
            select struct_pack(
                column_type := typeof(any_value(columns(*))),
                row_count := count(*),
                present := count(columns(*)),
                distinct_values := count(distinct columns(*)),
                entropy := entropy(equality_key(columns(*)))
            )
            from query_table("table")
        )
        on columns(*) into name column_name value measured
    );

-- colprofile_columns
-- Each column of a table in its order, with its type, its rows and those that are not NULL.
create or replace temp macro colprofile_columns("table") as table
    select row_number() over () as place, column_name, measured
    from (
        unpivot (
            select struct_pack(
                type := typeof(any_value(columns(*))), present := count(columns(*)), row_count := count(*)
            )
            from query_table("table")
        )
        on columns(*) into name column_name value measured
    );

-- colprofile_values
-- Each value of each column of a table, as the text of what it is compared by, with its rows.
create or replace temp macro colprofile_values("table") as table
    select column_name, shown, count(*) as c
    from (
        unpivot (select colprofile_text(columns(*)) from query_table("table"))
        on columns(*) into name column_name value shown
    )
    group by column_name, shown;

-- colprofile_equality
-- How values of a type are compared with those of another: as exact numbers, floats, doubles, moments, moments in a time zone; of any other type by their text.
create or replace temp macro colprofile_equality(type) as
    case
        when starts_with(type, 'DECIMAL') or type in (
            'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'BIGNUM',
            'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'
        ) then 'exact'
        when type in ('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ_NS') then 'zoned'
        when type = 'DATE' or starts_with(type, 'TIMESTAMP') then 'moment'
        when starts_with(type, 'TIME') then if(type = 'TIME WITH TIME ZONE', 'zoned time', 'time')
        else lower(type)
    end;

-- colprofile_equal_text
-- A value's text, the same for all values that DuckDB's = says are equal, where its column and the other are compared as one and other.
create or replace temp macro colprofile_equal_text(shown, one, other) as
    coalesce(
        case
            when one = 'exact' and other = 'exact' then if(contains(shown, '.'), rtrim(rtrim(shown, '0'), '.'), shown)
            when one in ('exact', 'float') and other in ('exact', 'float')
            then (try_cast(shown as float) + 0::float)::varchar
            when one in ('exact', 'float', 'double') and other in ('exact', 'float', 'double')
            then if(
                one = 'float', (try_cast(shown as float)::double + 0)::varchar, (try_cast(shown as double) + 0)::varchar
            )
            when one = 'moment' and other = 'moment' then regexp_replace(shown, ' 00:00:00$', '')
            when one in ('moment', 'zoned') and other in ('moment', 'zoned')
            then try_cast(shown as timestamptz)::varchar
            when one in ('time', 'zoned time') and other in ('time', 'zoned time') and one <> other
            then try_cast(shown as timetz)::varchar
            when one = 'varchar' and other = 'uuid' then try_cast(shown as uuid)::varchar
        end,
        shown
    );

-- column_drift(stale_table, fresh_table, [smoothing := NULL]) -> TABLE, one row per column
-- How far each column of the fresh table has drifted from the stale one, both counted value by value: column_name, stale_values and fresh_values (rows that are not NULL), stale_null_share, fresh_null_share, kl_divergence (fresh ‖ stale, bits), kl_reverse (stale ‖ fresh, bits), js_divergence (bits), psi (nats), unseen_mass, vanished_mass. Columns are matched by name without regard to case, values as DuckDB's = compares them: numbers of all types, dates and timestamps, enumerations and text, with the collation of each side; values of other types by what they are compared by within their table, which does not tell a union's members of one type apart.
-- stale_table, fresh_table: Names of tables or views, as strings.
-- smoothing: Rows added to every value's count in the model, for psi in both; 0.5 is Jeffreys' prior.
-- NULL: NULL values count only in the null shares. For a column that only one table has, everything about the other is NULL. KL and PSI are NULL where they are infinite, which smoothing avoids.
-- Example: with stale as (select unnest(['a', 'a', 'b', 'b']) as x), fresh as (select unnest(['a', 'b', 'b', 'b']) as x) select column_name, round(kl_divergence, 4) as kl, round(js_divergence, 4) as js, unseen_mass from column_drift('stale', 'fresh')
create or replace temp macro column_drift(stale_table, fresh_table, smoothing := null) as table
    with stale_columns as (select * from colprofile_columns(stale_table)),
    fresh_columns as (select * from colprofile_columns(fresh_table)),
    shared as (
        select
            lower(fresh.column_name) as folded,
            colprofile_equality(fresh.measured.type) as of_fresh,
            colprofile_equality(stale.measured.type) as of_stale
        from fresh_columns as fresh
        join stale_columns as stale on lower(fresh.column_name) = lower(stale.column_name)
    ),
    counted as (
        select folded, shown, sum(p) as p, sum(q) as q
        from (
            select folded, colprofile_equal_text(shown, of_fresh, of_stale) as shown, c as p, 0 as q
            from colprofile_values(fresh_table) join shared on lower(column_name) = folded
            union all
            select folded, colprofile_equal_text(shown, of_stale, of_fresh), 0, c
            from colprofile_values(stale_table) join shared on lower(column_name) = folded
        )
        group by folded, shown
    ),
    compared as (
        select
            folded,
            kl_divergence(p, q, smoothing := smoothing) as kl_divergence,
            kl_divergence(q, p, smoothing := smoothing) as kl_reverse,
            js_divergence(p, q) as js_divergence,
            psi(p, q, smoothing := smoothing) as psi,
            unseen_mass(p, q) as unseen_mass,
            vanished_mass(p, q) as vanished_mass
        from counted
        group by folded
    )
    select
        coalesce(fresh.column_name, stale.column_name) as column_name,
        stale.measured.present as stale_values,
        fresh.measured.present as fresh_values,
        1 - stale.measured.present / nullif(stale.measured.row_count, 0)::double as stale_null_share,
        1 - fresh.measured.present / nullif(fresh.measured.row_count, 0)::double as fresh_null_share,
        compared.* exclude (folded)
    from fresh_columns as fresh
    full join stale_columns as stale on lower(fresh.column_name) = lower(stale.column_name)
    left join compared
        on compared.folded = lower(fresh.column_name) and compared.folded = lower(stale.column_name)
    order by fresh.place nulls last, stale.place;

-- pair_measures(table, x, y) -> TABLE, one row
-- All measures of one pair of columns from a single GROUP BY, which is faster than mutual_information(x, y) if there are few values: row_count, distinct_x, distinct_y, distinct_pairs, entropy_x, entropy_y, joint_entropy, mutual_information, entropy_x_given_y, entropy_y_given_x, variation_of_information (all bits), planner_factor (2^mutual_information), g3_x_to_y, g3_y_to_x (the share of rows to remove for an exact dependency).
-- table: The name of a table or view, as a string.
-- x, y: Two of its columns, by name.
-- NULL: Rows where either is NULL are left out. Where no row is left, row_count is 0 and everything else NULL.
-- Example: with t as (select * from (values (1, 'a'), (2, 'a'), (3, 'b'), (3, 'b')) as v(zip, city)) select mutual_information, entropy_y_given_x, entropy_x_given_y, g3_y_to_x from pair_measures('t', zip, city)
create or replace temp macro pair_measures("table", x, y) as table
    with cells as materialized (
        select x as x_, y as y_, count(*) as c from query_table("table")
        where x is not null and y is not null and colprofile_are_columns(x, y)
        group by all
    ),
    by_x as (select sum(c) as c, max(c) as best from cells group by x_),
    by_y as (select sum(c) as c, max(c) as best from cells group by y_),
    alone_x as (
        select count(*) as k, sum(c) as n, sum(best) as best, log2(sum(c)) - sum(c * log2(c)) / sum(c) as bits from by_x
    ),
    alone_y as (
        select count(*) as k, sum(best) as best, log2(sum(c)) - sum(c * log2(c)) / sum(c) as bits from by_y
    ),
    joint as (
        select count(*) as k, log2(sum(c)) - sum(c * log2(c)) / sum(c) as bits from cells
    ),
    figures as (
        select
            coalesce(alone_x.n, 0)::bigint as n,
            alone_x.k as kx,
            alone_y.k as ky,
            joint.k as kxy,
            alone_x.best as best_x,
            alone_y.best as best_y,
            case when alone_x.k = 1 then 0 else alone_x.bits end as hx,
            case when alone_y.k = 1 then 0 else alone_y.bits end as hy,
            -- As many pairs as values of x: y is a function of x, and the joint entropy is x's to the last digit.
            case when joint.k = alone_x.k then hx when joint.k = alone_y.k then hy else joint.bits end as hxy
        from alone_x, alone_y, joint
    )
    select
        n as row_count,
        case when n > 0 then kx end as distinct_x,
        case when n > 0 then ky end as distinct_y,
        case when n > 0 then kxy end as distinct_pairs,
        hx as entropy_x,
        hy as entropy_y,
        hxy as joint_entropy,
        colprofile_shared(hx, hy, hxy, n) as mutual_information,
        colprofile_left(hxy, hy, n) as entropy_x_given_y,
        colprofile_left(hxy, hx, n) as entropy_y_given_x,
        colprofile_left(hxy, hy, n) + colprofile_left(hxy, hx, n) as variation_of_information,
        pow(2, colprofile_shared(hx, hy, hxy, n)) as planner_factor,
        1 - best_x / n::double as g3_x_to_y,
        1 - best_y / n::double as g3_y_to_x
    from figures;
