-- The tables that a user could have meant, as schema and name: for "Did you mean …?".
select n.nspname as schema, c.relname as name, pg_table_is_visible(c.oid) as is_visible
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'f')
  and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname not like 'pg\_toast%'
order by 1, 2
limit 2000
