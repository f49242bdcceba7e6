"""The options that several commands have, so that they are called and explained alike everywhere."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from colprofile.cli.completion import complete_columns
from colprofile.lists import split_list


def checked_bits(fail_above: float | None) -> float | None:
    """Return the threshold of ``--fail-above``.

    Raises
    ------
    ArgumentError
        It is negative or NaN.
    """
    from colprofile.errors import ArgumentError

    if fail_above is not None and not fail_above >= 0:
        raise ArgumentError(f"fail_above={fail_above!r} is not allowed: give bits, 0 or more")
    return fail_above


def checked_memory(memory_limit: str | None) -> str | None:
    """Return the limit of ``--memory-limit``, and say on standard error where it is taken as a higher one."""
    if memory_limit is not None:
        from colprofile.cli.output import complain
        from colprofile.verbs.profile.limits import raised_limit

        if raised := raised_limit(memory_limit):
            complain(raised)
    return memory_limit


def checked_columns(matrix_columns: int | None) -> int | None:
    """Return the number of columns of ``--matrix-columns``.

    Raises
    ------
    ArgumentError
        It is below 2.
    """
    from colprofile.errors import ArgumentError

    if matrix_columns is not None and matrix_columns < 2:
        raise ArgumentError(f"matrix_columns={matrix_columns!r} is not allowed: give 2 or more")
    return matrix_columns


def sample_size(given: str | None) -> int | str | None:
    """Return the value of ``--sample-rows``: a number of rows, or a share as it was typed."""
    try:
        return None if given is None else int(given)
    except ValueError:
        return given


Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE",
        help="Files or folders of one table, a database or a Spark server: Parquet, CSV, JSON and more; a URL; - for "
        "standard input.",
    ),
]
Table = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="With a database or Spark: a table, view or query. With an archive: a file in it."
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="A,B,…",
        autocompletion=complete_columns,
        help="Only these columns, separated by commas; double quotes protect names that contain commas.",
    ),
]
NoPairs = Annotated[bool, typer.Option("--no-pairs", help="Columns only, no pairs.")]
Nulls = Annotated[
    Literal["ignore", "value"], typer.Option(help="Whether NULLs are left out, or NULL is a value of its own.")
]
Html = Annotated[str | None, typer.Option(metavar="FILE", help="Write the report as a page; - for standard output.")]
Json = Annotated[str | None, typer.Option(metavar="FILE", help="Write JSON; - for standard output.")]
Markdown = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write Markdown for a pull request; - for standard output."),
]
Save = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Save the result, for report; profiles also for drift."),
]
MatrixColumns = Annotated[
    int | None,
    typer.Option(
        metavar="N", callback=checked_columns, help="Columns that a profile's matrix and graph show; 60 by default."
    ),
]
SampleRows = Annotated[
    str | None,
    typer.Option(
        "--sample-rows",
        "--sample",
        metavar="N or P%",
        callback=sample_size,
        help="Read this many random rows only, or this share.",
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Random seed.")]
Threads = Annotated[int | None, typer.Option(metavar="N", help="Cores to use; all by default.")]
MemoryLimit = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        callback=checked_memory,
        help="Memory that the process may take in all, such as 2GB; by default half of the machine's is planned for. "
        "Python and the libraries take 300 MB of it. What has no room goes to temporary files.",
    ),
]
Fetch = Annotated[
    Literal["auto", "always", "never"],
    typer.Option(
        help="With a database URL: always fetch the rows and count them here, or never: count in the database. "
        "Auto fetches tables of up to 5 million rows. With Spark: always fetch the packed rows, or never: count pairs "
        "on the executors. Auto fetches what the memory limit has room for.",
    ),
]
StatementTimeout = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="With a database URL: give up when one statement takes longer."),
]


def one_or_all(sources: list[str]) -> str | list[str]:
    """Return the only source as it is, several as a list."""
    return sources[0] if len(sources) == 1 else sources


def split_names(text: str | None) -> list[str] | None:
    """Return the names in a comma-separated list, None where there is no list: see ``split_list``."""
    return None if text is None else split_list(text)
