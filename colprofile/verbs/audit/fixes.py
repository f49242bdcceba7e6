"""Fixes: for each finding the SQL that mends it, after the query that proves it safe, for DuckDB and PostgreSQL.

A check returns 0 where the change loses nothing; all are written so that both dialects read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from colprofile.results.audit import Finding, Fix
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.verbs.audit.audited_table import INTEGER_TYPES, Material, listed
from colprofile.verbs.audit.findings_pairs import is_null_alike, loses_nothing

DIALECTS = ("duckdb", "postgresql")

_POSTGRESQL_TYPES = {
    "double": "double precision",
    "float": "real",
    "tinyint": "smallint",
    "utinyint": "smallint",
    "usmallint": "integer",
    "uinteger": "bigint",
    "ubigint": "numeric(20)",
    "hugeint": "numeric(39)",
    "uhugeint": "numeric(39)",
    "varchar": "text",
    "blob": "bytea",
    "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp",
    "timestamp_ns": "timestamp",
}
_MOST_OF_ROWS = 0.5
"""A lookup table with more lines than this share of the rows is none that helps."""

_SAME_NAME = "two columns have the same name: SQL cannot tell them apart"

_TEXT_TYPES = frozenset({"varchar", "text"})


def is_untyped(name: str) -> bool:
    """Whether a type is that of NULL itself, which a table can have but none can declare."""
    return name.strip('"').upper() == "NULL"


def type_in(dialect: str, name: str) -> str:
    """Return a column type's name in a dialect.

    >>> type_in("postgresql", "DOUBLE"), type_in("duckdb", "BIGINT"), type_in("duckdb", '"NULL"')
    ('double precision', 'BIGINT', 'integer')
    """
    if is_untyped(name):
        return "integer"
    return _POSTGRESQL_TYPES.get(name.lower(), name) if dialect == "postgresql" else name


@dataclass(frozen=True)
class Change:
    """How one column goes and comes back.

    Attributes
    ----------
    finding
        The finding behind it.
    target
        The column.
    columns
        Those that it comes back from; none for a constant.
    values
        Dialect → SQL that gives its value from them; empty where it comes back by a lookup.
    is_generated
        Whether it stays as a generated column.
    """

    finding: Finding
    target: str
    columns: tuple[str, ...]
    values: dict[str, str]
    is_generated: bool = False

    def check(self, dialect: str, table: str) -> str:
        """Return the query that counts what would be lost."""
        y = quote_identifier(self.target)
        if self.values:
            return f"select count(*) from {table} where {y} is distinct from {self.values[dialect]}"
        keys = [quote_identifier(name) for name in self.columns]
        absent = " or ".join(f"{key} is null" for key in keys)
        filled = " and ".join(f"{key} is not null" for key in keys)
        return (
            f"select (select count(*) from (select {', '.join(keys)} from (select distinct {', '.join(keys)}, {y} "
            f"from {table} where {filled}) a group by {', '.join(keys)} having count(*) > 1) b) + "
            f"(select count(*) from {table} where ({absent}) and {y} is not null)"
        )


def change_of(material: Material, finding: Finding) -> Change | str:
    """Return how a finding's target goes and comes back, or why it should not."""
    numbers = {column.name: j for j, column in enumerate(material.columns)}
    if len(numbers) < len(material.columns):
        return _SAME_NAME
    if finding.kind in ("empty", "constant"):
        return _fixed_value(material, finding)
    if finding.kind == "key":
        return "a key stays"
    if finding.kind == "near":
        return "mend the rows that break it first: the query lists them"
    if finding.kind == "group":
        return "no column of it follows from the others"
    if finding.kind == "missingness" and (finding.expression is None or len(finding.targets) != 1):
        return "the rows hold nothing more to drop"
    if material.relation is None:
        return "made from a profile: whether every row, NULL included, agrees is not known"
    target = finding.targets[0]
    if finding.kind == "missingness":
        x = quote_identifier(finding.columns[0])
        verb = "is not null" if finding.expression and "is not null" in finding.expression else "is null"
        return Change(finding, target, finding.columns, dict.fromkeys(DIALECTS, f"({x} {verb})"), is_generated=True)
    if not loses_nothing(material, tuple(numbers[name] for name in finding.columns), numbers[target]):
        return f"{target} cannot be given back where one of its determinants, or itself, is NULL"
    if finding.kind == "duplicate":
        return _repeated(material, finding, numbers)
    expression = material.expressions.get((finding.columns, target))
    left = tuple(numbers[name] for name in finding.columns)
    if expression is not None and expression.sql and is_null_alike(material, left, numbers[target]):
        values = {
            dialect: f"cast({sql} as {type_in(dialect, material.columns[numbers[target]].type)})"
            for dialect, sql in expression.sql.items()
        }
        return Change(finding, target, finding.columns, values, is_generated=True)
    if material.relation.groups(left).size > _MOST_OF_ROWS * material.rows:
        if expression is not None:
            return "SQL might round otherwise" if not expression.sql else "it is NULL where the expression has a value"
        return f"a lookup table by {listed(finding.columns)} would have nearly as many rows as this one"
    return Change(finding, target, finding.columns, {})


def _fixed_value(material: Material, finding: Finding) -> Change | str:
    column = next(column for column in material.columns if column.name == finding.columns[0])
    if finding.kind == "constant" and column.nulls:
        return "it still tells which rows have it"
    if column.kind == "nested" and not is_untyped(column.type):
        return f"a constant of type {column.type[:40]} cannot be written in both dialects"
    literal = "null"
    if finding.kind == "constant":
        value = column.top_values[0].value
        literal = quote_literal(str(value).lower() if isinstance(value, bool) else str(value))
        if "\0" in literal or column.type.lower() in ("blob", "bytea"):
            return f"a constant of type {column.type[:40]} cannot be written in both dialects"
    values = {dialect: f"cast({literal} as {type_in(dialect, column.type)})" for dialect in DIALECTS}
    return Change(finding, column.name, (), values)


def _repeated(material: Material, finding: Finding, numbers: dict[str, int]) -> Change | str:
    """Return how a duplicate comes back: as it is, or by a cast that is known to give the same text or number."""
    x, target = finding.columns[0], finding.targets[0]
    x_type, y_type = (material.columns[numbers[name]].type for name in (x, target))
    column = quote_identifier(x)
    if x_type == y_type:
        return Change(finding, target, (x,), dict.fromkeys(DIALECTS, column))
    source = column
    if x_type.lower() == "boolean":  # PostgreSQL casts it to integer alone
        source = f"cast({column} as integer)"
    elif y_type.lower() == "boolean":
        source = f"({column} <> 0)"
    if _has_same_text(x_type, y_type):
        values = {dialect: f"cast({source} as {type_in(dialect, y_type)})" for dialect in DIALECTS}
        return Change(finding, target, (x,), values)
    return Change(finding, target, (x,), {})


def _has_same_text(x_type: str, y_type: str) -> bool:
    """Whether a cast gives a value that looks the same in both dialects."""
    first, second = (name.lower().split("(")[0] for name in (x_type, y_type))
    numbers = INTEGER_TYPES | {"double", "double precision", "decimal", "numeric"}
    if first in numbers and second in numbers:
        return True
    if first == "boolean" or second == "boolean":
        return first in INTEGER_TYPES or second in INTEGER_TYPES
    if second in _TEXT_TYPES:
        return first in INTEGER_TYPES | {"date"}
    return {first, second} <= {"date", "timestamp"}


def fix_of(change: Change, table: str, y_type: str) -> Fix:
    """Return a change as statements on the table itself."""
    y = quote_identifier(change.target)
    drop = f"alter table {table} drop column {y};"
    checks = {dialect: change.check(dialect, table) for dialect in DIALECTS}
    if not change.values:
        return _lookup_fix(change, table, checks, drop)
    if not change.is_generated:
        return Fix(f"drop {change.target}", checks, dict.fromkeys(DIALECTS, drop))
    changes = {
        "duckdb": f"{drop}\n-- DuckDB has generated columns in create table only, see the script:\n"
        f"-- {one_line(y)} {one_line(y_type)} generated always as ({one_line(change.values['duckdb'])})",
        "postgresql": f"{drop}\nalter table {table} add column {y} {type_in('postgresql', y_type)} "
        f"generated always as ({change.values['postgresql']}) stored;",
    }
    return Fix(f"make {change.target} a generated column", checks, changes)


def _lookup_fix(change: Change, table: str, checks: dict[str, str], drop: str) -> Fix:
    keys = ", ".join(quote_identifier(name) for name in change.columns)
    lookup = quote_identifier(lookup_name(change.columns, [change.target]))
    create = lookup_query(lookup, change.columns, [change.target], table)
    primary = f"alter table {lookup} add primary key ({keys});"
    foreign = f"alter table {table} add foreign key ({keys}) references {lookup} ({keys});"
    changes = {
        "duckdb": f"{create}\n{primary}\n{drop}\n-- DuckDB has foreign keys in create table only, see the script.",
        "postgresql": f"{create}\n{primary}\n{foreign}\n{drop}",
    }
    return Fix(f"move {change.target} into a lookup table by {listed(change.columns)}", checks, changes)


def lookup_query(lookup: str, columns: Sequence[str], targets: Sequence[str], table: str) -> str:
    """Return the statement that makes a lookup table."""
    names = ", ".join(quote_identifier(name) for name in [*columns, *targets])
    filled = " and ".join(f"{quote_identifier(name)} is not null" for name in columns)
    return f"create table {lookup} as select distinct {names} from {table} where {filled};"


def lookup_name(columns: Sequence[str], targets: Sequence[str]) -> str:
    """Return a lookup table's name, short enough for PostgreSQL.

    >>> lookup_name(["zip"], ["city"]), lookup_name(["origin", "dest"], ["distance", "zone"])
    ('city_of_zip', 'distance_and_more_of_origin_dest')
    """
    first = "".join(c if c.isprintable() else "_" for c in targets[0])
    left = "".join(c if c.isprintable() else "_" for c in "_".join(columns))
    more = "_and_more" if len(targets) > 1 else ""
    return f"{_cut(first, 14)}{more}_of_{_cut(left, 28)}"


def _cut(text: str, most: int) -> str:
    """Return text cut to so many bytes of UTF-8, at a character."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def key_fix(names: tuple[str, ...], table: str) -> Fix:
    """Return the primary key of a key finding."""
    keys = ", ".join(quote_identifier(name) for name in names)
    absent = " or ".join(f"{quote_identifier(name)} is null" for name in names)
    check = (
        f"select (select count(*) from (select {keys} from {table} group by {keys} having count(*) > 1) a) + "
        f"(select count(*) from {table} where {absent})"
    )
    change = f"alter table {table} add primary key ({keys});"
    return Fix(f"make {listed(names)} the primary key", dict.fromkeys(DIALECTS, check), dict.fromkeys(DIALECTS, change))


def _empty_fix(name: str, table: str) -> Fix:
    """Return how an empty column goes whose type has no literal in both dialects, so that no script restores it."""
    column = quote_identifier(name)
    check = f"select count(*) from {table} where {column} is not null"
    drop = f"alter table {table} drop column {column};"
    return Fix(f"drop {name}", dict.fromkeys(DIALECTS, check), dict.fromkeys(DIALECTS, drop))


def one_line(text: str) -> str:
    r"""Return text that cannot leave a comment.

    >>> one_line("a\nb")
    'a b'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def mended(material: Material, finding: Finding, change: Change | str, table: str) -> Finding:
    """Return the finding with its fix, or with the reason why it has none."""
    if finding.kind == "key":
        return replace(finding, fix=key_fix(finding.columns, table))
    if isinstance(change, str) and finding.kind == "empty" and change != _SAME_NAME:
        return replace(finding, fix=_empty_fix(finding.columns[0], table))
    if isinstance(change, str):
        return replace(finding, undefined={**finding.undefined, "fix": change})
    y_type = next(column.type for column in material.columns if column.name == change.target)
    return replace(finding, fix=fix_of(change, table, y_type))
