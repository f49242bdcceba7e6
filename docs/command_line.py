"""Hook of the documentation site: the reference of the command line, made from the commands themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

PAGE = "command-line.md"

HEAD = """# Command line

This page is generated from the program's own help.

```text
colprofile COMMAND [OPTIONS] …
```

Results go to standard output or to the files that you name; `-` as a file name means standard output. Progress and
messages go to standard error.

| exit status | meaning |
|---|---|
| 0 | success |
| 1 | a condition of `--fail-above` or `--fail-on` holds |
| 2 | the input or an option cannot be used: one line on standard error says what to do |
| 2 | rows of the input could not be read: the results are written, and one line on standard error says which rows are \
missing; with `--accept-rejects` the status is 0 (see [Read files and objects](inputs.md)) |
| 129, 130, 143 | ended by SIGHUP, Ctrl-C or SIGTERM |

`-h` is `--help`, for every command. `colprofile --install-completion` makes bash, zsh, fish or PowerShell complete
commands, options, files, and the columns of the file that has been typed; `--show-completion` prints the script.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to the site's files."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, PAGE, content=render()))
    return files


def render() -> str:
    """Return the reference as Markdown: each command with its arguments and options."""
    import typer.main

    from colprofile.cli import app
    from colprofile.cli.help import argument_name

    group: Any = typer.main.get_command(app)
    parts = [HEAD, "## colprofile", _table("option", group, group.params)]
    for name, command in group.commands.items():
        arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
        options = [parameter for parameter in command.params if parameter.param_type_name == "option"]
        usage = " ".join(["colprofile", name, *map(argument_name, arguments), "[OPTIONS]"])
        parts += [f"## {name}", command.help, f"```text\n{usage}\n```"]
        if arguments:
            parts.append(_table("argument", command, arguments))
        parts.append(_table("option", command, options))
    return "\n\n".join(parts) + "\n"


def _table(heading: str, command: Any, parameters: list[Any]) -> str:
    """Return a table of parameters, each with the words of ``--help``."""
    import typer

    from colprofile.cli.help import argument_name

    context = typer.Context(command)
    rows = [(heading, "meaning"), ("---", "---")]
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            rows.append((f"`{argument_name(parameter)}`", parameter.help))
            continue
        name, meaning = parameter.get_help_record(context)
        rows.append((f"`{name}`", meaning))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
