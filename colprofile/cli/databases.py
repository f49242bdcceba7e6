"""What commands have in common where the source is a whole database: options, exit status, lines on standard error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from colprofile.cli.completion import complete_tables
from colprofile.cli.output import REJECTED, command_line, complain, status_of, with_options

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseAudit, DatabaseDrift, DatabasePlannerReport, DatabaseProfile
    from colprofile.results.provenance import Provenance
    from colprofile.sources.options import InputKeywords

INTERRUPTED = 130

Database = TypeVar("Database", "DatabaseProfile", "DatabaseAudit", "DatabaseDrift", "DatabasePlannerReport")

Tables = Annotated[
    str | None,
    typer.Option(
        metavar="A,B*,…",
        autocompletion=complete_tables,
        help="With a database or folder: only these tables, by name or by patterns with * and ?; all by default.",
    ),
]
Exclude = Annotated[
    str | None,
    typer.Option(
        metavar="A,B*,…", autocompletion=complete_tables, help="With a database or folder: all tables but these."
    ),
]
Schema = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="With a database: the schema whose tables are meant; by default its own."),
]
Partial = Annotated[
    bool,
    typer.Option("--partial", help="With several tables: on Ctrl-C show those that are finished (exit status 130)."),
]


def is_database(result: object) -> bool:
    """Whether a result is of a whole database: told by its format, as the classes of all verbs are slow to import."""
    from colprofile.results.serialize import format_of

    return (format_of(type(result)) or "").startswith("colprofile.database_")


def as_typed_database(result: Database) -> Database:
    """Return a result with the command that runs now, and with options in place of parameters in what it says."""
    from colprofile.cli.inputs import NAMES
    from colprofile.errors import in_options

    names = (*NAMES, "max_determinants", "exclude", "tables")
    options = {name: f"--{name.replace('_', '-')}" for name in names}
    return replace(
        result,
        provenance=replace(result.provenance, command=command_line()),
        tables=tuple(replace(table, result=_as_typed(table.result)) for table in result.tables),
        skipped=tuple(replace(table, reason=in_options(table.reason, options)) for table in result.skipped),
        notes=tuple(in_options(note, options) for note in result.notes),
    )


def _as_typed(result: Any) -> Any:
    """Return the result of a table whose remarks on the input name options."""
    sides = [name for name in ("stale", "fresh", "provenance") if hasattr(result, name)]
    return replace(result, **{name: with_options(getattr(result, name)) for name in sides})


def database_status(
    result: DatabaseProfile | DatabaseAudit | DatabaseDrift | DatabasePlannerReport,
    made: Sequence[Provenance],
    inputs: InputKeywords,
    otherwise: int = 0,
) -> int:
    """Return the exit status of a result that is written: 130 if interrupted, 2 where a table or rows are missing."""
    from colprofile.report.text import visible

    if not result.is_complete:
        return INTERRUPTED
    lost = status_of(*made, inputs=inputs)
    if result.skipped:
        first, *more = result.skipped
        others = f" (and {len(more):,} more)" if more else ""
        complain(f"{visible(first.name, 60)} is left out: {first.reason}{others}; --exclude leaves out what is known")
        lost = REJECTED
    return lost or otherwise
