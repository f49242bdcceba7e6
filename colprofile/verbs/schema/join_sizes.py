"""find_join_sizes: the rows of joins along foreign keys, counted, estimated as planners do, and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from colprofile.measures.fingerprints import Fingerprint, as_fingerprint
from colprofile.measures.joins import chain_lower_bound, chain_upper_bound, join_lower_bound, join_upper_bound
from colprofile.results.base import amount
from colprofile.results.schema import ForeignKey, Join, JoinSize
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.join_queries import combination_fingerprint, groups, join_of, matches
from colprofile.verbs.schema.refused import Refused
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import listed, named
from colprofile.verbs.schema.table_values import TableValues

MOST_OF_THREE = 40
"""Joins of three tables that are counted."""

MOST_ROWS = 200_000_000
"""Rows that are read to count joins whose size does not follow from their foreign keys, in all."""

MOST_SIDES = 12
"""Foreign keys that meet in one table and are joined with each other, those with most rows first."""

NAMED = 3
"""Joins that were not counted and are named with their bounds."""


def find_join_sizes(
    tables: Sequence[TableValues],
    foreign_keys: Sequence[ForeignKey],
    queries: Queries,
    report: Report,
    notes: list[str] | None = None,
) -> list[JoinSize]:
    """Return the sizes of joins along foreign keys, of two and of three tables: first what is estimated worst.

    Of three tables those are counted first where two refer to the same one, which multiplies rows; then chains of
    references; then tables that refer to two. What is left out, or what the database refuses, is added to ``notes``.
    """
    sizes = Sizes({table.name: table for table in tables}, queries, MOST_ROWS)
    chosen, possible = _joins_of_three(foreign_keys, sizes)
    found: list[JoinSize] = []
    refused = Refused("Sizes of joins are not known", notes)
    for number, key in enumerate(foreign_keys):
        report("sizes of joins", number, len(foreign_keys) + len(chosen))
        with refused.at(f"{named(key.table)} with {named(key.target)}"):
            found.append(sizes.of_two(key))
    for number, (one, other) in enumerate(chosen):
        report("sizes of joins", len(foreign_keys) + number, len(foreign_keys) + len(chosen))
        with refused.at(" with ".join(map(named, (one.table, one.middle, other.table)))):
            found.append(sizes.of_three(one, other))
    refused.tell()
    if notes is not None:
        notes += _left_out(found, possible - len(chosen), possible)
    return sorted(found, key=lambda size: (-round(size.factor or 1.0, 2), -(size.rows or 0)))


def _left_out(found: Sequence[JoinSize], missing: int, possible: int) -> Iterator[str]:
    if missing:
        yield f"Sizes of {missing:,} of {possible:,} possible joins of three tables are left out."
    uncounted = [size for size in found if size.rows is None]
    if uncounted:
        named_ones = [
            f"{listed(size.join.tables)} (between {size.lower:,} and {size.upper:,} rows)" for size in uncounted[:NAMED]
        ]
        more = [f"{len(uncounted) - NAMED:,} more"] if len(uncounted) > NAMED else []
        which = "; ".join([*named_ones, *more])
        yield f"The rows of {amount(len(uncounted), 'join')} of large tables were not counted: {which}."


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


@dataclass
class Sizes:
    """Counts, estimates and bounds of joins, while ``room`` is left for the rows that counting reads."""

    tables: Mapping[str, TableValues]
    queries: Queries
    room: int
    _known: dict[tuple[str, tuple[str, ...]], Fingerprint] = field(default_factory=dict)

    def of_two(self, key: ForeignKey) -> JoinSize:
        """Return the size of the join along one foreign key."""
        inclusion, (side, _) = key.inclusion, _sides(key)
        referring, referred = self.fingerprint(key.table, key.columns), self.fingerprint(key.target, key.target_columns)
        rows = inclusion.rows - inclusion.orphan_rows if self._is_key(key) else self._count(side)
        upper = join_upper_bound(referring, referred)
        lower = join_lower_bound(referring, referred, shared=self._shared(key))
        return JoinSize(join_of(key), rows, self.estimate(side), lower, upper)

    def of_three(self, one: Side, other: Side) -> JoinSize:
        """Return the size of the join of two tables with one that both have a foreign key with."""
        first, last = (self.fingerprint(side.table, side.others) for side in (one, other))
        middle = self.fingerprint(one.middle, one.columns), self.fingerprint(other.middle, other.columns)
        if one.columns == other.columns:
            upper = join_upper_bound(first, middle[0], last)
        else:
            upper = chain_upper_bound(first, middle, last)
        # The database may have changed since the table was counted.
        rows = max(self.tables[one.middle].rows, middle[0].rows, middle[1].rows)
        shared = self._shared(one.key), self._shared(other.key)
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
        if (table, columns) not in self._known:
            if len(columns) == 1:
                found = as_fingerprint(self.tables[table].column(columns[0]).counts)
            else:
                found = combination_fingerprint(self.queries, table, columns)
            self._known[table, columns] = found
        return self._known[table, columns]

    def _shared(self, key: ForeignKey) -> int:
        """Return how many values the columns of a foreign key share at least."""
        referring, referred = self.fingerprint(key.table, key.columns), self.fingerprint(key.target, key.target_columns)
        return max(0, min(referring.distinct - key.inclusion.orphan_values, referred.distinct))

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

    def _count_three(self, one: Side, other: Side) -> int | None:
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

    def _count(self, *sides: Side) -> int | None:
        """Return the rows of the join, counted; None where too many would have to be read."""
        cost = sum(self.tables[name].rows for name in (sides[0].middle, *(side.table for side in sides)))
        if cost > self.room:
            return None
        self.room -= cost
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
