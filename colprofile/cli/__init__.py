"""The command line: results to standard output, progress and messages to standard error.

Exit status: 0 fine, 1 found what it was told to fail on, 2 unusable input (one line that says what to do),
130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from colprofile import __version__
from colprofile.cli import audit as audit_command
from colprofile.cli import drift as drift_command
from colprofile.cli import latent as latent_command
from colprofile.cli import output
from colprofile.cli import planner as planner_command
from colprofile.cli import profile as profile_command
from colprofile.cli import report as report_command
from colprofile.cli import sql as sql_command
from colprofile.errors import ColprofileError

app = typer.Typer(
    name="colprofile",
    help="Profile database columns with information theory.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
profile_command.register(app)
planner_command.register(app)
drift_command.register(app)
audit_command.register(app)
latent_command.register(app)
report_command.register(app)
sql_command.register(app)


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
    """Run the command line and return its exit status.

    Parameters
    ----------
    arguments
        Without the program's name; the process's own by default.
    """
    given = sys.argv[1:] if arguments is None else arguments
    is_debug = "--debug" in given
    output.ARGUMENTS.set(tuple(given))
    try:
        status = int(app(given, prog_name="colprofile", standalone_mode=False) or 0)
        if sys.stdout is not None:
            sys.stdout.flush()
        if status == 130:
            _complain("interrupted")  # the framework made a status of the KeyboardInterrupt
        return status
    except BrokenPipeError:
        # The reader of our output has gone: that is its right. Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, typer.Abort):
        _complain("interrupted")
        return 130
    except ColprofileError as error:
        if is_debug:
            raise
        _complain(str(error))
        return 2
    except Exception as error:
        message = usage_message(error)
        if message is None or is_debug:
            raise
        if given:
            _complain(message)
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
    return f"{message.rstrip('.')}. See {command} --help."


def _complain(message: str) -> None:
    line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    print(f"colprofile: {line}", file=sys.stderr)


def run() -> None:
    """Run the command line and end the process with its exit status."""
    sys.exit(main())
