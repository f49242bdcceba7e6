"""The options that several commands have, so that they are called and explained alike everywhere."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class FetchFrom(StrEnum):
    """Where the rows of a database are counted."""

    auto = "auto"
    always = "always"
    never = "never"


class NullsAs(StrEnum):
    """What NULL is."""

    ignore = "ignore"
    value = "value"


Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="A Parquet, CSV (also .gz), JSON, DuckDB or SQLite file; a glob in quotes; a database URL.",
        show_default=False,
    ),
]
Table = Annotated[
    str | None,
    typer.Option("--table", metavar="NAME", help="With a database: a table, view or query.", show_default=False),
]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="A,B,…",
        help="Only these columns, separated by commas; quote names that hold commas with double quotes.",
        show_default=False,
    ),
]
Nulls = Annotated[NullsAs, typer.Option("--nulls", help="Whether NULL is left out or a value of its own.")]
Html = Annotated[
    str | None,
    typer.Option(
        "--html", metavar="FILE", help="Write the report as a page; - for standard output.", show_default=False
    ),
]
Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Write JSON; - for standard output.", show_default=False),
]
Markdown = Annotated[
    str | None,
    typer.Option(
        "--markdown",
        metavar="FILE",
        help="Write Markdown for a pull request; - for standard output.",
        show_default=False,
    ),
]
Save = Annotated[
    str | None,
    typer.Option("--save", metavar="FILE", help="Save the result, for report and drift.", show_default=False),
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", metavar="N", help="Cores to use; all by default.", show_default=False),
]
MemoryLimit = Annotated[
    str | None,
    typer.Option(
        "--memory-limit",
        metavar="SIZE",
        help="Memory for codes, such as 2GB, before they go to a file; half of the machine's if not given.",
        show_default=False,
    ),
]
Fetch = Annotated[
    FetchFrom,
    typer.Option(
        "--fetch",
        help="With a database URL: fetch rows and count them here, or count in the database (never). "
        "Auto fetches tables of up to 5 million rows.",
    ),
]
StatementTimeout = Annotated[
    float | None,
    typer.Option(
        "--statement-timeout",
        metavar="SECONDS",
        help="With a database URL: give up when one statement takes longer.",
        show_default=False,
    ),
]


def split_names(text: str) -> list[str]:
    """Return the names in a comma-separated list; double quotes protect commas and are doubled to stand for themselves.

    >>> split_names('zip,"city, state"')
    ['zip', 'city, state']
    """
    import csv

    return [name for row in csv.reader([text], skipinitialspace=True) for name in row]
