-- One row for each relation called :name, in :schema or, where that is null, on the search path: what kind it is, what
-- ANALYZE last saved of its size, and what has happened since.
select
    c.oid::bigint as oid,
    n.nspname as schema,
    c.relname as name,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) as quoted,
    quote_ident(n.nspname) as quoted_schema,
    c.relkind::text as kind,
    (c.relkind = 'p' or c.relhassubclass) as has_children,
    nullif(c.reltuples, -1)::float8 as saved_rows,
    greatest(s.last_analyze, s.last_autoanalyze)::text as last_analyzed,
    s.n_mod_since_analyze as modified_rows,
    pg_has_role(c.relowner, 'usage') as is_owned,
    row_security_active(c.oid) as is_row_secured,
    current_setting('server_version') as server_version
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
left join pg_stat_all_tables as s on s.relid = c.oid
where c.relname = :name
  and c.relkind in ('r', 'p', 'm', 'f', 'v', 'S', 'i', 'I', 'c')
  and case when cast(:schema as text) is null then pg_table_is_visible(c.oid) else n.nspname = :schema end
