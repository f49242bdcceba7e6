-- What holds the columns of a table: one row for each column and each key, constraint, index, generated column or view
-- that it is part of, and one without a reason for each generated column. What the session cannot see is left out.
with relation as (
    select c.oid
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname = :table
        and case
            when cast(:schema as text) is null then pg_catalog.pg_table_is_visible(c.oid)
            else n.nspname = :schema
        end
)
select
    a.attname::text as column_name,
    case k.contype when 'p' then 'primary key' when 'f' then 'foreign key' when 'u' then 'unique constraint' else 'constraint' end as kind,
    k.conname::text as object_name
from relation r
join pg_catalog.pg_constraint k on k.conrelid = r.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum = any (k.conkey)
union all
select a.attname::text, 'foreign key', k.conname::text
from relation r
join pg_catalog.pg_constraint k on k.confrelid = r.oid and k.contype = 'f'
join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum = any (k.confkey)
union all
select a.attname::text, 'index', i.indexrelid::regclass::text
from relation r
join pg_catalog.pg_index i on i.indrelid = r.oid
join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = r.oid and d.refobjsubid > 0
join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum = d.refobjsubid
where not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid)
union all
select a.attname::text, 'view', v.ev_class::regclass::text
from relation r
join pg_catalog.pg_depend d on d.refobjid = r.oid and d.refobjsubid > 0 and d.classid = 'pg_catalog.pg_rewrite'::regclass
join pg_catalog.pg_rewrite v on v.oid = d.objid and v.ev_class <> r.oid
join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum = d.refobjsubid
union all
select a.attname::text, 'generated column', g.attname::text
from relation r
join pg_catalog.pg_attrdef e on e.adrelid = r.oid
join pg_catalog.pg_attribute g on g.attrelid = r.oid and g.attnum = e.adnum and g.attgenerated <> ''
join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_attrdef'::regclass and d.objid = e.oid and d.refobjid = r.oid and d.refobjsubid <> e.adnum
join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum = d.refobjsubid
union all
select a.attname::text, 'generated', a.attname::text
from relation r
join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attgenerated <> ''
