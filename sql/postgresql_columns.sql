-- One row per column of the relation :oid, in the table's order: its type, what limits its statistics, and its row of
-- pg_stats (:inherited says whether that of the table with its children). Saved values come as the text of each value.
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
    a.attgenerated = 'v' as is_generated,
    coalesce(nullif(a.attstattarget::int, -1), current_setting('default_statistics_target')::int) as target,
    exists (
        select from pg_index as i
        where i.indrelid = a.attrelid and i.indisunique and i.indisvalid and i.indnkeyatts = 1
          and i.indkey[0] = a.attnum and i.indpred is null
    ) as is_unique,
    s.attname is not null as is_analyzed,
    coalesce(s.null_frac, 0)::float8 as null_share,
    coalesce(s.n_distinct, 0)::float8 as "distinct",
    coalesce(s.most_common_vals::text::text[], '{}') as values,
    coalesce(s.most_common_freqs, '{}')::float8[] as frequencies,
    coalesce(s.histogram_bounds::text::text[], '{}') as bounds,
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
