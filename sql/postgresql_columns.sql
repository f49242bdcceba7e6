-- One row a column of the relation :oid, in the table's order: its type, what limits its statistics, and its row of
-- pg_stats (:inherited tells whether that of the table with its children). Saved values come as the text of each value.
select
    a.attnum::int as number,
    a.attname as name,
    quote_ident(a.attname) as quoted,
    format_type(a.atttypid, a.atttypmod) as type,
    coalesce(b.typcategory, t.typcategory)::text as category,
    coalesce(b.typname, t.typname) as base_type,
    case when a.attcollation <> 0 and a.attcollation <> t.typcollation
        then (select quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
              from pg_collation as co join pg_namespace as cn on cn.oid = co.collnamespace
              where co.oid = a.attcollation)
    end as collation,
    has_column_privilege(a.attrelid, a.attnum, 'select') as is_readable,
    a.attgenerated::text as generated,
    coalesce(nullif(a.attstattarget::int, -1), current_setting('default_statistics_target')::int) as target,
    (select option_value from pg_options_to_table(a.attoptions)
     where option_name = case when :inherited then 'n_distinct_inherited' else 'n_distinct' end) as distinct_override,
    exists (
        select from pg_index as i
        where i.indrelid = a.attrelid and i.indisunique and i.indisvalid and i.indnkeyatts = 1
          and i.indkey[0] = a.attnum and i.indpred is null
    ) as is_unique,
    s.attname is not null as is_analyzed,
    s.null_frac::float8 as null_share,
    s.n_distinct::float8 as distinct_saved,
    s.most_common_vals::text::text[] as values,
    s.most_common_freqs::float8[] as frequencies,
    s.histogram_bounds::text::text[] as bounds,
    s.correlation::float8 as correlation
from pg_attribute as a
join pg_class as c on c.oid = a.attrelid
join pg_namespace as n on n.oid = c.relnamespace
join pg_type as t on t.oid = a.atttypid
left join pg_type as b on b.oid = nullif(t.typbasetype, 0)
left join pg_stats as s
    on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname and s.inherited = :inherited
where a.attrelid = :oid and a.attnum > 0 and not a.attisdropped
order by a.attnum
