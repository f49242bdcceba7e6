"""What stands out in a profile: constants, keys, dependencies, pairs that a planner or Pearson's correlation misses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from colprofile.results.quality import Severity
from colprofile.results.single_dependencies import SingleDependency
from colprofile.results.summary import Summary, is_beyond_chance, summarise

if TYPE_CHECKING:
    from colprofile.results.pair import PairProfile
    from colprofile.results.profile import Profile

ProfileFindingKind = Literal[
    "estimated", "redundant", "empty", "constant", "key", "exact", "near", "planner", "curve", "skipped"
]

REDUNDANT_SHARE = 0.05
"""Redundancy below this share is not a finding."""

PLANNER_PAIRS = 2
"""Pairs named of those that a planner underestimates most: it underestimates every pair that shares bits."""


@dataclass(frozen=True, slots=True)
class ProfileFinding:
    """One thing that stands out in a profile.

    Attributes
    ----------
    kind
        "estimated": the figures are of a sample. "redundant": at least 5 % of a row's bits are redundant. "empty",
        "constant", "key": what ``columns`` are. "exact", "near": each of ``columns`` alone determines ``targets``, or
        two columns determine each other. "planner": two columns that a planner assumes to be independent. "curve": two
        columns that depend on each other while Pearson's correlation is about 0. "skipped": columns not counted.
    columns
        The columns that it is about, for a dependency the ones that determine.
    targets
        What they determine; empty for columns that determine each other.
    pair
        The pair that shows it, where there is one.
    dependencies
        The dependencies behind "exact" and "near".
    bits
        The redundant bits per row; the bits that a planner misses, the lower end of their interval where estimated.
    severity
        How much it asks for attention: "high", "medium" or "low".
    """

    kind: ProfileFindingKind
    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    pair: PairProfile | None = None
    dependencies: tuple[SingleDependency, ...] = ()
    bits: float | None = None
    severity: Severity = "low"


def find(profile: Profile) -> Iterator[ProfileFinding]:
    """Yield the findings of a profile, those that ask for action first."""
    summary = summarise(profile)
    if not profile.provenance.is_exact:
        yield ProfileFinding("estimated")
    ledger = profile.ledger
    if ledger is not None and (ledger.redundant_share or 0.0) >= REDUNDANT_SHARE:
        yield ProfileFinding("redundant", bits=ledger.redundant_bits)
    if summary.empty:
        yield ProfileFinding("empty", tuple(column.name for column in summary.empty))
    if summary.constants:
        yield ProfileFinding("constant", tuple(column.name for column in summary.constants))
    if summary.keys:
        yield ProfileFinding("key", tuple(column.name for column in summary.keys))
    yield from _exact(summary)
    for found in summary.near:
        yield ProfileFinding("near", (found.source,), (found.target,), found.pair, (found,))
    yield from _planner(summary)
    for pair in summary.unseen_by_pearson:
        yield ProfileFinding("curve", (pair.x, pair.y), pair=pair)
    if profile.skipped:
        yield ProfileFinding("skipped", tuple(column.name for column in profile.skipped))


def _exact(summary: Summary) -> Iterator[ProfileFinding]:
    """Yield the mutual exact dependencies, then one finding for each determined column."""
    by_target: dict[str, list[SingleDependency]] = {}
    for found in summary.exact:
        if found.is_mutual:
            yield ProfileFinding("exact", (found.source, found.target), (), found.pair, (found,))
        else:
            by_target.setdefault(found.target, []).append(found)
    for target, dependencies in by_target.items():
        sources = tuple(found.source for found in dependencies)
        yield ProfileFinding("exact", sources, (target,), dependencies[0].pair, tuple(dependencies))


def _planner(summary: Summary) -> Iterator[ProfileFinding]:
    """Yield the pairs that a planner underestimates most, of those that share more than chance."""
    pairs = [(pair, _least_bits(pair)) for pair in summary.strongest if is_beyond_chance(pair)]
    pairs.sort(key=lambda found: (found[0].expected_mutual_information or 0.0) - found[1])
    for pair, bits in pairs[:PLANNER_PAIRS]:
        if bits > 0:
            yield ProfileFinding("planner", (pair.x, pair.y), pair=pair, bits=bits)


def _least_bits(pair: PairProfile) -> float:
    """Return a pair's mutual information, the lower end of its interval where it is estimated."""
    interval = pair.mutual_information_interval
    return interval[0] if interval is not None and pair.is_estimated else pair.mutual_information or 0.0
