"""Rows where a copy differs from its original: which they are, and whether they look like history or like errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.sources.tables.base import Queries
from colprofile.values import Value
from colprofile.verbs.schema.compared import JoinedTables, differ, family
from colprofile.verbs.schema.history import HISTORY_BITS, history_of
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import as_value, counted, place, value_text
from colprofile.verbs.schema.table_values import ColumnValues

SHOWN = 5
"""Rows that differ of a copy, at most."""

MOST_PAIRS = 1000
"""Different pairs of values that differ, at most, that are looked at."""

MOST_OF = 0.9
"""At least this share of the rows that differ has one value where that is worth a word."""

ERROR_SHARE = 0.5
"""Of the rows that differ, at least this share are spellings of one text where they look like errors."""


def differing_rows(
    way: JoinedTables, column: ColumnValues, target: ColumnValues, differing: int, queries: Queries, report: Report
) -> tuple[tuple[tuple[Value, ...], ...], str, str | None]:
    """Return at most five rows that differ from each other, what they all look like, and SQL that lists them all."""
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
        f"select distinct {', '.join(shown)} from {way.from_clause()} where {where} order by {order} limit {SHOWN}"
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
    is_history = history.bits >= HISTORY_BITS
    pairs = _pairs(way, column, target, queries)
    some = "at least " if len(pairs) == MOST_PAIRS else ""
    spelled = [each for each in pairs if each.is_spelling]
    evidence = []
    if spelled:
        example = f"such as {value_text(spelled[0].own)} for {value_text(spelled[0].other)}"
        evidence.append(f"{some}{_rows(spelled):,} of them by spelling alone, {example}")
    if _rows(spelled) >= ERROR_SHARE * differing:
        return f"{text}, which looks like errors: {', and '.join(evidence + [history.sentence] * is_history)}."
    if is_history:
        return f"{text}, which looks like history: {history.sentence}."
    name, other = place(column.table, column.name), place(target.table, target.name)
    evidence += _frequent([(each.own, each.rows) for each in pairs], differing, some, name)
    evidence += _frequent([(each.other, each.rows) for each in pairs], differing, some, other)
    seen = ", ".join(filter(None, [*evidence, history.sentence]))
    return f"{text}: {seen}." if seen else f"{text}. Neither history nor misspelling is evident."


def _frequent(values: Sequence[tuple[str | None, int]], differing: int, some: str, name: str) -> list[str]:
    """Return that most rows that differ have one value, or how many have none; nothing if neither is so."""
    rows: Counter[str | None] = Counter()
    for value, number in values:
        rows[value] += number
    most = rows.most_common(1)
    chosen = most if most and most[0][1] >= MOST_OF * differing else [(None, rows[None])] if rows[None] else []
    return [
        f"{'all' if number == differing else f'{some}{number:,}'} of them where {name} is {value_text(value)}"
        for value, number in chosen
    ]


@dataclass(frozen=True)
class DifferingPair:
    """Two values that differ, of the copy and of the original, as text, and their rows."""

    own: str | None
    other: str | None
    rows: int

    @property
    def is_spelling(self) -> bool:
        """Whether they are two spellings of one text."""
        return self.own is not None and self.other is not None and are_spellings(self.own, self.other)


def _rows(pairs: Sequence[DifferingPair]) -> int:
    return sum(each.rows for each in pairs)


def _pairs(way: JoinedTables, column: ColumnValues, target: ColumnValues, queries: Queries) -> list[DifferingPair]:
    """Return the pairs of values that differ, the most frequent first, at most MOST_PAIRS."""
    left, right = way.pair(column, target)
    own, other = way.at(0, column.name), way.at(len(way.steps), target.name)
    shown = f"{queries.text(own)}, {queries.text(other)}"
    rows = queries.rows(
        f"select {shown}, count(*) from {way.from_clause()} where {differ(left, right)} group by {shown} "
        f"order by 3 desc, 1, 2 limit {MOST_PAIRS}"
    )
    return [DifferingPair(_text(one), _text(another), int(number)) for one, another, number in rows]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


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
