"""The command line: results to standard output, progress and messages to standard error.

Exit status: 0 success, 1 a condition of --fail-above or --fail-on holds, 2 unusable input (one line that says what to
do), 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from colprofile import __version__
from colprofile.cli import audit, drift, latent, output, planner, profile, report, sql
from colprofile.cli.help import Command
from colprofile.errors import ColprofileError, in_options

app = typer.Typer(
    name="colprofile",
    help="Profile a table: what its columns hold, what is wrong in them, and how they depend on each other.",
    epilog="Example: colprofile profile orders.csv. Each command has its own --help.",
    no_args_is_help=True,
    add_completion=False,
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
    app.command(cls=Command)(command)


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
        status = int(app(given, prog_name="colprofile", standalone_mode=False) or 0)
        if sys.stdout is not None:
            sys.stdout.flush()
        if status == 130:
            output.complain("interrupted")  # the framework made a status of the KeyboardInterrupt
        return status
    except BrokenPipeError:
        # The reader of the output has closed the pipe, as `head` does. Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, typer.Abort):
        output.complain("interrupted")
        return 130
    except ColprofileError as error:
        if is_debug:
            raise
        output.complain(_in_options(str(error), given))
        return 2
    except Exception as error:
        message = usage_message(error)
        if message is None or is_debug:
            raise
        if given:
            output.complain(message)
        else:
            print(message, file=sys.stderr)  # the help: nothing was asked for
        return 2


def usage_message(error: Exception) -> str | None:
    """Return the line that explains wrong usage, None for any other error; where no command was given, the help."""
    show = getattr(error, "format_message", None)
    if show is None:
        return None
    message = str(show()).replace("Value error, ", "")
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return message
    command = context.command_path if context is not None else "colprofile"
    return f"{message.rstrip('.')}{'' if message.endswith('?') else '.'} See {command} --help."


def _in_options(message: str, arguments: Sequence[str]) -> str:
    """Return a message of the library with the options of the command that was given in place of parameters."""
    commands = typer.main.get_group(app).commands
    called = next((commands[argument] for argument in arguments if argument in commands), None)
    parameters = called.params if called is not None else ()
    return in_options(message, {p.name or "": p.opts[0] for p in parameters if p.opts[0].startswith("--")})


def run() -> None:
    """Run the command line and end the process with its exit status."""
    sys.exit(main())
