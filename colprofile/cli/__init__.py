"""The command line: results to standard output, progress and messages to standard error.

Exit status: 0 success, 1 a condition of --fail-above or --fail-on holds, 2 unusable input (one line that says what to
do) or rows that could not be read (the results are written, and one line says which; --accept-rejects makes it 0), 130
interrupted, 143 terminated (SIGTERM), 129 hung up (SIGHUP). A pipe whose reader has gone away is no failure.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import typer

from colprofile import __version__
from colprofile.cli import audit, drift, latent, output, planner, profile, report, sql
from colprofile.cli.help import Command
from colprofile.cli.usage import as_typed, called_command, usage_line
from colprofile.errors import ColprofileError, in_options
from colprofile.progress import waiting_since_now
from colprofile.room import no_room
from colprofile.standard import let_go, opened, write_error

OUTPUT_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
"""What writing to standard output fails with, where it is a full disk or no longer there."""

HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="colprofile",
    help="Profile a table: what its columns hold, what is wrong in them, and how they depend on each other.",
    epilog="Example: colprofile profile orders.csv. Each command has its own --help.",
    no_args_is_help=True,
    context_settings=HELP,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    profile.profile,
    audit.audit,
    drift.drift,
    latent.latent,
    planner.planner,
    report.report,
    sql.sql,
):
    app.command(cls=Command, context_settings=HELP)(command)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"colprofile {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback on errors.")] = False,
) -> None:
    context.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status; the arguments are the process's own by default."""
    given = sys.argv[1:] if arguments is None else arguments
    is_debug = "--debug" in given
    output.ARGUMENTS.set(tuple(given))
    try:
        with waiting_since_now():
            status = int(_group()(given, prog_name="colprofile", standalone_mode=False) or 0)
        _flush()
        if status == 130:
            output.complain("interrupted")  # the framework made a status of the KeyboardInterrupt
        return status
    except BrokenPipeError:
        return _with_a_broken_pipe()
    except (KeyboardInterrupt, typer.Abort):
        output.complain("interrupted")
        return 130
    except ColprofileError as error:
        if is_debug:
            raise
        output.complain(_in_options(str(error), given))
        return 2
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):
            return _with_a_broken_pipe()  # the framework made status 1 of it, which means findings
        raise
    except Exception as error:
        message = _line_of(error, given)
        if message is None or (is_debug and not hasattr(error, "format_message")):
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            write_error(f"{message}\n")  # the help: nothing was asked for
        else:
            output.complain(message)
        return 2


def _line_of(error: Exception, arguments: Sequence[str]) -> str | None:
    """Return the line about wrong usage, full memory or an output that cannot be written; None for what is a bug."""
    message = usage_line(error, arguments, called_command(arguments, _commands()))
    if message is not None:
        return message
    if isinstance(error, OSError) and error.filename is None and error.errno in OUTPUT_ERRORS:
        return output.unwritable_output(error)
    full = no_room(error)
    return None if full is None else _in_options(str(full), arguments)


def _flush() -> None:
    stream = opened(sys.stdout)
    if stream is not None:
        stream.flush()


def _with_a_broken_pipe() -> int:
    """Return the status where the reader of the output has closed the pipe, as `head` does: it has what it wanted."""
    let_go(sys.stdout)
    return 0


@cache
def _group() -> Any:
    """Return all commands with their options, made once: that takes longer than to see what is wrong with a call."""
    return typer.main.get_command(app)


def _commands() -> dict[str, Any]:
    return dict(_group().commands)


def _in_options(message: str, arguments: Sequence[str]) -> str:
    """Return a message of the library with the options of the command that was given in place of parameters."""
    called = _commands().get(called_command(arguments, _commands()))
    parameters = called.params if called is not None else ()
    options = {p.name or "": p.opts[0] for p in parameters if p.opts[0].startswith("--")}
    options |= {f"no_{p.name}": p.secondary_opts[0] for p in parameters if p.secondary_opts}
    named = in_options(message, options)
    return as_typed(named, arguments)
