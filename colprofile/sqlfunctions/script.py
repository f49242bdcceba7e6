"""The functions as a script for any DuckDB client, and as a list."""

from __future__ import annotations

from colprofile import __version__
from colprofile.errors import ArgumentError
from colprofile.sqlfunctions.catalogue import (
    GROUPS,
    PYTHON_GROUPS,
    functions,
    group_text,
    is_of_duckdb_1,
    needed_groups,
)
from colprofile.sqlfunctions.registration import comments_sql


def script_text(groups: tuple[str, ...] | None = None) -> str:
    """Return the pure-SQL functions of some groups, and of those that they call, ready to be read by a client.

    ``groups`` None is for all that need no Python. ArgumentError if there is no such group, or it needs Python.
    """
    wanted = tuple(group for group in GROUPS if group not in PYTHON_GROUPS) if groups is None else groups
    for group in wanted:
        group_text(group)
        if group in PYTHON_GROUPS:
            names = ", ".join(function.name for function in functions() if function.group == group)
            raise ArgumentError(
                f"the group {group!r} ({names}) needs Python: call colprofile.register(con) on a connection"
            )
    needed = frozenset[str]().union(*(needed_groups(group) for group in wanted))
    absent = [function.signature for function in functions() if function.is_python]
    head = [
        f"-- Information theory in SQL, colprofile {__version__}: temporary macros; no database is written.",
        "-- Needs DuckDB 1.3 or newer; OVER (…) with these functions needs 2.0."
        if is_of_duckdb_1()
        else "-- Needs DuckDB 2.0 or newer: made where DuckDB 1.x is installed, it is for 1.3 or newer.",
        "-- These need Python and colprofile.register(con): " + ", ".join(absent),
    ]
    parts = ["\n".join(head)]
    for group in GROUPS:
        if group in needed:
            parts += [group_text(group).strip(), comments_sql(group)]
    return "\n\n".join(parts) + "\n"


def list_text(groups: tuple[str, ...] | None = None) -> str:
    """Return one line per function: signature, unit and whether it needs Python, under its group."""
    lines: list[str] = []
    for group in GROUPS if groups is None else groups:
        group_text(group)
        lines.append(f"{group}:")
        for function in functions():
            if function.group == group:
                needs = " (needs Python)" if function.is_python else ""
                lines.append(f"  {function.signature} -> {function.unit}{needs}")
    return "\n".join(lines) + "\n"
