"""Fixes: for each finding the SQL that applies it, after the query that proves it safe, for DuckDB and PostgreSQL.

A check returns 0 where the change loses nothing; all are written so that both dialects read them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from colprofile.errors import one_line
from colprofile.results.audit import Finding, Fix
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.changes import SAME_NAME, Change, all_filled, any_null, name_columns, refused_key
from colprofile.verbs.audit.statements import name_list
from colprofile.verbs.sql_types import DIALECTS, type_in


def fix_of(change: Change, audited: AuditedTable, y_type: str) -> Fix:
    """Return a change as statements on the table itself."""
    table, y = audited.table, quote_identifier(change.target)
    drop = f"alter table {table} drop column {y};"
    checks = {dialect: change.check(dialect, table) for dialect in DIALECTS}
    if not change.values:
        return _lookup_fix(change.columns, [change.target], audited, checks, drop)
    if not change.is_generated:
        return Fix(f"drop {change.target}", checks, dict.fromkeys(DIALECTS, drop))
    changes = {
        "duckdb": f"{drop}\n-- DuckDB allows generated columns only in create table, see the script:\n"
        f"-- {one_line(y)} {one_line(y_type)} generated always as ({one_line(change.values['duckdb'])})",
        "postgresql": f"{drop}\nalter table {table} add column {y} {type_in('postgresql', y_type)} "
        f"generated always as ({change.values['postgresql']}) stored;",
    }
    return Fix(f"make {change.target} a generated column", checks, changes)


def fix_of_several(changes: Sequence[Change], audited: AuditedTable, types: Mapping[str, str]) -> Fix:
    """Return changes that restore different columns from the same ones as one fix; ``types`` are of their targets."""
    table = audited.table
    fixes = [fix_of(change, audited, types[change.target]) for change in changes if change.values]
    by_lookup = [change for change in changes if not change.values]
    if by_lookup:
        checks = {d: " + ".join(f"({change.check(d, table)})" for change in by_lookup) for d in DIALECTS}
        checks = {dialect: f"select {check}" for dialect, check in checks.items()}
        targets = [change.target for change in by_lookup]
        drops = "\n".join(f"alter table {table} drop column {quote_identifier(target)};" for target in targets)
        fixes.append(_lookup_fix(by_lookup[0].columns, targets, audited, checks, drops))
    generated = [change.target for change in changes if change.is_generated]
    actions = [f"make {name_list(generated)} generated columns"] if len(generated) > 1 else []
    actions += [fix.action for fix in fixes if not (actions and fix.action.startswith("make "))]
    return Fix(
        " and ".join(actions),
        {d: "select " + " + ".join(f"({fix.checks[d]})" for fix in fixes) for d in DIALECTS},
        {d: "\n".join(fix.changes[d] for fix in fixes) for d in DIALECTS},
    )


def _lookup_fix(
    columns: tuple[str, ...], targets: Sequence[str], audited: AuditedTable, checks: dict[str, str], drop: str
) -> Fix:
    keys = name_columns(columns)
    table, lookup = audited.table, audited.made(lookup_name(columns, targets))
    create = lookup_query(lookup, columns, targets, table)
    primary = f"alter table {lookup} add primary key ({keys});"
    foreign = f"alter table {table} add foreign key ({keys}) references {lookup} ({keys});"
    changes = {
        "duckdb": f"{create}\n{primary}\n{drop}\n-- DuckDB allows foreign keys only in create table, see the script.",
        "postgresql": f"{create}\n{primary}\n{foreign}\n{drop}",
    }
    return Fix(f"move {name_list(targets)} into a lookup table by {name_list(columns)}", checks, changes)


def lookup_query(lookup: str, columns: tuple[str, ...], targets: Sequence[str], table: str) -> str:
    """Return the statement that makes a lookup table."""
    names = name_columns([*columns, *targets])
    return f"create table {lookup} as select distinct {names} from {table} where {all_filled(columns)};"


def lookup_name(columns: Sequence[str], targets: Sequence[str]) -> str:
    """Return a lookup table's name, short enough for PostgreSQL.

    >>> lookup_name(["zip"], ["city"]), lookup_name(["origin", "dest"], ["distance", "zone"])
    ('city_of_zip', 'distance_and_more_of_origin_dest')
    """
    more = "_and_more" if len(targets) > 1 else ""
    return f"{cut(targets[0], 14)}{more}_of_{cut('_'.join(columns), 28)}"


def cut(name: str, most: int) -> str:
    """Return a name made printable and cut to so many bytes of UTF-8, at a character."""
    text = "".join(c if c.isprintable() else "_" for c in name)
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def key_fix(names: tuple[str, ...], table: str) -> Fix:
    """Return the primary key of a key finding."""
    keys = name_columns(names)
    check = (
        f"select (select count(*) from (select {keys} from {table} group by {keys} having count(*) > 1) a) + "
        f"(select count(*) from {table} where {any_null(names)})"
    )
    change = f"alter table {table} add primary key ({keys});"
    return _same_fix(f"make {name_list(names)} the primary key", check, change)


def unique_fix(names: tuple[str, ...], audited: AuditedTable, *, has_null: bool = False) -> Fix:
    """Return the unique index of a further key, or of one that holds a NULL.

    DuckDB takes NULLs as different in an index; PostgreSQL as equal, from version 15, where it is told to.
    """
    primary, keys = key_fix(names, audited.table), name_columns(names)
    index = quote_identifier(f"{cut(audited.table_name, 24)}_{cut('_'.join(names), 24)}_unique")
    create = f"create unique index {index} on {audited.table} ({keys})"
    changes = {"duckdb": f"{create};", "postgresql": f"{create}{' nulls not distinct' if has_null else ''};"}
    checks = primary.checks
    if has_null:
        repeated = f"select {keys} from {audited.table} group by {keys} having count(*) > 1"
        checks = dict.fromkeys(DIALECTS, f"select count(*) from ({repeated}) a")
    return replace(primary, action=f"make {name_list(names)} unique", checks=checks, changes=changes)


def _same_fix(action: str, check: str, change: str) -> Fix:
    """Return a fix whose SQL is the same in every dialect."""
    return Fix(action, dict.fromkeys(DIALECTS, check), dict.fromkeys(DIALECTS, change))


def with_fix(audited: AuditedTable, finding: Finding, change: Change | str) -> Finding:
    """Return the finding with its fix, or with the reason why it has none."""
    types = {column.name: column.type for column in audited.columns}
    if finding.kind == "key":
        return _with_key(audited, finding, types)
    obstacle = obstacle_to_drop(audited, finding.targets or finding.columns[:1])
    if isinstance(change, Change) and change.is_generated and change.target in audited.standing.generated:
        obstacle = "it is a generated column already"
    if obstacle and (isinstance(change, Change) or finding.kind == "empty"):
        return replace(finding, undefined={**finding.undefined, "fix": obstacle})
    if isinstance(change, Change):
        refusals = {dialect: change.refusal(dialect, types) for dialect in DIALECTS}
        return offered(finding, fix_of(change, audited, types[change.target]), refusals)
    if (
        finding.kind == "empty" and change != SAME_NAME
    ):  # no script restores it: its type has no literal in both dialects
        column = quote_identifier(finding.columns[0])
        check = f"select count(*) from {audited.table} where {column} is not null"
        drop = f"alter table {audited.table} drop column {column};"
        return replace(finding, fix=_same_fix(f"drop {finding.columns[0]}", check, drop))
    return replace(finding, undefined={**finding.undefined, "fix": change})


def obstacle_to_drop(audited: AuditedTable, names: Sequence[str]) -> str:
    """Return why columns of the table cannot be dropped or changed, "" where they can."""
    standing = audited.standing
    if standing.kind == "view":
        return f"{audited.table_name} is a view: change the tables behind it"
    return standing.fixed or next((standing.held[name] for name in names if name in standing.held), "")


def offered(finding: Finding, fix: Fix, refusals: Mapping[str, str]) -> Finding:
    """Return the finding with the fix for those dialects that do not refuse it, or with the reason."""
    accepted = [dialect for dialect, refusal in refusals.items() if not refusal]
    if not accepted:
        return replace(finding, undefined={**finding.undefined, "fix": next(iter(refusals.values()))})
    checks, changes = ({d: sql[d] for d in accepted} for sql in (fix.checks, fix.changes))
    return replace(finding, fix=replace(fix, checks=checks, changes=changes))


def _with_key(audited: AuditedTable, finding: Finding, types: Mapping[str, str]) -> Finding:
    """Return a key with its fix: the primary key, or a unique index beside another one, or where it holds a NULL."""
    names, standing = finding.columns, audited.standing
    if standing.kind == "view":
        return replace(finding, undefined={"fix": obstacle_to_drop(audited, names)})
    if set(standing.primary_key) == set(names):
        return replace(finding, undefined={"fix": "it is the primary key already"})
    refusals = {dialect: refused_key(dialect, [types[name] for name in names]) for dialect in DIALECTS}
    has_null = any(audited.columns[audited.numbers[name]].nulls for name in names)
    is_primary = names == audited.primary_key and not standing.primary_key and not standing.fixed
    fix = key_fix(names, audited.table) if is_primary else unique_fix(names, audited, has_null=has_null)
    return offered(finding, fix, refusals)
