"""Columns of one domain in several tables under different names or types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from colprofile.counting.sorted_hashes import is_in
from colprofile.measures.thresholds import needed_bits
from colprofile.results.schema import ColumnPlace, Domain, ForeignKey, RepeatedColumn
from colprofile.verbs.schema.candidate_copies import are_namesakes
from colprofile.verbs.schema.compared import family
from colprofile.verbs.schema.evidence import evidence_bits
from colprofile.verbs.schema.names import subject_of, words_of
from colprofile.verbs.schema.overlap import members, shared_values
from colprofile.verbs.schema.sentences import counted, listed, place
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

SAMPLE = 16
"""Smallest hashes of each column that are looked for in another first."""

SHARED = 0.8
"""Share of a column's values that the largest column of its domain has."""

SHARED_VALUES = 3
"""Values that two columns of a domain share at least."""

NAMED_BITS = 64.0
"""What names that agree count for, of numbers that prove nothing by themselves."""

SMALLEST, SPARSE = 1000, 8
"""Whole numbers from here on, that fill at most one part in so many of their range, are evidence."""


def find_domains(
    tables: Sequence[TableValues],
    foreign_keys: Sequence[ForeignKey],
    repeated: Sequence[RepeatedColumn],
) -> list[Domain]:
    """Return the domains whose columns differ in name or type, those of most columns first.

    Columns of texts and of whole numbers count, as they have values that identify something. Each domain has one column
    with nearly all of the values of the others, which says more than chance would: whole numbers that lie close
    together are in any such range, and prove nothing but where names agree. What foreign keys and copies say already is
    no news unless types differ.
    """
    columns = [column for table in tables for column in table.columns if _may_identify(column)]
    columns.sort(key=lambda column: -column.profile.distinct)
    needed = needed_bits(max(1, len(columns) ** 2))
    groups, samples = _Groups(foreign_keys, repeated), _Samples(columns)
    taken: set[int] = set()
    found: list[Domain] = []
    for number, hub in enumerate(columns):
        if number in taken:
            continue
        chosen = [
            other
            for other in samples.likely(number)
            if other not in taken and _is_of(hub, columns[other], groups, needed)
        ]
        domain = [hub, *(columns[other] for other in chosen)]
        if len({each.table for each in domain}) > 1:
            taken.update(chosen)
            found += _domain(domain, groups)
    return sorted(found, key=lambda each: (-len(each.columns), -each.values))


def _may_identify(column: ColumnValues) -> bool:
    """Whether a column's values may identify something: texts and whole numbers, several of them."""
    if column.hashes is None or column.profile.distinct < SHARED_VALUES:
        return False
    return family(column) == "text" or (family(column) == "number" and column.low is not None)


class _Samples:
    """A few values of each column, to look up those of all columns at once.

    Parameters
    ----------
    columns
        Those with most values first.
    """

    def __init__(self, columns: Sequence[ColumnValues]) -> None:
        parts = [np.empty(0, np.uint64) if column.hashes is None else column.hashes[:SAMPLE] for column in columns]
        self._columns = columns
        self._sizes = np.array([part.size for part in parts], np.int64)
        words = np.concatenate([np.empty(0, np.uint64), *parts])
        order = np.argsort(words, kind="stable")
        self._words, self._owners = words[order], np.repeat(np.arange(len(parts)), self._sizes)[order]

    def likely(self, number: int) -> list[int]:
        """Return which later columns seem to have nearly all of their values in one."""
        hub = self._columns[number].hashes
        if hub is None or not hub.size:
            return []
        hits = np.bincount(self._owners[is_in(self._words, hub)], minlength=self._sizes.size)
        able = (hits >= SHARED / 2 * self._sizes) & (self._sizes > 0)
        able[: number + 1] = False
        found: list[int] = np.flatnonzero(able).tolist()
        return found


def _is_of(hub: ColumnValues, column: ColumnValues, groups: _Groups, needed: float) -> bool:
    """Whether a column is of the domain of a larger one: nearly all of its values are there, and not by chance."""
    is_known = groups.are_one(hub, column)
    if not is_known and _evidence(hub, column, 0) < needed:
        return False
    shared = shared_values(column, hub) or 0
    if shared < max(SHARED_VALUES, SHARED * column.profile.distinct):
        return False
    return is_known or _evidence(hub, column, column.profile.distinct - shared) >= needed


def _evidence(hub: ColumnValues, column: ColumnValues, missing: int) -> float:
    """Return −log2 of the probability that all but so many of a column's values are the hub's by chance.

    Whole numbers from below 1,000, or that fill an eighth of their range, are no evidence but where the names agree.
    """
    bounds = [(each.low, each.high) for each in (hub, column) if each.low is not None and each.high is not None]
    if bounds:
        if _are_named_alike(hub, column):
            return NAMED_BITS
        low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
        if low < SMALLEST or high - low + 1 < SPARSE * hub.profile.distinct:
            return 0.0
    return evidence_bits(column, hub, missing)


def _are_named_alike(one: ColumnValues, other: ColumnValues) -> bool:
    """Whether two names end with the same words, and these say something."""
    return are_namesakes(one.name, other.name) and bool(subject_of(min(one.name, other.name, key=len)))


class _Groups:
    """Columns that foreign keys and copies connect, as one group each."""

    def __init__(self, foreign_keys: Sequence[ForeignKey], repeated: Sequence[RepeatedColumn]) -> None:
        self._parents: dict[tuple[str, str], tuple[str, str]] = {}
        for key in foreign_keys:
            for name, target in zip(key.columns, key.target_columns, strict=True):
                self._join((key.table, name), (key.target, target))
        for copy in repeated:
            if copy.target_column is not None:
                self._join((copy.table, copy.column), (copy.join.tables[-1], copy.target_column))

    def _join(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        self._parents[self.of(one)] = self.of(other)

    def of(self, name: tuple[str, str]) -> tuple[str, str]:
        """Return the group of a column by its table and name: one of its columns."""
        while self._parents.get(name, name) != name:
            name = self._parents[name]
        return name

    def are_one(self, one: ColumnValues, other: ColumnValues) -> bool:
        """Whether they are in one group."""
        return self.of((one.table, one.name)) == self.of((other.table, other.name))


def _domain(columns: Sequence[ColumnValues], groups: _Groups) -> Iterator[Domain]:
    """Yield a domain; nothing where its columns differ in nothing that foreign keys do not say."""
    differs: list[Literal["names", "types"]] = []
    if len({words_of(column.name) for column in columns}) > 1:
        differs.append("names")
    if len({family(column) for column in columns}) > 1:
        differs.append("types")
    if "types" not in differs and not _have_news(columns, groups):
        return
    hub, *others = columns
    small = sum(column.profile.distinct for column in others)
    shared = sum(shared_values(column, hub) or 0 for column in others)
    union = hub.hashes
    for column in others:
        assert union is not None and column.hashes is not None
        union = union if members(column.hashes, union) == len(column.hashes) else np.union1d(union, column.hashes)
    values = 0 if union is None else len(union)
    names = [place(column.table, column.name) for column in columns]
    types = listed([f"{name} is {column.profile.type}" for name, column in zip(names, columns, strict=True)])
    statement = f"{listed(names)} draw from one set of {counted(values, 'value')}"
    statement += " under different names" if "names" in differs else ""
    statement += f"{' and' if len(differs) > 1 else ''} in different types: {types}" if "types" in differs else ""
    yield Domain(
        columns=tuple(ColumnPlace(column.table, column.name, column.profile.type) for column in columns),
        values=values,
        shared=shared / small if small else 0.0,
        differs=tuple(differs),
        statement=f"{statement}.",
    )


def _have_news(columns: Sequence[ColumnValues], groups: _Groups) -> bool:
    """Whether some columns have neither a name in common with the others, nor a foreign key or copy between them."""
    alike: list[set[object]] = []
    for column in columns:
        marks: set[object] = {groups.of((column.table, column.name)), words_of(column.name)}
        touched = [each for each in alike if each & marks]
        alike = [each for each in alike if not each & marks] + [marks.union(*touched)]
    return len(alike) > 1
