"""The search for what determines what, level by level: one column before two, and two before three."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from math import comb
from typing import Any

from colprofile.counting.dependencies.exact import Dependencies, ExactSearch
from colprofile.counting.dependencies.near import NearSearch
from colprofile.counting.dependencies.relation import MeasuredDependency, measure
from colprofile.counting.dependencies.savings import LookupSavings
from colprofile.counting.dependencies.workers import Combination, Workers
from colprofile.measures.thresholds import THRESHOLDS
from colprofile.results.search import EndOfSearch, Search, SearchedKind, SearchedLevel
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.computed.sums_and_products import Arithmetic, search_arithmetic
from colprofile.verbs.audit.single_dependencies import numbered_dependencies
from colprofile.verbs.profile.count_table import CountedTable

MOST_STEPS = 3e10
"""Steps that a search may take by default, each about the look at one row: half a minute to a minute on two cores."""


@dataclass(frozen=True)
class Determinants:
    """What determines what.

    Attributes
    ----------
    exact
        All exact dependencies.
    search
        How far was searched.
    composites
        The strong dependencies of several columns, exact or near.
    threes
        (a, b, y): y may be the sum or the product of a and b.
    """

    exact: Dependencies
    search: Search
    composites: list[MeasuredDependency] = field(default_factory=list)
    threes: list[tuple[int, int, int]] = field(default_factory=list)


def search_determinants(audited: AuditedTable, most: int, max_error: float, workers: Workers) -> Determinants:
    """Return the exact and near dependencies of a table with up to ``most`` columns on the left.

    What is left out once the workers' search is ended is what is least useful: more columns, near dependencies before
    exact ones, columns with many values.
    """
    exact = ExactSearch(audited.relation, workers)
    savings = LookupSavings(audited.relation, audited.needed_bits)
    singles = list(numbered_dependencies(audited))
    for x, y, single in singles:
        savings.record((x,), y, single.saved_bits)
    strong = [(x, y) for x, y, single in singles if single.is_finding(audited.needed_bits)]
    representing = {j for j, other in audited.representatives.items() if j == other}
    near = NearSearch(
        exact,
        strong,
        savings,
        replace(THRESHOLDS, violating_share=max_error),
        lefts=representing - audited.measured,
        targets=representing,
    )
    composites: list[MeasuredDependency] = []
    exact.search(1)
    arithmetic = search_arithmetic(audited, workers) if most > 1 else Arithmetic([], None)
    for level in range(2, most + 1):
        composites += strong_composites(exact.search(level), exact, savings)
        near.search(level)
    levels = tuple(_levels(exact, near, arithmetic))
    search = Search(
        max_determinants=most,
        exact_determinants=exact.found.searched,
        near_determinants=near.near.searched,
        tests=audited.tests,
        is_complete=all(level.is_complete for level in levels),
        levels=levels,
        ended_by=_ended_by(workers) if any(not level.is_complete for level in levels) else None,
    )
    return Determinants(exact.found, search, [*composites, *near.near.found], arithmetic.threes)


def strong_composites(
    lefts: Iterable[Combination], search: ExactSearch, savings: LookupSavings
) -> list[MeasuredDependency]:
    """Return of exact dependencies of two columns and more those that are strong, and better than their parts.

    ``lefts`` are left sides that the search has found; those that are keys, or hardly repeat, are left out.
    """
    relation, exact = search.relation, search.found

    def strong(columns: Combination) -> list[MeasuredDependency]:
        groups = relation.groups(columns)
        measured = (measure(relation, groups, target) for target in sorted(exact.determined[columns]))
        return [each for each in measured if each.is_strong(THRESHOLDS) and savings.is_better_than_parts(each)]

    chosen = [
        columns
        for columns in lefts
        if search.repeated_share[columns] >= THRESHOLDS.repeated_share and not exact.has_unique_part(columns)
    ]
    tasks = [partial(strong, columns) for columns in chosen]
    results = search.workers.run("judging what was found", tasks, relation.rows)
    return [measured for found in results for measured in found]


def _levels(exact: ExactSearch, near: NearSearch, arithmetic: Arithmetic) -> Iterator[SearchedLevel]:
    """Yield how far each level went, in the order of the search."""
    found: list[tuple[SearchedKind, Any]] = [("arithmetic", arithmetic.level)] if arithmetic.level else []
    found += [("exact", each) for each in exact.found.levels] + [("near", each) for each in near.near.levels]
    for kind, level in sorted(found, key=lambda item: item[1].determinants):
        yield SearchedLevel(kind, level.determinants, level.combinations, level.looked_at)


def with_pairs(found: Determinants, counted: CountedTable, *, is_timed: bool) -> Determinants:
    """Return what was found, saying of how many pairs where some were left out; by the time where it ``is_timed``."""
    pairs, amount, search = comb(len(counted.columns), 2), len(counted.profile.pairs), found.search
    if amount == pairs:
        return found
    is_late = is_timed and amount < counted.session.most_pairs
    level = SearchedLevel("pairs", 1, pairs, amount)
    ended_by = search.ended_by or ("time" if is_late else "work")
    return replace(found, search=replace(search, is_complete=False, levels=(level, *search.levels), ended_by=ended_by))


def _ended_by(workers: Workers) -> EndOfSearch:
    return "interrupt" if workers.stop.is_set() else "time" if workers.is_over() else "work"
