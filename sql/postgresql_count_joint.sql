-- Combinations of several columns' values, drawn by their rows: rows without NULL, different combinations, rows whose first
-- (second) column determines the other; then of each drawn combination its weight, its rows, its rank by rows, every
-- value's rows in the whole table and its place among the saved ones (0: none), and its literals and texts if asked for.
with joined as materialized (
    select {named}, count(*) as rows from {table} where {filled} group by {grouping}
), ranked as (
    select
        *, row_number() over w as rank, sum(rows) over w as upto,
        sum(rows) over () as total, count(*) over () as different
    from joined
    window w as (order by rows desc, {order} rows unbounded preceding)
), weighed as (
    select
        *,
        case when different <= %(draws)s then rows
            else (upto * %(draws)s / total + 0.5)::bigint - ((upto - rows) * %(draws)s / total + 0.5)::bigint
        end as weight
    from ranked
), drawn as materialized (
    select * from weighed where weight > 0
), facts as materialized (
    select {forward} as forward, {backward} as backward
){sides}
select
    d.total::bigint, d.different, (select forward from facts), (select backward from facts),
    d.weight::bigint, d.rows, d.rank, {marginals}, {saved}{extra}
from drawn as d
{joins}
order by d.rank
