"""Rows where a copy differs from its original: which they are, and whether they look like history or like errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.errors import shorten
from colprofile.sources.tables.base import Queries
from colprofile.values import Value
from colprofile.verbs.schema.compared import JoinedTables, agree, differ, family
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import WIDTH, as_value, counted, value_text
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

SHOWN = 5
"""Rows that differ of a copy, at most."""

MOST_PAIRS = 1000
"""Different pairs of values that differ, at most, that spellings are looked for in."""

HISTORY_BITS = 10.0
"""An order in time that chance has with probability at most 2^−10 is evidence of history."""

ERROR_SHARE = 0.5
"""Of the rows that differ, at least this share are spellings of one text where they look like errors."""

FEW = 0.01
"""Of all rows, at most this share are few."""


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
    spellings = _spellings(way, column, target, queries)
    history = _history(way, column, target, queries)
    nulls = _nulls(way, column, target, queries)
    text = f"{counted(differing, 'row differs', 'rows differ')}"
    if history is not None and history.bits >= HISTORY_BITS:
        return f"{text}, which looks like history: {history.sentence}."
    evidence = []
    if spellings.rows:
        mine, theirs = map(value_text, spellings.example)
        evidence.append(f"{spellings.rows:,} of them by spelling alone, such as {mine} for {theirs}")
    for number, where in zip(nulls, (way.source.name, way.target.name), strict=True):
        if number:
            evidence.append(f"{number:,} of them as {shorten(where, WIDTH)} has NULL")
    if spellings.rows >= ERROR_SHARE * differing:
        return f"{text}, which looks like errors: {' and '.join(evidence)}."
    if history is None:
        evidence.append(f"{shorten(way.source.name, WIDTH)} has no date or time that could show whether it is history")
    else:
        evidence.append(f"no order by {shorten(history.clock, WIDTH)} that chance would not have")
    return f"{text}: {', '.join(evidence)}."


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


@dataclass(frozen=True)
class History:
    """Whether the rows that differ are the older ones of their reference.

    Attributes
    ----------
    clock
        The column that orders rows in time.
    bits
        −log2 of the probability that so many references have all their differing rows first, or last, by chance.
    sentence
        The evidence.
    """

    clock: str
    bits: float
    sentence: str


def _history(way: JoinedTables, column: ColumnValues, target: ColumnValues, queries: Queries) -> History | None:
    """Return how the rows that differ lie in time, reference by reference; None where no column tells the time."""
    clock = clock_of(way.source, (*way.reference, column.name))
    if clock is None:
        return None
    left, right = way.pair(column, target)
    time, same, other = way.at(0, clock.name), agree(left, right), differ(left, right)
    columns = ", ".join(way.at(0, name) for name in way.reference)
    groups = (
        f"select sum(case when {other} then 1 else 0 end) as d, sum(case when {same} then 1 else 0 end) as s, "
        f"max(case when {other} then {time} end) as last_d, min(case when {same} then {time} end) as first_s, "
        f"min(case when {other} then {time} end) as first_d, max(case when {same} then {time} end) as last_s "
        f"from {way.from_clause()} where {time} is not null group by {columns}"
    )
    rows = queries.rows(
        f"select d, s, case when last_d <= first_s then 1 else 0 end, case when first_d >= last_s then 1 else 0 end, "
        f"count(*) from ({groups}) g where d > 0 and s > 0 group by 1, 2, 3, 4"
    )
    mixed = [(int(d), int(s), bool(first), bool(last), int(many)) for d, s, first, last, many in rows]
    references = sum(many for *_, many in mixed)
    older = sum(many for _, _, first, _, many in mixed if first)
    newer = sum(many for _, _, _, last, many in mixed if last)
    ordered = max(older, newer)
    bits = _ordered_bits([(d, s, many) for d, s, _, _, many in mixed], ordered) - 1 if references else 0.0
    word = "older" if older >= newer else "newer"
    noun = shorten(way.reference[0], WIDTH) if len(way.reference) == 1 else "the reference"
    return History(
        clock.name,
        bits,
        f"by {shorten(clock.name, WIDTH)} they are the {word} ones for {ordered:,} of the "
        f"{counted(references, 'value')} of {noun} that have rows of both kinds",
    )


def _ordered_bits(mixed: Sequence[tuple[int, int, int]], ordered: int) -> float:
    """Return −log2 of a bound of the probability that at least ``ordered`` references are in order by chance.

    A reference with d rows that differ and s that agree is in order with probability p = 1/C(d + s, d). The bound is
    Chernoff's for a sum of independent Bernoulli variables of mean p̄ (Hoeffding 1963, theorem 1): n·KL(k/n ‖ p̄).
    """
    references = sum(many for *_, many in mixed)
    expected = sum(many / math.comb(d + s, d) for d, s, many in mixed)
    share, mean = ordered / references, expected / references
    if share <= mean:
        return 0.0
    bits = share * math.log2(share / mean)
    if share < 1:
        bits += (1 - share) * math.log2((1 - share) / (1 - mean))
    return references * bits


def clock_of(table: TableValues, without: Sequence[str]) -> ColumnValues | None:
    """Return the column that orders a table's rows in time best: the date or time with most rows, then most values."""
    moments = [each for each in table.columns if family(each) == "moment" and each.name not in without]
    usable = [each for each in moments if each.profile.distinct > 1]
    return max(usable, key=lambda each: (each.filled, each.profile.distinct), default=None)
