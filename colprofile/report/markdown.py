"""What all Markdown reports share: text that GitHub shows as it is, tables, parts that are folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from colprofile.report import reading, text
from colprofile.results.provenance import Provenance, SkippedColumn

ROWS_SHOWN = 100
"""Rows of a table; GitHub cuts comments at 65,536 characters."""


def document(parts: Iterable[Iterable[str]]) -> str:
    """Return blocks of lines as one text, an empty line after each block that has lines."""
    blocks = ["\n".join(part) for part in parts]
    return "\n\n".join(block for block in blocks if block) + "\n"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], most: int = ROWS_SHOWN) -> Iterator[str]:
    r"""Yield a table; a heading that begins with ">" stands on the right, and rows beyond ``most`` are counted.

    >>> print("\n".join(table(["column", ">bits"], [["a", "1"], ["b", "2"]], most=1)))
    | column | bits |
    |---|--:|
    | a | 1 |
    | … and 1 more | |
    """
    yield f"| {' | '.join(heading.removeprefix('>') for heading in headings)} |"
    yield f"|{'|'.join('--:' if heading.startswith('>') else '---' for heading in headings)}|"
    for row in rows[:most]:
        yield f"| {' | '.join(row)} |"
    if len(rows) > most:
        yield f"| … and {len(rows) - most:,} more |{' |' * (len(headings) - 1)}"


def folded(title: str, lines: Iterable[str]) -> list[str]:
    """Return lines folded away under a title."""
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>"]


def bullets(lines: Iterable[str]) -> list[str]:
    """Return lines as a list, their text shown as it is."""
    return [f"- {escaped(line)}" for line in lines]


def reading_warnings(*sides: tuple[str, Provenance]) -> list[str]:
    """Return what has to be known of how inputs were read before any figure, each side with the word for it."""
    return warnings(reading.warnings(*sides))


def warnings(found: Iterable[reading.InputWarning]) -> list[str]:
    """Return what has to be known before any figure."""
    return [
        f"- {'**' * (w.severity == 'high')}{w.word}{'**' * (w.severity == 'high')}: {escaped(w.sentence)}"
        for w in found
    ]


def skipped(columns: Iterable[SkippedColumn]) -> list[str]:
    """Return the columns that could not be counted as a list, with the reasons."""
    return [f"- skipped: {name(column.name)}: {escaped(column.reason)}" for column in columns]


def name(column: str) -> str:
    """Return a column's name as code."""
    return code(text.visible(column))


def code(line: str) -> str:
    r"""Return text as a code span that holds in a table: nothing in it is Markdown, HTML or a mention.

    >>> code("a|b"), code("x`y")
    ('`a\\|b`', '``x`y``')
    """
    fence = "`" * (_longest_fence(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    inner = line.replace("|", "\\|")
    return f"{fence}{pad}{inner}{pad}{fence}"


def code_block(lines: str, language: str) -> list[str]:
    r"""Return lines as a block of code that nothing in them can end.

    >>> print("\n".join(code_block("a ``` b", "sql")))
    ````sql
    a ``` b
    ````
    """
    fence = "`" * max(3, _longest_fence(lines) + 1)
    return [f"{fence}{language}", text.visible_lines(lines).rstrip(), fence]


def _longest_fence(line: str) -> int:
    return max((len(run) for run in re.findall("`+", line)), default=0)


def escaped(sentence: str) -> str:
    r"""Return text that Markdown shows as it is, the spaces at its ends kept.

    >>> escaped("<0.1 % of *x*"), escaped(" is ")
    ('&lt;0.1 % of \\*x\\*', ' is ')
    """
    core = sentence.strip(" ")
    if not core:
        return sentence
    safe = text.visible(core, 500).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return sentence.replace(core, re.sub(r"([\\`*_\[\]|~#])(?!64;)", r"\\\1", safe), 1)
