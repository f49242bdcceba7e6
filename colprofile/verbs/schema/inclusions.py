"""Inclusion dependencies between all columns: refuted by sketches first, the survivors verified."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

from colprofile.measures.inclusion import inclusion_bits
from colprofile.results.schema import CandidateKey, Inclusion
from colprofile.sources.tables.base import Declared, Queries
from colprofile.verbs.schema.evidence import evidence_bits, reach_bits
from colprofile.verbs.schema.inclusion_search import Included, included_columns, is_dense, most_orphans
from colprofile.verbs.schema.names import Names
from colprofile.verbs.schema.orphans import Orphans, Reference
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

EVIDENCE = 16.0
"""An inclusion with fewer bits is reported only where a name, or where its numbers end, speaks for it: with 2,000
columns there are four million pairs, 2^22, most of them refuted by more than chance."""

_LIKE, _NEAR_LIKE, _REACH = 0.6, 0.85, 4.0
_PER_COLUMN = 8
_MOST_QUERIES = 300
_PER_PART = 3


def find_inclusions(
    tables: Sequence[TableValues], keys: Sequence[CandidateKey], declared: Declared, queries: Queries, report: Report
) -> tuple[list[Inclusion], int]:
    """Return the inclusions, exact and near, of single columns and of up to three, and how many were left out.

    Those of single columns are decided by 64-bit hashes of all values: that a value which the target lacks has the hash
    of one that it has occurs once in 2^64 pairs of values. Near ones and those of several columns are counted by
    queries. Reported are those with at least 16 bits of evidence, and with less those in a key that the column is named
    after, or whose numbers end where the key's do; for each column the eight that are strongest.

    Returns
    -------
    The inclusions, most evidence first, and how many more columns are among those of another as far as was looked at,
    without any sign that this is more than chance.
    """
    search = _Search(tables, keys, queries, report)
    found = search.single()
    found += search.composite(found)
    found += search.declared(declared, found)
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
        self._keys = {(key.table, key.columns[0]) for key in keys if len(key.columns) == 1}
        self._composite = [key for key in keys if len(key.columns) > 1 and key.status != "violated"]
        self._parts = {(key.table, column) for key in self._composite for column in key.columns}
        self._included: dict[tuple[str, str], list[ColumnValues]] = defaultdict(list)
        self._queried = 0
        self.left_out = 0

    def single(self) -> list[Inclusion]:
        """Return the inclusions between single columns."""
        columns = self._columns
        found: list[Inclusion] = []

        def check(done: int) -> None:
            if done % 16 == 0:
                self._report("looking for inclusions", done, len(columns))

        for each in included_columns(columns, self._is_wanted, check):
            found += self._graded(each)
        return list(self._strongest(found))

    def _is_wanted(self, column: int, target: int) -> bool:
        """Whether an inclusion would be reported; without a look at all values."""
        one, other = self._columns[column], self._columns[target]
        place = (other.table, other.name)
        if place not in self._keys and (one.table == other.table or place not in self._parts):
            if one.table == other.table or _covers(other, one):
                return False
            return evidence_bits(one, other) >= EVIDENCE
        is_wanted = self._likeness(one, other) >= _LIKE or reach_bits(one, other) >= _REACH
        is_wanted = is_wanted or (not _covers(other, one) and evidence_bits(one, other) >= EVIDENCE)
        self.left_out += not is_wanted
        return is_wanted

    def _likeness(self, column: ColumnValues, target: ColumnValues) -> float:
        return self._names.likeness(column.table, column.name, target.table, target.name).share

    def _graded(self, each: Included) -> Iterator[Inclusion]:
        """Yield an inclusion with its evidence, if it is to be reported."""
        column, target = self._columns[each.column], self._columns[each.target]
        bits = evidence_bits(column, target, each.orphans)
        place = (target.table, target.name)
        if each.orphans and not (
            (place in self._keys or place in self._parts)
            and (bits >= EVIDENCE or self._likeness(column, target) >= _NEAR_LIKE)
        ):
            return
        if place in self._parts:
            self._included[column.table, f"{target.table}\0{target.name}"].append(column)
            if place not in self._keys and bits < EVIDENCE:
                return
        own = 0 if column.hashes is None else column.hashes.size
        orphans = Orphans(column.filled, column.profile.distinct, 0, each.orphans, ())
        yield _inclusion([column], [target], orphans, target.profile.distinct, bits, own - each.orphans)

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
            elif each.is_exact:
                yield each
            elif self._queried < _MOST_QUERIES:
                counted = self._counted(each)
                if counted is not None:
                    yield counted
            else:
                self.left_out += 1

    def _counted(self, each: Inclusion) -> Inclusion | None:
        """Return a near-inclusion as the database counts it; None where it is none there."""
        columns = [self._tables[each.table].column(name) for name in each.columns]
        targets = [self._tables[each.target].column(name) for name in each.target_columns]
        self._queried += 1
        self._report("counting orphans", self._queried, None)
        orphans = Reference(self._queries, columns, targets).count()
        if orphans.orphan_values > most_orphans(orphans.values):
            return None
        known = orphans.values - orphans.orphan_values
        return _inclusion(columns, targets, orphans, each.target_values, each.bits, known)

    def composite(self, single: Sequence[Inclusion]) -> list[Inclusion]:
        """Return the inclusions of several columns in composite keys."""
        found: list[Inclusion] = []
        for key in self._composite:
            for table in self._tables.values():
                if table.name == key.table:
                    continue
                parts = [self._candidates(table.name, key.table, column) for column in key.columns]
                for chosen in product(*parts):
                    if len({column.name for column in chosen}) == len(chosen) and self._queried < _MOST_QUERIES:
                        found += self._of_several(chosen, key)
        return found

    def _candidates(self, table: str, target: str, column: str) -> list[ColumnValues]:
        other = self._tables[target].column(column)
        known = self._included[table, f"{target}\0{column}"]
        return sorted(known, key=lambda c: -self._likeness(c, other))[:_PER_PART]

    def _of_several(self, columns: Sequence[ColumnValues], key: CandidateKey) -> Iterator[Inclusion]:
        table = self._tables[key.table]
        targets = [table.column(name) for name in key.columns]
        self._queried += 1
        self._report("counting orphans", self._queried, None)
        orphans = Reference(self._queries, columns, targets).count()
        if not orphans.values or orphans.orphan_values > most_orphans(orphans.values):
            return
        domain = 1.0
        for target in targets:
            domain *= target.profile.distinct
        bits = inclusion_bits(domain, table.rows, orphans.values, orphans.orphan_values)
        known = orphans.values - orphans.orphan_values
        yield _inclusion(columns, targets, orphans, table.rows, bits, known)

    def declared(self, declared: Declared, found: Sequence[Inclusion]) -> Iterator[Inclusion]:
        """Yield the declared references that were not found, or that rows break."""
        known = {(each.table, each.columns, each.target, each.target_columns) for each in found}
        for each in declared.references:
            place = (each.table, each.columns, each.target, each.target_columns)
            if place in known or each.table not in self._tables or each.target not in self._tables:
                continue
            try:
                columns = [self._tables[each.table].column(name) for name in each.columns]
                targets = [self._tables[each.target].column(name) for name in each.target_columns]
            except StopIteration:  # one that could not be counted
                continue
            orphans = Reference(self._queries, columns, targets).count()
            values = targets[0].profile.distinct if len(targets) == 1 else self._tables[each.target].rows
            bits = evidence_bits(columns[0], targets[0], orphans.orphan_values) if len(columns) == 1 else 0.0
            yield _inclusion(columns, targets, orphans, values, bits, orphans.values - orphans.orphan_values)


def _can_refer(column: ColumnValues) -> bool:
    is_kind = column.profile.kind not in ("boolean", "nested")
    return is_kind and column.hashes is not None and column.hashes.size > 0


def _covers(target: ColumnValues, column: ColumnValues) -> bool:
    """Whether a target has all whole numbers of a column's range, so that inclusion is no evidence."""
    if not is_dense(target) or column.low is None or column.high is None:
        return False
    assert target.low is not None and target.high is not None
    return target.low <= min(column.low, 1) and column.high <= target.high


def _inclusion(
    columns: Sequence[ColumnValues],
    targets: Sequence[ColumnValues],
    orphans: Orphans,
    target_values: int,
    bits: float,
    known: int,
) -> Inclusion:
    return Inclusion(
        columns[0].table,
        tuple(column.name for column in columns),
        targets[0].table,
        tuple(target.name for target in targets),
        orphans.rows,
        orphans.values,
        target_values,
        orphans.orphan_rows,
        orphans.orphan_values,
        orphans.examples,
        bits,
        min(1.0, known / target_values) if target_values else 0.0,
    )
