-- The relation :oid, all that inherits from it, and their indexes: everything whose size ANALYZE writes down.
with recursive tree as (
    select cast(:oid as oid) as oid
    union
    select i.inhrelid from tree join pg_inherits as i on i.inhparent = tree.oid
)
select
    c.oid::bigint as oid,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) as quoted,
    c.relkind::text as kind,
    quote_ident(pg_get_userbyid(c.relowner)) as owner
from (select oid from tree union all select x.indexrelid from tree join pg_index as x on x.indrelid = tree.oid) as r
join pg_class as c on c.oid = r.oid
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'i')
order by c.oid
