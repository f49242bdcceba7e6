-- One row for each extended statistics object of the relation :oid: its columns, its kinds, and what ANALYZE has filled in
-- (null where it has not, or where the user may not see it). Objects over expressions say so.
select
    e.stxname as name,
    quote_ident(sn.nspname) || '.' || quote_ident(e.stxname) as quoted,
    array(
        select a.attname::text from unnest(e.stxkeys::int2[]) with ordinality as k (number, place)
        join pg_attribute as a on a.attrelid = e.stxrelid and a.attnum = k.number
        order by k.place
    ) as columns,
    e.stxkind::text[] as kinds,
    e.stxexprs is not null as has_expressions,
    nullif(e.stxstattarget::int, -1) as target,
    p.n_distinct::text as distinct_saved,
    p.dependencies::text as dependencies,
    p.most_common_vals as values,
    p.most_common_val_nulls as value_nulls,
    p.most_common_freqs as frequencies,
    p.most_common_base_freqs as base_frequencies
from pg_statistic_ext as e
join pg_namespace as sn on sn.oid = e.stxnamespace
left join pg_stats_ext as p
    on p.statistics_schemaname = sn.nspname and p.statistics_name = e.stxname and p.inherited = :inherited
where e.stxrelid = :oid
order by sn.nspname, e.stxname
