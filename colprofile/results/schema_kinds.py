"""The kinds of findings between tables: what each is called on the command line, what it is, and which there are."""

from __future__ import annotations

from collections.abc import Callable

from colprofile.errors import ArgumentError, did_you_mean, shorten
from colprofile.results.quality import SEVERITIES, Severity
from colprofile.results.schema import ForeignKey, Schema

RELATION_KINDS = {
    "equal-tables": "equal",
    "contained-table": "contained",
    "partitioned-tables": "partitions",
    "lookup-table": "lookup",
    "one-to-one-tables": "one-to-one",
}

SCHEMA_KINDS: dict[str, str] = {
    "key-violated": "a declared key that rows break",
    "foreign-key-violated": "a declared foreign key that rows break",
    "orphans": "a foreign key, declared or found, with rows that refer to nothing",
    "foreign-key-missing": "a foreign key that rows keep and the database does not declare",
    "foreign-key-unindexed": "PostgreSQL and MySQL: a foreign key whose columns no index begins with",
    "copied-column": "a column that repeats one of the table that a foreign key leads to",
    "determined-column": "a column that a foreign key determines",
    "equal-tables": "tables with the same rows",
    "contained-table": "a table whose rows are all in another",
    "partitioned-tables": "tables of one shape that are parts of one, such as years",
    "lookup-table": "a table that holds nothing that those that refer to it do not hold",
    "one-to-one-tables": "tables with the same key, row by row",
    "mixed-types": "columns of one domain with different types",
}
"""What each kind of finding between tables is."""


SCHEMA_SEVERITIES: dict[str, Severity] = {
    "key-violated": "high",
    "foreign-key-violated": "high",
    "orphans": "medium",
    "foreign-key-missing": "medium",
    "foreign-key-unindexed": "low",
    "copied-column": "medium",
    "determined-column": "low",
    "equal-tables": "medium",
    "contained-table": "medium",
    "partitioned-tables": "low",
    "lookup-table": "low",
    "one-to-one-tables": "low",
    "mixed-types": "medium",
}
"""How severe each kind of finding between tables is, in reports and on the command line."""


def severe_kinds(severity: str) -> tuple[str, ...]:
    """Return the kinds of findings between tables that are at least so severe.

    >>> severe_kinds("high")
    ('key-violated', 'foreign-key-violated')
    """
    allowed = SEVERITIES[: SEVERITIES.index(severity) + 1]
    return tuple(kind for kind, own in SCHEMA_SEVERITIES.items() if own in allowed)


def checked_schema_kinds(given: tuple[str, ...]) -> tuple[str, ...]:
    """Return kinds of findings between tables; ArgumentError for anything else."""
    for name in given:
        if name not in SCHEMA_KINDS:
            hint = did_you_mean(name, SCHEMA_KINDS)
            raise ArgumentError(f"{shorten(name)!r} is not a kind of finding between tables. {hint}")
    return given


def statements_of(schema: Schema, kind: str) -> list[str]:
    """Return the findings of a kind, a sentence each.

    Raises
    ------
    ArgumentError
        There is no such kind.
    """
    (kind,) = checked_schema_kinds((kind,))
    if kind in RELATION_KINDS:
        return [each.statement for each in schema.table_relations if each.kind == RELATION_KINDS[kind]]
    if kind in ("copied-column", "determined-column"):
        wanted = "copy" if kind == "copied-column" else "determined"
        return [each.statement for each in schema.repeated_columns if each.kind == wanted]
    if kind == "key-violated":
        return [
            f"{key.table} ({', '.join(key.columns)}) is declared a key; rows that break it: {key.violating_rows:,}."
            for key in schema.keys
            if key.status == "violated"
        ]
    if kind == "mixed-types":
        return [domain.statement for domain in schema.domains if "types" in domain.differs]
    return [key.statement for key in schema.foreign_keys if _FOREIGN_KEYS[kind](key)]


_FOREIGN_KEYS: dict[str, Callable[[ForeignKey], bool]] = {
    "foreign-key-violated": lambda key: key.status == "violated",
    "orphans": lambda key: key.inclusion.orphan_rows > 0,
    "foreign-key-missing": lambda key: key.status == "found" and key.inclusion.is_exact,
    "foreign-key-unindexed": lambda key: key.is_indexed is False,
}
