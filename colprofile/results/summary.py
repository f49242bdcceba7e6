"""What matters most in a profile: picked and sorted, the same for every renderer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colprofile.measures.thresholds import needed_bits, possible_dependencies
from colprofile.results.column import row_bits, unique_names
from colprofile.results.keys import Key, keys
from colprofile.results.measurements import measurements
from colprofile.results.reading_words import is_certain
from colprofile.results.single_dependencies import SingleDependency, single_dependencies
from colprofile.results.together import Together, columns_together

if TYPE_CHECKING:
    from colprofile.results.column import ColumnProfile
    from colprofile.results.pair import PairProfile
    from colprofile.results.profile import Profile

CHANCE_SHARE = 0.5
"""Where chance explains more than this share of the bits that two columns share, they are not relied on."""

BLIND_PEARSON = 0.1
BLIND_DEPENDENCE = 0.5
"""Pearson's |r| is at most the first while the dependence is at least the second: Pearson misses the pair."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a reader should see first.

    Attributes
    ----------
    row_bits
        What the columns hold when each is coded by itself, in bits per row, NULL counted as a value. Without a ledger
        it is the sum of the columns' entropies.
    floor_bytes
        Sum of the columns' floors.
    stored_bytes
        Sum of the columns' stored bytes; None unless known of every column.
    by_entropy
        Columns that have an entropy and are neither constant nor empty, highest first.
    constants, empty
        Columns with one value, with no value.
    keys
        Columns with every value once that are no measurements, those first that were most likely meant as a key.
    key_sets
        Keys of one column and of two, the most plausible first: see ``results.keys``.
    strongest
        Pairs with a dependence above 0, strongest first.
    exact
        Exact dependencies that are findings (see ``measures.thresholds``), those with most bits beyond chance first. A
        mutual one is listed once.
    near
        Dependencies that few rows violate and that are findings, fewest first.
    exact_left_out
        Pairs with an exact dependency that is not a finding: chance explains it, or its left side is nearly a key. Keys
        and constants, which determine or are determined by everything, are not counted.
    together
        Groups of columns that move together, the strongest first: see ``results.together``.
    unseen_by_pearson
        Pairs that depend on each other while Pearson's correlation is about 0.
    pairs_left_out
        Pairs that the profile does not have, because only the strongest were asked for. What is said of pairs is then
        said of the others only.
    is_certain
        Whether the rows that were counted are those of the input: see ``reading_words.is_certain``.
    """

    row_bits: float
    floor_bytes: int
    stored_bytes: int | None
    by_entropy: tuple[ColumnProfile, ...]
    constants: tuple[ColumnProfile, ...]
    keys: tuple[ColumnProfile, ...]
    empty: tuple[ColumnProfile, ...]
    strongest: tuple[PairProfile, ...]
    exact: tuple[SingleDependency, ...]
    near: tuple[SingleDependency, ...]
    exact_left_out: int
    unseen_by_pearson: tuple[PairProfile, ...]
    key_sets: tuple[Key, ...]
    together: tuple[Together, ...]
    pairs_left_out: int
    is_certain: bool

    def is_exact(self, source: str, target: str) -> bool:
        """Whether it is a finding that ``source`` determines ``target`` in every row."""
        return any(
            (found.source, found.target) == (source, target)
            or (found.is_one_to_one and (found.target, found.source) == (source, target))
            for found in self.exact
        )

    def is_near(self, source: str, target: str) -> bool:
        """Whether it is a finding that ``source`` nearly determines ``target``."""
        return any(found.source == source and found.target == target for found in self.near)


def summarise(profile: Profile) -> Summary:
    """Return what matters most in a profile."""
    columns = profile.columns
    stored = [column.stored_bytes for column in columns if column.stored_bytes is not None]
    varied = [c for c in columns if c.entropy is not None and not c.is_constant]
    found = list(_dependencies(profile))
    exact = [dependency for dependency, is_finding in found if dependency.determination.is_exact and is_finding]
    near = [dependency for dependency, is_finding in found if not dependency.determination.is_exact and is_finding]
    key_sets, by_name = keys(profile), {column.name: column for column in columns}
    return Summary(
        row_bits=profile.ledger.bits_apart if profile.ledger else sum(map(row_bits, columns)),
        floor_bytes=sum(column.floor_bytes for column in columns),
        stored_bytes=sum(stored) if stored and len(stored) == len(columns) else None,
        by_entropy=tuple(sorted(varied, key=lambda c: -(c.entropy or 0.0))),
        constants=tuple(column for column in columns if column.is_constant),
        keys=tuple(by_name[key.columns[0]] for key in key_sets if len(key.columns) == 1),
        empty=tuple(
            column for column in columns if column.rows and column.nulls == column.rows and column.sampled_rows is None
        ),
        strongest=tuple(pair for pair in profile.pairs if pair.dependence),
        exact=tuple(sorted(exact, key=lambda d: -bits_beyond_chance(d.pair))),
        near=tuple(sorted(near, key=lambda d: (d.determination.g3, -bits_beyond_chance(d.pair)))),
        exact_left_out=sum(not is_finding for _, is_finding in found),
        unseen_by_pearson=tuple(pair for pair in profile.pairs if is_unseen_by_pearson(pair)),
        key_sets=key_sets,
        together=columns_together(columns, profile.pairs),
        pairs_left_out=math.comb(len(columns), 2) - len(profile.pairs) if profile.has_pairs else 0,
        is_certain=is_certain(profile.provenance),
    )


def bits_beyond_chance(pair: PairProfile) -> float:
    """Return I − E[I] in bits: what two columns share beyond what any two such columns would."""
    return (pair.mutual_information or 0.0) - (pair.expected_mutual_information or 0.0)


def is_unseen_by_pearson(pair: PairProfile) -> bool:
    """Whether two numeric columns depend on each other while Pearson's correlation is about 0."""
    return (
        pair.pearson is not None and abs(pair.pearson) <= BLIND_PEARSON and (pair.dependence or 0.0) >= BLIND_DEPENDENCE
    )


def is_beyond_chance(pair: PairProfile) -> bool:
    """Whether chance explains at most CHANCE_SHARE of the bits that two columns share."""
    return (pair.expected_mutual_information or 0.0) <= CHANCE_SHARE * (pair.mutual_information or 0.0)


def _dependencies(profile: Profile) -> Iterator[tuple[SingleDependency, bool]]:
    """Yield the exact dependencies with whether they are findings, a mutual one once, and the near ones that are.

    Columns that share their name with another are left out: pairs name their columns.
    """
    if not profile.pairs:
        return
    columns = unique_names(profile.columns)
    needed = needed_bits(possible_dependencies(len(profile.columns)))
    measured = measurements(profile.columns)
    for pair in profile.pairs:
        if pair.x not in columns or pair.y not in columns:
            continue
        found = list(single_dependencies(columns, pair, measured))
        findings = [dependency for dependency in found if dependency.is_finding(needed)]
        # mu_plus is None where the source is a key, which says nothing about this pair.
        exact = [each for each in found if each.determination.is_exact and each.determination.mu_plus is not None]
        for dependency in exact[:1]:
            yield next(((each, True) for each in findings if each.determination.is_exact), (dependency, False))
        yield from ((each, True) for each in findings if not each.determination.is_exact)
