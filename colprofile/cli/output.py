"""Where a command's results go: files, standard output, or the terminal where nothing was asked for."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colprofile.progress import Progress, end_of_start
from colprofile.standard import is_terminal, let_go, opened, write_error

if TYPE_CHECKING:
    from colprofile.results.base import Result
    from colprofile.results.provenance import Provenance
    from colprofile.sources.options import InputKeywords

STANDARD_OUTPUT = "-"


def checked_targets(*inputs: str | None, **targets: str | None) -> dict[str, str]:
    """Return the files that were asked for, by form: save, html, json, markdown, script, diagram.

    It is called before any work is done for results that could not be written. ``inputs`` are what the command reads:
    sources, tables that may be queries, saved results.

    Raises
    ------
    ArgumentError
        Two results want standard output or the same file, or a saved result wants standard output.
    ResultError
        A file cannot be written: it is an input, a database or other data, its folder is missing or forbids it, or it
        is a folder.
    """
    from colprofile.errors import ArgumentError, shorten
    from colprofile.results.targets import file_identity

    given = {form: target for form, target in targets.items() if target is not None}
    read = [source for source in inputs if source]
    taken: dict[object, str] = {}
    for form, target in given.items():
        option = f"--{form}"
        is_stream = target == STANDARD_OUTPUT
        if is_stream and option == "--save":
            raise ArgumentError("--save - is not allowed: name a file, or give --json - for standard output")
        place = target if is_stream else file_identity(target)
        if place in taken and target:
            where = "standard output" if is_stream else repr(shorten(target))
            raise ArgumentError(f"{taken[place]} and {option} both want {where}: give one of them another file")
        taken[place] = option
        if not is_stream:
            _check_file(option, target, read)
    return given


def _check_file(option: str, target: str, inputs: Sequence[str]) -> None:
    """Raise ResultError where a file cannot or must not be written."""
    from colprofile.errors import ResultError, shorten
    from colprofile.results.files import is_special
    from colprofile.results.targets import obstacle

    shown = f"cannot write {option} {shorten(target)!r}"
    folder = Path(os.path.realpath(target)).parent
    if not target or os.path.isdir(target):
        raise ResultError(f"{shown}: it is a folder; name a file in it")
    if reason := obstacle(target, inputs):
        raise ResultError(f"{shown}: {reason}; name another file")
    if is_special(target):
        return
    if not folder.is_dir():
        raise ResultError(f"{shown}: no such folder; the folder must exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ResultError(f"{shown}: its folder does not allow writing; name another")


def write_result(
    result: Result,
    targets: Mapping[str, str],
    *,
    script: Callable[[], str] | None = None,
    diagram: Callable[[], str] | None = None,
    **options: Any,
) -> None:
    """Write a result in the forms that were asked for; to the terminal where none was.

    All is made before anything is written: where one form fails, no file is touched. ``targets`` is what
    ``checked_targets`` returned, ``script`` makes the SQL of ``--script``, ``diagram`` the text of ``--diagram``, and
    ``options`` are for ``to_html``. Where standard error is a terminal, it says what was written where.
    """
    from colprofile.results.base import terminal_width
    from colprofile.results.files import write_atomically

    make = {
        "save": ("result", result.to_json),
        "json": ("JSON", lambda: result.to_json(indent=2) + "\n"),
        "html": ("page", lambda: result.to_html(**options)),
        "markdown": ("Markdown", result.to_markdown),
        "script": ("SQL script", script),
        "diagram": ("diagram", diagram),
    }
    asked = [(target, *make[form]) for form, target in targets.items()]
    with Progress(label="making the reports"):
        made = [(target, what, content()) for target, what, content in asked if content is not None]
    # Files first: the reader of standard output may go away.
    for target, what, content in sorted(made, key=lambda item: item[0] == STANDARD_OUTPUT):
        if target == STANDARD_OUTPUT:
            write_text(content)
            continue
        write_atomically(target, content)
        if is_terminal(sys.stderr):
            complain(f"wrote the {what} to {target}")
    if not made:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        write_text(result.to_terminal(width=terminal_width(), encoding=encoding))


def write_text(content: str) -> None:
    """Write to standard output, whatever its encoding: a character that it lacks is written as its escape.

    Raises
    ------
    BrokenPipeError
        The reader has closed the pipe.
    ResultError
        It is closed, or what it goes to is full.
    """
    from colprofile.errors import ResultError

    end_of_start()
    stream = opened(sys.stdout)
    if stream is None:
        raise ResultError("standard output is closed: name a file, for example with --html")
    try:
        content.encode(stream.encoding or "utf-8", stream.errors or "strict")
    except UnicodeEncodeError:
        content = content.encode(stream.encoding, "backslashreplace").decode(stream.encoding)
    try:
        stream.write(content)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ResultError(unwritable_output(error)) from error


def unwritable_output(error: OSError) -> str:
    """Return what to say where standard output cannot be written; what it still holds is given up."""
    let_go(sys.stdout)
    return f"cannot write to standard output: {error.strerror}"


def complain(message: str) -> None:
    """Write a message to standard error, where there is one, on one line and without control characters."""
    from colprofile.errors import one_line

    write_error(f"colprofile: {one_line(message)}\n")


REJECTED = 2
"""The exit status where rows of an input are in no figure, unless --accept-rejects was given."""


def status_of(*made: Provenance, inputs: InputKeywords, otherwise: int = 0) -> int:
    """Return the exit status of a command whose results are written: 2 where an input lost rows, and say so."""
    from colprofile.results.reading_words import remarks, rows_left_out

    lost = [] if inputs.get("accept_rejects") else [side for side in made if rows_left_out(side)]
    for side in lost:
        complain(" ".join([rows_left_out(side), *remarks(side.reading), "--accept-rejects accepts that."]))
    return REJECTED if lost else otherwise


ARGUMENTS: ContextVar[tuple[str, ...]] = ContextVar("ARGUMENTS")
"""What ``main`` was called with, for the provenance of what it makes."""


def as_typed_result(made: Provenance) -> Provenance:
    """Return a provenance with the command that runs now, and remarks that name options in place of parameters."""
    return replace(with_options(made), command=command_line())


def with_options(made: Provenance) -> Provenance:
    """Return a provenance whose remarks on the input name options in place of parameters."""
    from colprofile.errors import in_options
    from colprofile.sources.options import OPTION_NAMES

    if made.reading is None:
        return made
    options = {name: f"--{name.replace('_', '-')}" for name in OPTION_NAMES} | {"no_header": "--no-header"}
    remarks = tuple(in_options(remark, options) for remark in made.reading.remarks)
    return replace(made, reading=replace(made.reading, remarks=remarks))


def command_line() -> str:
    """Return the command that runs now, as it could be typed again, except for the passwords of URLs."""
    given = list(ARGUMENTS.get(()))
    if any("://" in argument for argument in given):
        from colprofile.sources.urls import hide_passwords

        given = [hide_passwords(argument) for argument in given]
    return shlex.join(["colprofile", *given])
