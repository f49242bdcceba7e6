-- The tables of a schema, or without one those on the search path, that the planner keeps statistics of. A name is
-- quoted where it must be, and has its schema where it is not visible.
select c.oid::regclass::text as quoted
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'f')
  and case
    when cast(:schema as text) is not null then n.nspname = cast(:schema as text)
    else pg_table_is_visible(c.oid) and n.nspname not in ('pg_catalog', 'information_schema')
      and n.nspname not like 'pg\_temp%' and n.nspname not like 'pg\_toast%'
  end
order by c.relname, n.nspname
