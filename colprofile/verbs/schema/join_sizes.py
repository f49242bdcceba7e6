"""find_join_sizes: the rows of joins along foreign keys, counted, estimated as planners do, and bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from colprofile.measures.fingerprints import Fingerprint, as_fingerprint
from colprofile.measures.joins import chain_lower_bound, chain_upper_bound, join_lower_bound, join_upper_bound
from colprofile.results.schema import ForeignKey, Join, JoinSize
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.join_queries import combination_fingerprint, groups, join_of, matches
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.table_values import TableValues

MOST_OF_THREE = 40
"""Joins of three tables that are counted."""

MOST_SIDES = 12
"""Foreign keys that meet in one table and are joined with each other, those with most rows first."""


def find_join_sizes(
    tables: Sequence[TableValues],
    foreign_keys: Sequence[ForeignKey],
    queries: Queries,
    report: Report,
    notes: list[str] | None = None,
) -> list[JoinSize]:
    """Return the sizes of joins along foreign keys: of two tables each, then of three, the largest first.

    Of three tables those come first where two refer to the same one, which multiplies rows; then chains of references;
    then tables that refer to two. What is left out is added to ``notes``.
    """
    sizes = Sizes({table.name: table for table in tables}, queries)
    chosen, possible = _joins_of_three(foreign_keys, sizes)
    found = []
    for number, key in enumerate(foreign_keys):
        report("sizes of joins", number, len(foreign_keys) + len(chosen))
        found.append(sizes.of_two(key))
    of_three = []
    for number, (one, other) in enumerate(chosen):
        report("sizes of joins", len(foreign_keys) + number, len(foreign_keys) + len(chosen))
        of_three.append(sizes.of_three(one, other))
    if notes is not None and possible > len(chosen):
        notes.append(
            f"Sizes of {possible - len(chosen):,} of {possible:,} possible joins of three tables were not counted."
        )
    return sorted(found, key=_rows_first) + sorted(of_three, key=_rows_first)


def _rows_first(size: JoinSize) -> float:
    return -(size.upper if size.rows is None else size.rows)


@dataclass(frozen=True)
class Side:
    """A foreign key as the table sees it that is joined by it.

    Attributes
    ----------
    columns
        The columns of the table in the middle.
    table, others
        The table joined to it, and its columns.
    key
        The foreign key.
    is_referring
        Whether the other table refers to the one in the middle, and not that to the other.
    """

    middle: str
    columns: tuple[str, ...]
    table: str
    others: tuple[str, ...]
    key: ForeignKey
    is_referring: bool


def _sides(key: ForeignKey) -> tuple[Side, Side]:
    return (
        Side(key.target, key.target_columns, key.table, key.columns, key, True),
        Side(key.table, key.columns, key.target, key.target_columns, key, False),
    )


def _joins_of_three(foreign_keys: Sequence[ForeignKey], sizes: Sizes) -> tuple[list[tuple[Side, Side]], int]:
    """Return which pairs of sides are counted, and how many there are."""
    by_middle: dict[str, list[Side]] = {}
    for key in foreign_keys:
        for side in _sides(key):
            by_middle.setdefault(side.middle, []).append(side)
    possible, pairs = 0, list[tuple[Side, Side]]()
    for sides in by_middle.values():
        possible += len(sides) * (len(sides) - 1) // 2
        largest = sorted(sides, key=lambda side: (not side.is_referring, -side.key.inclusion.rows))[:MOST_SIDES]
        pairs += combinations(largest, 2)
    pairs.sort(key=lambda pair: (-(pair[0].is_referring + pair[1].is_referring), -sizes.estimate(*pair)))
    return pairs[:MOST_OF_THREE], possible


@dataclass(frozen=True)
class Sizes:
    """Counts, estimates and bounds of joins; fingerprints that had to be asked for are kept."""

    tables: Mapping[str, TableValues]
    queries: Queries
    _asked: dict[tuple[str, tuple[str, ...]], Fingerprint] = field(default_factory=dict)

    def of_two(self, key: ForeignKey) -> JoinSize:
        """Return the size of the join along one foreign key."""
        inclusion, (side, _) = key.inclusion, _sides(key)
        referring, referred = self.fingerprint(key.table, key.columns), self.fingerprint(key.target, key.target_columns)
        rows = inclusion.rows - inclusion.orphan_rows if self._is_key(key) else self._count(side)
        upper = join_upper_bound(referring, referred)
        lower = join_lower_bound(referring, referred, shared=_shared(key))
        return JoinSize(join_of(key), rows, self.estimate(side), lower, upper)

    def of_three(self, one: Side, other: Side) -> JoinSize:
        """Return the size of the join of two tables with one that both have a foreign key with."""
        first, last = (self.fingerprint(side.table, side.others) for side in (one, other))
        middle = self.fingerprint(one.middle, one.columns), self.fingerprint(other.middle, other.columns)
        if one.columns == other.columns:
            upper = join_upper_bound(first, middle[0], last)
        else:
            upper = chain_upper_bound(first, middle, last)
        rows = self.tables[one.middle].rows
        shared = _shared(one.key), _shared(other.key)
        lower = chain_lower_bound(first, middle, last, rows=rows, shared=shared)
        join = Join((one.table, one.middle, other.table), (one.others, other.columns), (one.columns, other.others))
        return JoinSize(join, self._count_three(one, other), self.estimate(one, other), lower, upper)

    def estimate(self, *sides: Side) -> float:
        """Return the rows that planners expect: Π rows · Π 1/max(distinct), with one factor for each equal column.

        Columns of a key of several are taken as independent, as planners do where no foreign key is declared; where it
        is, each row is expected to find one.
        """
        rows, over = self.tables[sides[0].middle].rows, 1
        for side in sides:
            selected, of = self._selectivity(side)
            rows *= self.tables[side.table].rows * selected
            over *= of
        return rows / over

    def fingerprint(self, table: str, columns: tuple[str, ...]) -> Fingerprint:
        """Return how often the values of a column, or of a combination, occur."""
        if len(columns) == 1:
            return as_fingerprint(self.tables[table].column(columns[0]).counts)
        if (table, columns) not in self._asked:
            self._asked[table, columns] = combination_fingerprint(self.queries, table, columns)
        return self._asked[table, columns]

    def _is_key(self, key: ForeignKey) -> bool:
        found = self.fingerprint(key.target, key.target_columns)
        return found.rows == found.distinct

    def _selectivity(self, side: Side) -> tuple[int, int]:
        """Return the share of all pairs of rows that are expected to be equal, as a fraction."""
        if len(side.columns) > 1 and side.key.status != "found":
            return 1, max(1, self.tables[side.key.target].rows)
        selected, of = 1, 1
        for column, other in zip(side.columns, side.others, strict=True):
            left, right = self.tables[side.middle].column(column), self.tables[side.table].column(other)
            if not (left.filled and right.filled):
                return 0, 1
            selected *= left.filled * right.filled
            of *= left.profile.rows * right.profile.rows * max(left.profile.distinct, right.profile.distinct)
        return selected, of

    def _count_three(self, one: Side, other: Side) -> int:
        for side, always in ((one, other), (other, one)):
            if self._meets_one_always(always):
                if self._meets_one_always(side):
                    return self.tables[one.middle].rows
                if side.is_referring and self._is_key(side.key):
                    return side.key.inclusion.rows - side.key.inclusion.orphan_rows
        return self._count(one, other)

    def _meets_one_always(self, side: Side) -> bool:
        """Whether each row of the middle table refers to exactly one of the other."""
        inclusion = side.key.inclusion
        is_full = inclusion.rows == self.tables[side.middle].rows and not inclusion.orphan_rows
        return not side.is_referring and is_full and self._is_key(side.key)

    def _count(self, *sides: Side) -> int:
        joined, weights = [], []
        for number, side in enumerate(sides):
            grouped = groups(self.queries, side.table, side.others)
            condition = matches(
                self.queries,
                self.tables,
                ("m", side.middle, side.columns),
                (f"g{number}", side.table, side.others),
            )
            joined.append(f" join ({grouped}) g{number} on {condition}")
            weights.append(f"g{number}.w")
        ((rows,),) = self.queries.rows(
            f"select sum({' * '.join(weights)}) from {self.queries.table(sides[0].middle)} m{''.join(joined)}"
        )
        return int(rows or 0)


def _shared(key: ForeignKey) -> int:
    return key.inclusion.values - key.inclusion.orphan_values
