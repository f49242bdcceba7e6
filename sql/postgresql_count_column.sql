-- Counts of one column and of its saved values: a GROUP BY, of which only sums, the saved values' counts, the worst
-- values and the drawn predicates come back. Rows (part, key, amount, many, value):
--   saved   place of a saved value | its rows | how many bounds <= it
--   other   a count of rows        | how many values that are not saved have it
--   bin     bounds <= the value    | rows of values that are not saved | all rows
--   worst   0                      | rows                              | 0 | a value that is not saved, most rows first
--   drawn   place of a saved value | rows                              | weight | SQL literal of a value drawn by its rows
with counted as materialized (
    select {column} as value, count(*) as rows from {table} where {column} is not null group by {column}
), saved as (
    select {item} as value, place from unnest(cast(%(values)s as text[])) with ordinality as u (item, place)
), joined as materialized (
    select
        c.value, c.rows, s.place, {bin} as bin,
        sum(c.rows) over (order by c.rows desc, c.value) as upto, sum(c.rows) over () as total, count(*) over () as different
    from counted as c left join saved as s on s.value = c.value
), drawn as (
    select
        value, rows, place,
        case when different <= %(draws)s then rows
            else (upto * %(draws)s / total + 0.5)::bigint - ((upto - rows) * %(draws)s / total + 0.5)::bigint
        end as weight
    from joined where %(draws)s > 0
)
select 'saved' as part, c.place as key, coalesce(j.rows, 0) as amount, coalesce({bin}, 0)::bigint as many, null::text as value
from saved as c left join joined as j on j.place = c.place
union all
select 'other', rows, count(*), 0, null from joined where place is null group by rows
union all
select 'bin', bin, coalesce(sum(rows) filter (where place is null), 0)::bigint, sum(rows)::bigint, null from joined
where bin is not null group by bin
union all
(select 'worst', 0, rows, 0, left(format('%%s', value), 200) from joined where place is null order by rows desc, value limit 5)
union all
select 'drawn', coalesce(place, 0), rows, weight::bigint, format('%%L', value) from drawn where weight > 0
