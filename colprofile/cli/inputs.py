"""The options that say how files are read, for every command that reads data."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast, get_type_hints

import typer

from colprofile.lists import split_types
from colprofile.sources.options import InputKeywords

ALL_DEPTHS = "all"
"""What ``--flatten`` alone stands for: see ``help.Command``."""


def flatten_depth(given: str | None) -> int | bool | None:
    """Return the value of ``--flatten``: True, or a depth.

    Raises
    ------
    ArgumentError
        It is no whole number.
    """
    from colprofile.errors import ArgumentError

    if given is None or given == ALL_DEPTHS:
        return True if given else None
    try:
        return int(given)
    except ValueError:
        raise ArgumentError(f"flatten={given!r} is not allowed: give a depth of at least 1, or none for all") from None


def _declared(
    delimiter: Annotated[
        str | None, typer.Option(metavar="SIGN", help="Text files: what separates fields, such as ';' or tab.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Text files: such as utf-8, latin-1, cp1252, utf-16.")
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="Whether the first row has the columns' names; guessed by default."),
    ] = None,
    skip: Annotated[
        int | None, typer.Option(metavar="N", help="Lines before the header, or the first row, to leave out.")
    ] = None,
    null: Annotated[
        str | None,
        typer.Option(metavar="A,B,…", help="Texts that stand for a missing value, such as 'NA,--'."),
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(metavar="SIGN", help="Text files: the decimal separator; . by default.")
    ] = None,
    thousands: Annotated[
        str | None, typer.Option(metavar="SIGN", help="Text files: what separates thousands in numbers.")
    ] = None,
    quote: Annotated[
        str | None, typer.Option(metavar="SIGN", help="Text files: the sign around fields, or none.")
    ] = None,
    comment: Annotated[
        str | None, typer.Option(metavar="SIGN", help="Text files: lines that begin with this are left out.")
    ] = None,
    all_text: Annotated[bool, typer.Option("--all-text", help="Text files: read every column as text.")] = False,
    types: Annotated[
        str | None,
        typer.Option(
            metavar="A=TYPE,…",
            help="Text files: types of columns as SQL names them, such as zip=VARCHAR; number reads $1,200 and 12 %.",
        ),
    ] = None,
    ragged: Annotated[
        bool,
        typer.Option("--ragged", help="Text files: rows may have fewer fields than the header (then NULL), or more."),
    ] = False,
    accept_rejects: Annotated[
        bool, typer.Option("--accept-rejects", help="Leave out rows that cannot be read, and say how many.")
    ] = False,
    sheet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Workbooks: the sheet, by name or by number from 1.")
    ] = None,
    flatten: Annotated[
        str | None,
        typer.Option(
            "--flatten",
            metavar="[=DEPTH]",
            callback=flatten_depth,
            help="Nested data: a column for every member of objects, named a.b; of all depths, or down to one.",
        ),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option(
            metavar="SQL", help="A query over the files: each by its name without ending, a single one also as data."
        ),
    ] = None,
    where: Annotated[str | None, typer.Option(metavar="SQL", help="Only the rows that satisfy this condition.")] = None,
) -> None:
    """Declare the options."""


NAMES = tuple(inspect.signature(_declared).parameters)
"""The options' parameters, which are the fields of ``InputOptions``."""


def reads_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say how files are read: those that were typed reach it as ``inputs``."""
    hints = get_type_hints(_declared, include_extras=True) | get_type_hints(command, include_extras=True)
    declared = {**inspect.signature(_declared).parameters, **inspect.signature(command).parameters}
    order = [*(name for name in declared if name not in NAMES and name != "inputs"), *NAMES]
    parameters = [declared[name].replace(annotation=hints[name]) for name in order]

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        typed = {name: given.pop(name) for name in NAMES}
        return command(**given, inputs=typed_inputs(typed))

    run.__annotations__ = {name: hints[name] for name in [*order, "return"]}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def typed_inputs(parameters: Mapping[str, Any]) -> InputKeywords:
    """Return the options on how files are read that were typed, as the verbs take them.

    Raises
    ------
    ArgumentError
        Types cannot be told apart.
    """
    typed = {name: parameters.get(name) for name in NAMES}
    given = {name: value for name, value in typed.items() if value is not None and value is not False}
    if typed["header"] is False:
        given["header"] = False
    if typed["types"] is not None:
        given["types"] = split_types(typed["types"])
    return cast("InputKeywords", given)
