"""``python -m colprofile.sqlfunctions.reference [FILE]``: docs/sql.md, made from the functions' own descriptions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from colprofile.sqlfunctions.catalogue import GROUPS, Function, functions, group_blocks
from colprofile.sqlfunctions.registration import register


def render_reference() -> str:
    """Return the reference as Markdown, with each example's output as it is now."""
    import duckdb

    with duckdb.connect() as con:
        register(con)
        head = files("colprofile.sql").joinpath("reference.md").read_text(encoding="utf-8").strip()
        parts = [head, _overview()]
        for group in GROUPS:
            parts.append(f"## {group.capitalize()}")
            parts.append("\n".join(group_blocks(group)[0].comment))
            parts += [_entry(function, con) for function in functions() if function.group == group]
    return "\n\n".join(parts) + "\n"


def _overview() -> str:
    rows = [
        (f"[`{function.signature}`](#{function.name})", function.unit, function.made_of) for function in functions()
    ]
    return _table(("function", "result", "made of"), rows)


def _entry(function: Function, con: Any) -> str:
    lines = [f'<a name="{function.name}"></a>', f"### `{function.signature}`", "", function.description, ""]
    lines += [f"- **{name}**: {text}" for name, text in function.arguments]
    lines.append(f"- **Returns** {function.returns}, {function.unit}.")
    lines.append(f"- **NULL.** {function.nulls}")
    lines.append(f"- **Made of.** {_made_of(function)}")
    result = con.execute(function.example)
    shown = [[_value(value) for value in row] for row in result.fetchall()]
    names = [column[0] for column in result.description]
    return "\n".join([*lines, "", "```sql", function.example, "```", "", _table(names, shown)])


def _made_of(function: Function) -> str:
    made = f"A {function.made_of}"
    return f"{made}. {function.reason}" if function.reason else f"{made}: it needs no Python."


def _value(value: object) -> str:
    return "NULL" if value is None else str(value)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    text = render_reference()
    if len(sys.argv) > 1:
        from colprofile.results.files import write_atomically

        write_atomically(sys.argv[1], text)
    else:
        sys.stdout.write(text)
