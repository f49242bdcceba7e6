"""Columns that a foreign key's path has too: copied, or determined by the reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from colprofile.measures.entropy import entropy_from_fingerprint
from colprofile.measures.fingerprints import Fingerprint
from colprofile.measures.lookup import arrangement_bits, savings
from colprofile.measures.thresholds import needed_bits
from colprofile.results.column import row_bits
from colprofile.results.schema import ForeignKey, RepeatedColumn
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.candidate_copies import candidate_copies
from colprofile.verbs.schema.compared import JoinedTables, agree
from colprofile.verbs.schema.determined_columns import determined_columns
from colprofile.verbs.schema.differing_rows import differing_rows
from colprofile.verbs.schema.refused import Refused
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import counted, named, place, share
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

EQUAL_SHARE = 0.5
"""At least this share of the joined rows agree in a copy."""

SAVED_SHARE = 0.25
"""A copy saves at least this share of the column's bits, its exceptions listed."""

MOST_COMPARED = 40
"""Pairs of columns that one query compares."""

SAMPLED_ROWS = 500_000
"""Of a table with more rows, those of a few references are compared first."""

ONE_IN = 61
"""So many references are one sampled: those whose number leaves a certain remainder."""


Pair = tuple[ColumnValues, ColumnValues]
"""A column, and the one of the path's last table that it may repeat."""


@dataclass(frozen=True)
class Copy:
    """A column that equals one that its path leads to, with the figures of their comparison."""

    joined: JoinedTables
    column: ColumnValues
    target: ColumnValues
    rows: int
    equal: int
    saved: float


def find_repeated_columns(
    tables: Sequence[TableValues],
    foreign_keys: Sequence[ForeignKey],
    queries: Queries,
    report: Report,
    notes: list[str] | None = None,
) -> list[RepeatedColumn]:
    """Return the columns that repeat what their references lead to, most bits first.

    A copy is found at the shortest way: of an invoice line's city that equals its invoice's, which equals its
    customer's, the line's copy is of the invoice. A column is reported once, for the path that saves most. What the
    database refuses to compare is added to ``notes``.
    """
    kept = {table.name: table for table in tables}
    usable = [key for key in foreign_keys if key.table in kept and key.target in kept]
    copies: dict[tuple[str, str], Copy] = {}
    refused = Refused("Columns were not compared with what their references lead to", notes)
    for paths in (_single(usable), _double(usable)):
        ways = [JoinedTables(path, kept, queries, usable) for path in paths]
        _add_copies(copies, ways, usable, queries, report, refused)
    found = []
    for copy in copies.values():
        with refused.at(place(copy.column.table, copy.column.name)):
            found.append(_repeated(copy, queries, report))
    found += determined_columns(usable, kept, set(copies), queries, refused)
    refused.tell()
    return sorted(found, key=lambda each: -each.bits * kept[each.table].rows)


def _single(foreign_keys: Sequence[ForeignKey]) -> Iterator[tuple[ForeignKey, ...]]:
    yield from ((key,) for key in foreign_keys)


def _double(foreign_keys: Sequence[ForeignKey]) -> Iterator[tuple[ForeignKey, ...]]:
    """Yield the foreign keys on end that do not come back to a table they passed."""
    for first in foreign_keys:
        for second in foreign_keys:
            if second.table == first.target and len({first.table, first.target, second.target}) == 3:
                yield first, second


def _add_copies(
    copies: dict[tuple[str, str], Copy],
    ways: Sequence[JoinedTables],
    foreign_keys: Sequence[ForeignKey],
    queries: Queries,
    report: Report,
    refused: Refused,
) -> None:
    """Add the copies of these ways to those of shorter ones, of a column that with most bits."""
    shorter = set(copies)
    candidates = []
    for way in ways:
        pairs = [pair for pair in candidate_copies(way, foreign_keys) if (way.source.name, pair[0].name) not in shorter]
        candidates += [(way, pairs[start : start + MOST_COMPARED]) for start in range(0, len(pairs), MOST_COMPARED)]
    needed = needed_bits(max(1, sum(len(pairs) for _, pairs in candidates)))
    for number, (way, pairs) in enumerate(candidates):
        report("comparing columns over foreign keys", number, len(candidates))
        some: list[Copy] = []
        with refused.at(place(way.source.name, *way.reference)):
            some.extend(_compared(way, _not_refuted(way, pairs, queries), needed, queries))
        for copy in some:
            place_of = (copy.column.table, copy.column.name)
            back = copies.get((copy.target.table, copy.target.name))
            is_back = back is not None and (back.target.table, back.target.name) == place_of
            known = copies.get(place_of)
            if not is_back and (known is None or known.saved < copy.saved):
                copies[place_of] = copy


def _not_refuted(way: JoinedTables, pairs: list[Pair], queries: Queries) -> list[Pair]:
    """Return the pairs that may be copies, by the rows of a sixty-first of the references where there are many.

    A pair that agrees in less than half of what a copy needs is refuted: what a row repeats does not hang on its
    reference's remainder.
    """
    reference = way.source.column(way.reference[0])
    is_sampled = reference.low is not None and reference.profile.distinct > 100 * ONE_IN
    if not is_sampled or way.source.rows <= SAMPLED_ROWS:
        return pairs
    some = f"{way.from_clause()} where {way.at(0, reference.name)} % {ONE_IN} = {ONE_IN // 3}"
    rows, equal = _equal_rows(way, pairs, some, queries)
    least = EQUAL_SHARE / 2 * rows
    return [pair for pair, agreeing in zip(pairs, equal, strict=True) if agreeing >= least]


def _equal_rows(way: JoinedTables, pairs: Sequence[Pair], clause: str, queries: Queries) -> tuple[int, list[int]]:
    """Return the rows of a clause behind FROM, and those where each pair agrees, from one query."""
    counts = [f"sum(case when {agree(*way.pair(column, target))} then 1 else 0 end)" for column, target in pairs]
    [(rows, *equal)] = queries.rows(f"select count(*), {', '.join(counts)} from {clause}")
    return int(rows), [int(agreeing or 0) for agreeing in equal]


def _compared(way: JoinedTables, pairs: Sequence[Pair], needed: float, queries: Queries) -> Iterator[Copy]:
    """Yield the pairs that are copies, counted in one query over one join."""
    if not pairs:
        return
    rows, equal = _equal_rows(way, pairs, way.from_clause(), queries)
    for (column, target), agreeing in zip(pairs, equal, strict=True):
        if not rows or agreeing < EQUAL_SHARE * rows:
            continue
        distinct, bits = _joined_entropy(way, column, rows, queries)
        saved = savings(rows, 0, distinct, bits, rows - agreeing)
        whole = arrangement_bits(rows, distinct, bits)
        if saved >= needed and saved >= SAVED_SHARE * whole:
            yield Copy(way, column, target, rows, agreeing, saved)


def _joined_entropy(way: JoinedTables, column: ColumnValues, rows: int, queries: Queries) -> tuple[int, float]:
    """Return a column's values among the joined rows, NULL one of them, and their entropy in bits per row."""
    if rows == column.profile.rows:
        counts, numbers = column.counts
        nulls = rows - int((counts * numbers).sum())
        pairs = [*zip(counts.tolist(), numbers.tolist(), strict=True), *([(nulls, 1)] if nulls else [])]
    else:
        name = way.at(0, column.name)
        groups = f"select count(*) as n from {way.from_clause()} group by {name}"
        found = queries.rows(f"select n, count(*) from ({groups}) g group by n")
        pairs = [(int(count), int(number)) for count, number in found]
    fingerprint = Fingerprint.from_pairs(pairs)
    return fingerprint.distinct, entropy_from_fingerprint(fingerprint) or 0.0


def _repeated(copy: Copy, queries: Queries, report: Report) -> RepeatedColumn:
    """Return a copy as results hold it, with the rows that differ and what they look like."""
    differing = copy.rows - copy.equal
    shown, words, query = differing_rows(copy.joined, copy.column, copy.target, differing, queries, report)
    source, target = place(copy.column.table, copy.column.name), place(copy.target.table, copy.target.name)
    over = ", ".join(map(named, copy.joined.reference))
    is_whole = copy.rows == copy.column.profile.rows
    if differing:
        rows_of = counted(copy.rows, "row")
        which = rows_of if is_whole else f"the {rows_of} that {'refers' if copy.rows == 1 else 'refer'} to one"
        extent = f"in {share(copy.equal, copy.rows)} of {which}"
    else:
        extent = "in every row" if is_whole else "in every row that refers to one"
    return RepeatedColumn(
        kind="copy",
        table=copy.column.table,
        column=copy.column.name,
        join=copy.joined.join,
        target_column=copy.target.name,
        rows=copy.rows,
        equal_rows=copy.equal,
        bits=min(copy.saved / copy.column.profile.rows, row_bits(copy.column.profile)),
        differing=shown,
        statement=f"{source} repeats {target} (by {over}) {extent}." + (f" {words}" if words else ""),
        query=query,
    )
