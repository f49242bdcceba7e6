"""The tables of docs/inputs.md, made from the code: which formats are read by what, and the options of inputs.

``python -m tests.support.input_tables`` writes them into the page, each between two comments that name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

import typer

from colprofile.cli import app
from colprofile.sources.files.formats import FORMATS, formats_table
from colprofile.sources.options import InputOptions
from tests.support.snippets import ROOT

PAGE = ROOT / "docs" / "inputs.md"


def tables() -> dict[str, str]:
    """Return the tables as Markdown, by name."""
    return {"formats": _table(_formats()), "options": _table(_options())}


def with_tables(page: str) -> str:
    """Return a page with its tables made anew."""
    for name, table in tables().items():
        pattern = rf"(?s)(<!-- {name}[^>]*-->\n).*?(\n<!-- end of {name} -->)"
        places = list(re.finditer(pattern, page))
        if len(places) != 1:
            raise ValueError(f"docs/inputs.md has the table {name!r} {len(places)} times")
        page = f"{page[: places[0].end(1)]}\n{table}\n{page[places[0].start(2) :]}"
    return page


def _table(rows: Iterator[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows)


def _formats() -> Iterator[Sequence[str]]:
    yield from (("format", "endings", "read by", "needs", "remarks"), ("---",) * 5)
    for found in formats_table():
        endings = ", ".join(f"`{ending}`" for ending in found.endings.split(", "))
        install = f"`{found.install}`" if found.install else ""
        yield (found.format, endings, found.library, install, found.note)


def _options() -> Iterator[Sequence[str]]:
    yield from (("command line", "Python", "for", "meaning"), ("---",) * 4)
    command: Any = typer.main.get_group(app).commands["profile"]
    typed = {parameter.name: parameter for parameter in command.params}
    for field in fields(InputOptions):
        parameter = typed[field.name]
        context = typer.Context(command)
        name, meaning = parameter.get_help_record(context)
        words = re.sub("^(Text files|Workbooks|Nested data): ", "", meaning)
        yield (f"`{name}`", f"`{field.name}=`", _used_by(field.name), words[:1].upper() + words[1:])


def _used_by(option: str) -> str:
    """Return the formats that have a use for an option."""
    used = [found.name for found in FORMATS if option in found.options]
    return {"query": "all files", "where": "everything"}.get(option) or ", ".join(used)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
