"""Inclusion dependencies between all columns: refuted by sketches first, the survivors verified."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt

from colprofile.errors import SourceError
from colprofile.measures.inclusion import inclusion_bits
from colprofile.results.schema import CandidateKey, Inclusion
from colprofile.sources.tables.base import Declared, Queries
from colprofile.verbs.schema.evidence import Places, Signs, evidence_bits, reach_bits
from colprofile.verbs.schema.inclusion_search import Included, included_columns, most_orphans
from colprofile.verbs.schema.names import Names
from colprofile.verbs.schema.orphans import Orphans, Reference
from colprofile.verbs.schema.refused import Refused
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.sentences import place
from colprofile.verbs.schema.shared_names import is_shared, shared_words
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

EVIDENCE = 16.0
"""An inclusion with fewer bits is reported only where a name, or where its numbers end, speaks for it: with 2,000
columns there are four million pairs, 2^22, most of them refuted by more than chance."""

_LIKE, _NEAR_LIKE, _REACH = 0.5, 0.85, 4.0
_PER_COLUMN = 8
_MOST_REACHED = 4
_MOST_QUERIES = 300
_PER_PART = 3
_SMALL = 100_000


def find_inclusions(
    tables: Sequence[TableValues],
    keys: Sequence[CandidateKey],
    declared: Declared,
    queries: Queries,
    report: Report,
    notes: list[str] | None = None,
) -> tuple[list[Inclusion], int]:
    """Return the inclusions, exact and near, of single columns and of up to three, and how many were left out.

    Those of single columns are decided by 64-bit hashes of all values: that a value which the target lacks has the hash
    of one that it has occurs once in 2^64 pairs of values. Near ones and those of several columns are counted by
    queries. Reported are those with at least 16 bits of evidence, and with less those in a key that the column is named
    after, or whose numbers end where the key's do, or where that holds for a column of the same name in another table;
    for each column the eight that are strongest. Declared references that the database refuses to count are added to
    ``notes``.

    Returns
    -------
    The inclusions, most evidence first, and how many more columns are among those of another as far as was looked at,
    without any sign that this is more than chance.
    """
    search = _Search(tables, keys, queries, report)
    found = search.single()
    found += search.composite(found)
    found += search.declared(declared, found, notes)
    return sorted(found, key=lambda each: (-each.bits, each.table, each.columns, each.target)), search.left_out


class _Search:
    """One search over all tables."""

    def __init__(
        self, tables: Sequence[TableValues], keys: Sequence[CandidateKey], queries: Queries, report: Report
    ) -> None:
        self._tables = {table.name: table for table in tables}
        self._queries, self._report = queries, report
        self._names = Names({table.name: [c.name for c in table.columns] for table in tables})
        self._columns = [c for table in tables for c in table.columns if _can_refer(c)]
        self._places = [column.place for column in self._columns]
        self._signs = Signs(self._columns)
        self._sizes = np.array([column.profile.distinct for column in self._columns], np.int64)
        numbers = {table.name: number for number, table in enumerate(tables)}
        self._table_numbers = np.array([numbers[column.table] for column in self._columns], np.int64)
        self._keys = {(key.table, key.columns[0]) for key in keys if len(key.columns) == 1}
        self._composite = [key for key in keys if len(key.columns) > 1 and key.status != "violated"]
        self._parts = {(key.table, column) for key in self._composite for column in key.columns}
        self._included: dict[tuple[str, tuple[str, str]], list[ColumnValues]] = defaultdict(list)
        self._can_reach = self._reaching()
        self._reachers = {place for place, can in zip(self._places, self._can_reach, strict=True) if can}
        self._known: dict[tuple[str, str], set[tuple[str, ...]]] = {}
        self._queried = 0
        self.left_out = 0

    def single(self) -> list[Inclusion]:
        """Return the inclusions between single columns."""
        columns = self._columns
        found: list[Inclusion] = []

        def check(done: int) -> None:
            if done % 16 == 0:
                self._report("looking for inclusions", done, len(columns))

        for each in included_columns(columns, self._allowed, check):
            found += self._graded(each)
        return list(self._strongest(found))

    def _allowed(self, target: int, columns: Places) -> Places:
        """Return how many orphans columns may have in a target to be reported, or to be part of a larger one."""
        other = self._columns[target]
        place = (other.table, other.name)
        is_own = self._table_numbers[columns] == self._table_numbers[target]
        is_wanted = self._signs.bits(target, columns) >= EVIDENCE
        if place in self._keys:
            names = self._names.shares([self._places[number] for number in columns.tolist()], *place)
            is_wanted |= np.array(names) >= _LIKE
            is_wanted |= self._can_reach[columns] & (self._signs.reach(target, columns) >= _REACH)
            is_wanted |= self._of_known_names(place, columns, is_wanted)
            self.left_out += int(np.count_nonzero(~is_wanted))
        else:
            is_wanted &= ~is_own
        if place in self._parts:
            is_wanted[:] = True
        most = self._sizes[columns] if place in self._keys or place in self._parts else 0
        allowed: Places = np.where(is_wanted, most, -1)
        return allowed

    def _of_known_names(self, place: tuple[str, str], columns: Places, is_wanted: npt.NDArray[np.bool_]) -> list[bool]:
        """Return which columns have the name of one that is wanted, and keep these names."""
        names = [self._columns[number].name for number in columns.tolist()]
        known = {shared_words(name) for name, wanted in zip(names, is_wanted.tolist(), strict=True) if wanted}
        self._known[place] = {words for words in known if words is not None}
        return [is_shared(name, self._known[place]) for name in names]

    def _reaching(self) -> npt.NDArray[np.bool_]:
        """Return which columns have numbers that span those of a key, and not of many."""
        times = np.zeros(len(self._columns), np.int64)
        every = np.arange(times.size)
        for target, own in enumerate(self._places):
            if own in self._keys:
                times += self._signs.reach(target, every) >= _REACH
        is_unique = np.array([column.is_unique for column in self._columns], bool)
        can_reach: npt.NDArray[np.bool_] = (times <= _MOST_REACHED) & ~is_unique
        return can_reach

    def _has_sign(self, column: ColumnValues, target: ColumnValues) -> bool:
        """Whether a name, where numbers end, or bits speak for an inclusion, or do so for a column of the same name."""
        if self._likeness(column, target) >= _LIKE or evidence_bits(column, target) >= EVIDENCE:
            return True
        if is_shared(column.name, self._known.get(target.place, ())):
            return True
        return column.place in self._reachers and reach_bits(column, target) >= _REACH

    def _likeness(self, column: ColumnValues, target: ColumnValues) -> float:
        return self._names.likeness(column.table, column.name, target.table, target.name).share

    def _graded(self, each: Included) -> Iterator[Inclusion]:
        """Yield an inclusion with its evidence, if it is to be reported."""
        column, target = self._columns[each.column], self._columns[each.target]
        bits = evidence_bits(column, target, each.orphans)
        place = (target.table, target.name)
        if place in self._parts:
            self._included[column.table, place].append(column)
        if each.orphans:
            is_meant = bits >= EVIDENCE or self._likeness(column, target) >= _NEAR_LIKE
            is_reported = place in self._keys and is_meant
        else:
            is_told = bits >= EVIDENCE and column.table != target.table
            is_reported = is_told or (place in self._keys and self._has_sign(column, target))
        if is_reported:
            orphans = Orphans(column.filled, column.profile.distinct, 0, each.orphans, ())
            reference = Reference(self._queries, [column], [target])
            yield _inclusion(reference, orphans, target.profile.distinct, bits)

    def _strongest(self, found: Sequence[Inclusion]) -> Iterator[Inclusion]:
        """Yield the strongest inclusions of each column, near ones counted in rows."""

        def strength(each: Inclusion) -> tuple[bool, float, float]:
            is_key = (each.target, each.target_columns[0]) in self._keys
            likeness = self._names.likeness(each.table, each.columns[0], each.target, each.target_columns[0]).share
            return is_key, likeness, each.bits

        taken: Counter[tuple[str, tuple[str, ...]]] = Counter()
        for each in sorted(found, key=strength, reverse=True):
            taken[each.table, each.columns] += 1
            if taken[each.table, each.columns] > _PER_COLUMN:
                self.left_out += 1
            elif each.is_exact and self._reference(each.table, each.columns, each.target, each.target_columns).is_plain:
                yield each
            else:
                yield from self._counted(each)

    def _reference(self, table: str, columns: Sequence[str], target: str, target_columns: Sequence[str]) -> Reference:
        return Reference(
            self._queries,
            [self._tables[table].column(name) for name in columns],
            [self._tables[target].column(name) for name in target_columns],
        )

    def _orphans(self, reference: Reference) -> Orphans | None:
        """Return the orphans of a near-inclusion as the database counts them; None where it is none there."""
        if self._queried >= _MOST_QUERIES:
            self.left_out += 1
            return None
        self._queried += 1
        self._report("counting orphans", self._queried, None)
        try:
            orphans = reference.count()
        except SourceError:  # such as types that the database does not compare
            self.left_out += 1
            return None
        return orphans if orphans.values and orphans.orphan_values <= most_orphans(orphans.values) else None

    def _counted(self, each: Inclusion) -> Iterator[Inclusion]:
        """Yield an inclusion of one column with the figures of the database, if it is one there."""
        reference = self._reference(each.table, each.columns, each.target, each.target_columns)
        orphans = self._orphans(reference)
        if orphans is not None:
            yield _inclusion(reference, orphans, each.target_values, each.bits)

    def composite(self, single: Sequence[Inclusion]) -> list[Inclusion]:
        """Return the inclusions of several columns in composite keys."""
        found: list[Inclusion] = []
        for key in self._composite:
            for table in self._tables.values():
                parts = [self._candidates(table.name, key, column) for column in key.columns]
                for chosen in product(*parts):
                    if self._may_refer(chosen, key):
                        found += self._of_several(chosen, key)
        return found

    def _may_refer(self, columns: Sequence[ColumnValues], key: CandidateKey) -> bool:
        """Whether something speaks for a reference of several columns: for each, or all but one in a small table.

        In the key's own table, for each that is no part of the key.
        """
        if len({column.name for column in columns}) < len(columns):
            return False
        is_own = columns[0].table == key.table
        pairs = zip(columns, map(self._tables[key.table].column, key.columns), strict=True)
        signs = [
            one.name == other.name or self._has_sign(one, other) for one, other in pairs if one.place != other.place
        ]
        return any(signs) and signs.count(False) <= int(not is_own and columns[0].profile.rows <= _SMALL)

    def _candidates(self, table: str, key: CandidateKey, column: str) -> list[ColumnValues]:
        """Return the columns of a table that may refer to a part of a key, the most likely first.

        In the key's own table these are none of the key, and the part itself: a node's (tree, parent) refers to another
        one's (tree, node).
        """
        other = self._tables[key.table].column(column)

        def strength(each: ColumnValues) -> tuple[float, float, int]:
            return self._likeness(each, other), evidence_bits(each, other), each.profile.distinct

        parts = key.columns if table == key.table else ()
        known = self._included.get((table, other.place), [])
        some = [each for each in known if not each.is_unique and each.name not in parts]
        return sorted(some, key=strength, reverse=True)[:_PER_PART] + ([other] if parts else [])

    def _of_several(self, columns: Sequence[ColumnValues], key: CandidateKey) -> Iterator[Inclusion]:
        """Yield the inclusion of columns in a key of as many, if the database says that it is one."""
        table = self._tables[key.table]
        reference = self._reference(columns[0].table, [column.name for column in columns], key.table, key.columns)
        orphans = self._orphans(reference)
        if orphans is None:
            return
        pairs = list(zip(reference.columns, reference.targets, strict=True))
        bits = min(evidence_bits(one, other) for one, other in pairs)
        has_all = all(np.array_equal(one.hashes, other.hashes) for one, other in pairs)  # type: ignore[arg-type]
        try:
            combined = table.rows if has_all else reference.count_combined()
        except SourceError:
            self.left_out += 1
            return
        domain = prod(float(column.profile.distinct) for column in columns)
        bits += inclusion_bits(domain, combined, orphans.values, orphans.orphan_values)
        yield _inclusion(reference, orphans, table.rows, bits)

    def declared(self, declared: Declared, found: Sequence[Inclusion], notes: list[str] | None) -> Iterator[Inclusion]:
        """Yield the declared references that were not found, or that rows break."""
        known = {(e.table, e.target, frozenset(zip(e.columns, e.target_columns, strict=True))) for e in found}
        refused = Refused("Orphans of declared foreign keys were not counted, and these are left out", notes)
        names = {column.place for table in self._tables.values() for column in table.columns}
        for each in declared.references:
            pairs = frozenset(zip(each.columns, each.target_columns, strict=True))
            needed = {(each.table, one) for one, _ in pairs} | {(each.target, other) for _, other in pairs}
            if (each.table, each.target, pairs) in known or not pairs or not needed <= names:
                continue
            reference = self._reference(each.table, each.columns, each.target, each.target_columns)
            self._report("counting orphans", self._queried, None)
            orphans, targets = None, reference.targets
            with refused.at(place(each.table, *each.columns)):
                orphans = reference.count()
            if orphans is None:
                continue
            values = targets[0].profile.distinct if len(targets) == 1 else self._tables[each.target].rows
            is_single = len(targets) == 1
            bits = evidence_bits(reference.columns[0], targets[0], orphans.orphan_values) if is_single else 0.0
            yield _inclusion(reference, orphans, values, bits)
        refused.tell()


def _can_refer(column: ColumnValues) -> bool:
    is_kind = column.profile.kind not in ("boolean", "nested")
    return is_kind and column.hashes is not None and column.hashes.size > 0


def _inclusion(reference: Reference, orphans: Orphans, target_values: int, bits: float) -> Inclusion:
    known = orphans.values - orphans.orphan_values
    return Inclusion(
        reference.columns[0].table,
        tuple(column.name for column in reference.columns),
        reference.targets[0].table,
        tuple(target.name for target in reference.targets),
        orphans.rows,
        orphans.values,
        target_values,
        orphans.orphan_rows,
        orphans.orphan_values,
        orphans.examples,
        bits,
        min(1.0, known / target_values) if target_values else 0.0,
    )
