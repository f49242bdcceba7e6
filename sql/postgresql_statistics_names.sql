-- The names of all extended statistics in the schema :schema, which a new one must not have.
select e.stxname as name
from pg_statistic_ext as e
join pg_namespace as n on n.oid = e.stxnamespace
where n.nspname = :schema
