"""The fixes of a whole database as one SQL script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from colprofile.errors import ArgumentError, did_you_mean, one_line
from colprofile.results.schema import SchemaFix

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseAudit

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
            parts += [_comment(f"Table {table.name}:"), own.rstrip()]
    if len(parts) == 1:
        parts.append(_comment("Nothing to do."))
    return "\n\n".join(parts) + "\n"


def _fix(fix: SchemaFix, dialect: str) -> str:
    lines = [_comment(fix.action)]
    if check := fix.checks.get(dialect):
        lines += [_comment("It is safe where this returns 0:"), *map(_comment, check.splitlines())]
    return "\n".join([*lines, _ended(fix.changes[dialect])])


def _ended(sql: str) -> str:
    """Return statements with a semicolon behind the last."""
    text = sql.rstrip()
    return text if text.endswith(";") else f"{text};"


def _comment(text: str) -> str:
    """Return text as a comment of SQL, whatever names are in it."""
    return f"-- {one_line(text)}"
