"""What matters most in a profile: picked and sorted, the same for every renderer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from colprofile.results.profile import ColumnProfile, Determination, PairProfile, Profile

NEAR_SHARE = 0.05
"""A near dependency is broken by at most this share of the rows …"""

NEAR_MU_PLUS = 0.9
"""… and is at least this strong when corrected for chance (μ+)."""

CHANCE_SHARE = 0.5
"""Where chance alone explains more than this share of a pair's bits, a dependency in it is no finding."""

BLIND_PEARSON = 0.1
BLIND_DEPENDENCE = 0.3
"""Pearson misses a pair whose |r| is at most the one while its dependence is at least the other."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """One column determines another: ``source → target``, or both ways where ``is_mutual``."""

    source: str
    target: str
    pair: PairProfile
    determination: Determination
    is_mutual: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What a reader should see first.

    Attributes
    ----------
    row_bits
        What the columns hold when each is coded by itself, in bits a row: the ledger's, NULL counted as a value;
        without a ledger the sum of the columns' entropies.
    floor_bytes
        Sum of the columns' floors.
    stored_bytes
        Sum of the columns' stored bytes; None unless known of every column.
    by_entropy
        Columns that have an entropy and are neither constant nor empty, highest first.
    constants, keys, empty
        Columns with one value, with every value once, with no value.
    strongest
        Pairs with a dependence above 0, strongest first.
    exact
        Dependencies that no row breaks, those with most bits beyond chance first. Keys and constants, which
        determine or are determined by everything, are left out.
    near
        Dependencies that few rows break, fewest first.
    by_chance
        How many exact dependencies were left out, as chance alone explains them.
    unseen_by_pearson
        Pairs that depend on each other while Pearson's correlation is about 0.
    """

    row_bits: float
    floor_bytes: int
    stored_bytes: int | None
    by_entropy: tuple[ColumnProfile, ...]
    constants: tuple[ColumnProfile, ...]
    keys: tuple[ColumnProfile, ...]
    empty: tuple[ColumnProfile, ...]
    strongest: tuple[PairProfile, ...]
    exact: tuple[Dependency, ...]
    near: tuple[Dependency, ...]
    by_chance: int
    unseen_by_pearson: tuple[PairProfile, ...]


def summarise(profile: Profile) -> Summary:
    """Return what matters most in a profile."""
    columns = profile.columns
    stored = [column.stored_bytes for column in columns if column.stored_bytes is not None]
    varied = [c for c in columns if c.entropy is not None and not c.is_constant]
    found = [(kind, dependency) for pair in profile.pairs for kind, dependency in _dependencies(pair)]
    exact = [dependency for kind, dependency in found if kind == "exact"]
    near = [dependency for kind, dependency in found if kind == "near"]
    return Summary(
        row_bits=profile.ledger.bits_apart if profile.ledger else sum(column.entropy or 0.0 for column in columns),
        floor_bytes=sum(column.floor_bytes for column in columns),
        stored_bytes=sum(stored) if stored and len(stored) == len(columns) else None,
        by_entropy=tuple(sorted(varied, key=lambda c: -(c.entropy or 0.0))),
        constants=tuple(column for column in columns if column.is_constant),
        keys=tuple(column for column in columns if column.is_key),
        empty=tuple(
            column for column in columns if column.rows and column.nulls == column.rows and column.sampled_rows is None
        ),
        strongest=tuple(pair for pair in profile.pairs if pair.dependence),
        exact=tuple(sorted(exact, key=lambda d: -bits_beyond_chance(d.pair))),
        near=tuple(sorted(near, key=lambda d: (d.determination.g3, -bits_beyond_chance(d.pair)))),
        by_chance=sum(kind == "chance" for kind, _ in found),
        unseen_by_pearson=tuple(pair for pair in profile.pairs if is_unseen_by_pearson(pair)),
    )


def bits_beyond_chance(pair: PairProfile) -> float:
    """Return I − E[I] in bits: what two columns share beyond what any two such columns would."""
    return (pair.mutual_information or 0.0) - (pair.expected_mutual_information or 0.0)


def is_unseen_by_pearson(pair: PairProfile) -> bool:
    """Whether two numeric columns depend on each other while Pearson's correlation is about 0."""
    return (
        pair.pearson is not None and abs(pair.pearson) <= BLIND_PEARSON and (pair.dependence or 0.0) >= BLIND_DEPENDENCE
    )


def is_estimated(figures: ColumnProfile | PairProfile) -> bool:
    """Whether a column's entropy or a pair's mutual information is known only within an interval."""
    if isinstance(figures, ColumnProfile):
        return _has_width(figures.entropy_interval)
    return _has_width(figures.mutual_information_interval)


def _has_width(interval: tuple[float, float] | None) -> bool:
    return interval is not None and interval[0] != interval[1]


def is_beyond_chance(pair: PairProfile) -> bool:
    """Whether chance explains less than half of the bits that two columns share."""
    return bits_beyond_chance(pair) > (1 - CHANCE_SHARE) * (pair.mutual_information or 0.0)


def is_near(pair: PairProfile, determination: Determination) -> bool:
    """Whether few rows break a dependency that is more than chance."""
    return (
        not determination.is_exact
        and determination.g3 <= NEAR_SHARE
        and (determination.mu_plus or 0.0) >= NEAR_MU_PLUS
        and is_beyond_chance(pair)
    )


def _dependencies(pair: PairProfile) -> Iterator[tuple[Literal["exact", "near", "chance"], Dependency]]:
    """Yield a pair's dependencies with their kind; a mutual exact one once."""
    if pair.x_to_y is None or pair.y_to_x is None:
        return
    ways = [(pair.x, pair.y, pair.x_to_y), (pair.y, pair.x, pair.y_to_x)]
    # mu_plus is None where the target is constant or the source a key: those say nothing about this pair.
    exact = [way for way in ways if way[2].is_exact and way[2].mu_plus is not None]
    kind: Literal["exact", "chance"] = "exact" if is_beyond_chance(pair) else "chance"
    for source, target, determination in exact[:1]:
        yield kind, Dependency(source, target, pair, determination, is_mutual=len(exact) == 2)
    for source, target, determination in ways:
        if is_near(pair, determination):
            yield "near", Dependency(source, target, pair, determination)
