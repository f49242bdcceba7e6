"""Rows where a copy differs from its original: which they are, and whether they look like history or like errors."""

from __future__ import annotations

from dataclasses import dataclass

from colprofile.errors import shorten
from colprofile.sources.tables.base import Queries
from colprofile.values import Value
from colprofile.verbs.schema.compared import JoinedTables, differ, family
from colprofile.verbs.schema.history import HISTORY_BITS, history_of
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import WIDTH, as_value, counted, value_text
from colprofile.verbs.schema.table_values import ColumnValues

SHOWN = 5
"""Rows that differ of a copy, at most."""

MOST_PAIRS = 1000
"""Different pairs of values that differ, at most, that spellings are looked for in."""

ERROR_SHARE = 0.5
"""Of the rows that differ, at least this share are spellings of one text where they look like errors."""


def differing_rows(
    way: JoinedTables, column: ColumnValues, target: ColumnValues, differing: int, queries: Queries, report: Report
) -> tuple[tuple[tuple[Value, ...], ...], str, str | None]:
    """Return at most five rows that differ, a sentence or two on what they look like, and SQL that lists them all."""
    if not differing:
        return (), "", None
    report("looking at rows that differ", 0, None)
    left, right = way.pair(column, target)
    where = differ(left, right)
    reference = [way.at(0, name) for name in way.reference]
    own, other = way.at(0, column.name), way.at(len(way.steps), target.name)
    query = f"select {', '.join([*reference, own, other])} from {way.from_clause()} where {where}"
    shown = [_shown(queries, way.source.column(name), way.at(0, name)) for name in way.reference]
    shown += [_shown(queries, column, own), _shown(queries, target, other)]
    order = ", ".join(str(number + 1) for number in range(len(shown)))
    rows = queries.rows(
        f"select {', '.join(shown)} from {way.from_clause()} where {where} order by {order} limit {SHOWN}"
    )
    words = _words(way, column, target, differing, queries)
    return tuple(tuple(map(as_value, row)) for row in rows), words, query


def _shown(queries: Queries, column: ColumnValues, sql: str) -> str:
    """Return a column as rows show it: numbers and booleans as they are, all else as text."""
    return sql if family(column) in ("number", "boolean", "blob") else queries.text(sql)


def _words(way: JoinedTables, column: ColumnValues, target: ColumnValues, differing: int, queries: Queries) -> str:
    """Return what the rows that differ look like, and the evidence."""
    text = counted(differing, "row differs", "rows differ")
    history = history_of(way, column, target, queries)
    if history.bits >= HISTORY_BITS:
        return f"{text}, which looks like history: {history.sentence}."
    spellings = _spellings(way, column, target, queries)
    evidence = []
    if spellings.rows:
        mine, theirs = map(value_text, spellings.example)
        evidence.append(f"{spellings.rows:,} of them by spelling alone, such as {mine} for {theirs}")
    for number, where in zip(_nulls(way, column, target, queries), (way.source, way.target), strict=True):
        if number:
            evidence.append(f"{number:,} of them as {shorten(where.name, WIDTH)} has NULL")
    if spellings.rows >= ERROR_SHARE * differing:
        return f"{text}, which looks like errors: {' and '.join(evidence)}."
    return f"{text}: {', '.join([*evidence, history.sentence])}."


@dataclass(frozen=True)
class Spellings:
    """Rows whose two values are spellings of one text, and the most frequent pair."""

    rows: int = 0
    example: tuple[Value, Value] = (None, None)


def _spellings(way: JoinedTables, column: ColumnValues, target: ColumnValues, queries: Queries) -> Spellings:
    """Return the rows that differ by spelling: case, white space, marks, or one letter in five."""
    if family(column) != "text" or family(target) != "text":
        return Spellings()
    left, right = way.pair(column, target)
    pairs = queries.rows(
        f"select {left}, {right}, count(*) from {way.from_clause()} where {left} <> {right} "
        f"group by {left}, {right} order by 3 desc, 1, 2 limit {MOST_PAIRS}"
    )
    found = [(str(one), str(other), int(rows)) for one, other, rows in pairs if are_spellings(str(one), str(other))]
    return Spellings(sum(rows for *_, rows in found), found[0][:2]) if found else Spellings()


def are_spellings(one: str, other: str) -> bool:
    """Whether two texts are one in two spellings: a letter in five may be wrong, two at most; figures may not.

    >>> are_spellings("New York", "new-york "), are_spellings("Berlin", "Berlim"), are_spellings("Bonn", "Rome")
    (True, True, False)
    >>> are_spellings("Platform 1", "Platform 2")
    False
    """
    first, second = (
        " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split()) for text in (one, other)
    )
    if first.replace(" ", "") == second.replace(" ", ""):
        return True
    if [c for c in first if c.isdigit()] != [c for c in second if c.isdigit()]:
        return False
    most = min(2, min(len(first), len(second)) // 5)
    return most > 0 and _distance(first, second, most) <= most


def _distance(one: str, other: str, most: int) -> int:
    """Return the edits that make one text of another, a swap of neighbours one of them (optimal string alignment).

    More than ``most`` are not counted on.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    earlier: list[int] = []
    before = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            edits = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != against))
            if i > 1 and j > 1 and (sign, one[i - 2]) == (other[j - 2], against):
                edits = min(edits, earlier[j - 2] + 1)
            row.append(edits)
        if min(row) > most:
            return most + 1
        earlier, before = before, row
    return before[-1]


def _nulls(way: JoinedTables, column: ColumnValues, target: ColumnValues, queries: Queries) -> tuple[int, int]:
    """Return the rows where only the copy is NULL, and where only the original is."""
    if not (column.profile.nulls or target.profile.nulls):
        return 0, 0
    left, right = way.at(0, column.name), way.at(len(way.steps), target.name)
    [(own, other)] = queries.rows(
        f"select sum(case when {left} is null and {right} is not null then 1 else 0 end), "
        f"sum(case when {right} is null and {left} is not null then 1 else 0 end) from {way.from_clause()}"
    )
    return int(own or 0), int(other or 0)
