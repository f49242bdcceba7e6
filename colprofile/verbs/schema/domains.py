"""Columns of one domain in several tables under different names or types."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from colprofile.measures.thresholds import needed_bits
from colprofile.results.schema import ColumnPlace, Domain, ForeignKey, Inclusion, RepeatedColumn
from colprofile.verbs.schema.candidate_copies import are_namesakes, words
from colprofile.verbs.schema.compared import family
from colprofile.verbs.schema.overlap import members, shared_values
from colprofile.verbs.schema.sentences import counted, listed, place
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

SAMPLE = 16
"""Smallest hashes of each column that are looked for in another first."""

SHARED = 0.8
"""Share of a column's values that the largest column of its domain has."""

SHARED_VALUES = 3
"""Values that two columns of a domain share at least."""

BITS_PER_SIGN = 4.0
"""Bits that a character of a text may hold, at least: what two texts that agree by chance are judged by."""

NAMED_BITS = 64.0
"""What names that agree count for, of numbers that prove nothing by themselves."""

GENERIC = frozenset(("code", "id", "key", "name", "no", "nr", "num", "number", "type", "value"))
"""Words that say nothing of what is named."""

SMALLEST, SPARSE = 1000, 8
"""Whole numbers from here on, that fill at most one part in so many of their range, are evidence."""


def find_domains(
    tables: Sequence[TableValues],
    inclusions: Sequence[Inclusion],
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
    proven = {
        (each.table, each.columns[0], each.target, each.target_columns[0]): each.bits
        for each in inclusions
        if len(each.columns) == 1
    }
    needed = needed_bits(max(1, len(columns) ** 2))
    groups = _Groups(foreign_keys, repeated)
    taken: set[int] = set()
    found = []
    for hub, column in enumerate(columns):
        if hub in taken:
            continue
        others = [number for number in range(hub + 1, len(columns)) if number not in taken]
        chosen = [
            number
            for number in _sharing(column, columns, others)
            if groups.are_one(column, columns[number]) or _evidence(column, columns[number], proven) >= needed
        ]
        members_of = [column, *(columns[number] for number in chosen)]
        if len({each.table for each in members_of}) > 1:
            taken.update(chosen)
            domain = _domain(members_of, groups)
            if domain is not None:
                found.append(domain)
    return sorted(found, key=lambda each: (-len(each.columns), -each.values))


def _may_identify(column: ColumnValues) -> bool:
    """Whether a column's values may identify something: texts and whole numbers, several of them."""
    if column.hashes is None or column.profile.distinct < SHARED_VALUES:
        return False
    return family(column) == "text" or (family(column) == "number" and column.low is not None)


def _sharing(hub: ColumnValues, columns: Sequence[ColumnValues], others: Sequence[int]) -> list[int]:
    """Return which of the other columns have nearly all values in the hub, all of them looked up at once."""
    assert hub.hashes is not None
    samples = [columns[number].hashes[:SAMPLE] for number in others]  # type: ignore[index]
    if not samples:
        return []
    flat = np.concatenate(samples)
    places = np.minimum(np.searchsorted(hub.hashes, flat), len(hub.hashes) - 1)
    hits = np.add.reduceat(hub.hashes[places] == flat, np.cumsum([0, *map(len, samples[:-1])]), dtype=np.int64)
    likely = [n for n, hit, sample in zip(others, hits, samples, strict=True) if hit >= SHARED / 2 * len(sample)]
    return [number for number in likely if _is_in(columns[number], hub)]


def _is_in(column: ColumnValues, hub: ColumnValues) -> bool:
    shared = shared_values(column, hub) or 0
    return shared >= max(SHARED_VALUES, SHARED * column.profile.distinct)


def _evidence(hub: ColumnValues, column: ColumnValues, proven: Mapping[tuple[str, str, str, str], float]) -> float:
    """Return −log2 of the probability that the columns share so many values by chance: of an inclusion what it says.

    Whole numbers from below 1,000, or that fill an eighth of their range, are no evidence but where the names agree.
    """
    known = proven.get((column.table, column.name, hub.table, hub.name), 0.0)
    shared = shared_values(column, hub) or 0
    if known or ((_is_whole(hub) or _is_whole(column)) and _are_named_alike(hub, column)):
        return known or NAMED_BITS
    return shared * max(0.0, _room_bits(hub, column) - math.log2(max(1, hub.profile.distinct)))


def _is_whole(column: ColumnValues) -> bool:
    return column.low is not None


def _are_named_alike(one: ColumnValues, other: ColumnValues) -> bool:
    """Whether two names say the same, and say something."""
    return are_namesakes(one.name, other.name) and not GENERIC.issuperset(words(min(one.name, other.name, key=len)))


def _room_bits(hub: ColumnValues, column: ColumnValues) -> float:
    """Return log2 of how many values there are room for: between the smallest and largest number, or in the texts."""
    bounds = [(each.low, each.high) for each in (hub, column) if each.low is not None and each.high is not None]
    if bounds:
        low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
        is_sparse = low >= SMALLEST and (high - low + 1) >= SPARSE * hub.profile.distinct
        return math.log2(high - low + 1) if is_sparse else 0.0
    lengths = [len(str(top.value)) for top in column.profile.top_values]
    return BITS_PER_SIGN * max(1.0, sum(lengths) / max(1, len(lengths)))


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


def _domain(columns: Sequence[ColumnValues], groups: _Groups) -> Domain | None:
    """Return a domain; None where its columns differ in nothing that foreign keys do not say."""
    are_connected = len({groups.of((column.table, column.name)) for column in columns}) == 1
    differs: list[Literal["names", "types"]] = []
    if len({tuple(words(column.name)) for column in columns}) > 1 and not are_connected:
        differs.append("names")
    if len({family(column) for column in columns}) > 1:
        differs.append("types")
    if not differs:
        return None
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
    return Domain(
        columns=tuple(ColumnPlace(column.table, column.name, column.profile.type) for column in columns),
        values=values,
        shared=shared / small if small else 0.0,
        differs=tuple(differs),
        statement=f"{statement}.",
    )
