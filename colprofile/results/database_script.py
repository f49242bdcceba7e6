"""The fixes of a whole database as one SQL script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from colprofile.errors import ArgumentError, did_you_mean, one_line
from colprofile.results.schema import Schema, SchemaFix

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseAudit, TableAudit

SCRIPT_DIALECTS = ("duckdb", "postgresql", "mysql")
"""The dialects of SQL that fixes between tables are written in."""


def audit_script(audit: DatabaseAudit, dialect: str) -> str:
    """Return what ``DatabaseAudit.script`` describes."""
    if dialect not in SCRIPT_DIALECTS:
        raise ArgumentError(f"there is no script for {dialect!r}. {did_you_mean(str(dialect), SCRIPT_DIALECTS)}")
    made = audit.provenance
    parts = [_comment(f"Fixes for {made.subject} by colprofile {made.version}, {made.created}.")]
    fixes = [_fix(fix, dialect) for fix in audit.schema.fixes if dialect in fix.changes]
    if fixes:
        parts += [_comment("Between tables, in an order in which each can be done after those before."), *fixes]
    for table in audit.tables:
        own = table.result.scripts.get(dialect)
        if own is not None and table.result.findings:
            parts += [_comment(f"Table {table.name}:"), *_kept(table, audit.schema), own.rstrip()]
    if len(parts) == 1:
        parts.append(_comment("Nothing to do."))
    return "\n\n".join(parts) + "\n"


def _kept(table: TableAudit, schema: Schema) -> Iterator[str]:
    """Yield what has to be known of a table's own script, which knows nothing of other tables."""
    changed = [name for found in table.result.findings if found.fix for name in found.targets or found.columns]
    for name in dict.fromkeys(changed):
        if (table.name, name) in schema.key_columns:
            yield _comment(f"{name} is part of a key or foreign key: leave it as it is.")


def _fix(fix: SchemaFix, dialect: str) -> str:
    lines = [_comment(fix.action)]
    if check := fix.checks.get(dialect):
        lines += [_comment("It is safe where this returns 0:"), *map(_comment, check.splitlines())]
    change = _ended(fix.changes[dialect])
    if not fix.is_safe:
        lines.append(_comment("Commented out, as it returns more than 0:"))
        change = "\n".join(map(_comment, change.splitlines()))
    return "\n".join([*lines, change])


def _ended(sql: str) -> str:
    """Return statements with a semicolon behind the last."""
    text = sql.rstrip()
    return text if text.endswith(";") else f"{text};"


def _comment(text: str) -> str:
    """Return text as a comment of SQL, whatever names are in it."""
    return f"-- {one_line(text)}"
