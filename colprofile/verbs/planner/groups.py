"""Groups: three or more columns that depend on each other, and statistics that replace those of their pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from colprofile.catalogs.counts import DrawnCombinations
from colprofile.catalogs.statistics import SavedColumn
from colprofile.results.planner import GroupStatistics, PairStatistics
from colprofile.verbs.planner.estimates import (
    GOOD_BITS,
    Case,
    TableFacts,
    choose,
    estimate_fresh,
    estimate_now,
    evidence,
    served_error,
)

GROUP_BITS = 0.5
"""Statistics of more columns than two are worth their cost where they remove at least so much."""

GROUPS_TRIED = 12
GROUPS_SHOWN = 5

Draw = Callable[[Sequence[SavedColumn]], DrawnCombinations]
"""Draws combinations of columns' values, with their texts."""

Links = dict[frozenset[str], PairStatistics]


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """A group, and the |log2| error that its list leaves for predicates on each two of its columns."""

    statistics: GroupStatistics
    served: dict[frozenset[str], float]


def grow_groups(pairs: Sequence[PairStatistics], table: TableFacts, draw: Draw) -> list[ColumnGroup]:
    """Return groups of three or four columns of which the pairs' statistics leave the planner wrong.

    Groups grow from pairs that are advised or covered. A column joins where it forms such a pair with each column of
    the group, and statistics of all together leave at least GROUP_BITS less than those of the best pair inside.
    """
    links = {frozenset((pair.x, pair.y)): pair for pair in pairs if pair.verdict in ("advised", "covered")}
    names = list(dict.fromkeys(name for pair in links.values() for name in (pair.x, pair.y)))
    triples = [trio for trio in combinations(names, 3) if all(frozenset(two) in links for two in combinations(trio, 2))]
    triples.sort(key=lambda trio: -sum(links[frozenset(two)].visible_bits for two in combinations(trio, 2)))
    found = [group for trio in triples[:GROUPS_TRIED] if (group := _group(trio, table, draw)) is not None]
    found.sort(key=lambda group: -group.statistics.bits)
    chosen: list[ColumnGroup] = []
    for group in found[:GROUPS_SHOWN]:
        columns = set(group.statistics.columns)
        if not any(len(columns & set(other.statistics.columns)) > 1 for other in chosen):
            chosen.append(_with_fourth_column(group, names, table, draw, links))
    return chosen


def _with_fourth_column(
    group: ColumnGroup, names: Sequence[str], table: TableFacts, draw: Draw, links: Links
) -> ColumnGroup:
    """Return the group with a fourth column where that helps once more.

    PostgreSQL takes eight columns; a list of combinations of more than four is seldom short enough.
    """
    columns = group.statistics.columns
    for name in names:
        if name not in columns and all(frozenset((name, other)) in links for other in columns):
            larger = _group((*columns, name), table, draw)
            if larger is not None:
                return larger
    return group


def _group(names: Sequence[str], table: TableFacts, draw: Draw) -> ColumnGroup | None:
    """Return the group if statistics of all its columns leave less than those of the best pair inside."""
    ordered = tuple(name for name in table.columns if name in names)
    joint = draw([table.columns[name] for name in ordered])
    if not joint.rows or joint.combinations > table.longest_list:
        return None
    case = Case(table, ordered, joint)
    now = min(case.errors(estimate_now(case)).absolute, case.errors(estimate_fresh(case)).absolute)
    choice = choose(case)
    indices = list(combinations(range(len(ordered)), 2))
    with_pairs = min(_with_pair_alone(case, two) for two in indices)
    gain = min(now, with_pairs) - choice.error
    if choice.error >= max(GOOD_BITS, table.min_bits) or gain < max(GROUP_BITS, table.min_bits):
        return None
    reason = (
        f"error {now:.2f} bits, {with_pairs:.2f} with statistics of two of the columns, {choice.error:.2f} with all; "
        f"{joint.combinations:,} combinations"
    )
    statistics = GroupStatistics(
        columns=ordered,
        bits=gain,
        kinds=choice.kinds,
        statistics_target=choice.target,
        reason=reason,
        evidence=evidence(case, choice.error),
    )
    target = choice.target or max(column.target for column in case.columns)
    served = {frozenset((ordered[x], ordered[y])): served_error(case, target, (x, y)) for x, y in indices}
    return ColumnGroup(statistics, served)


def _with_pair_alone(case: Case, pair: tuple[int, int]) -> float:
    """Return the error that perfect statistics of two of the columns leave, the others assumed to be independent."""
    which = case.groups(pair)[1]
    shares = np.bincount(which, weights=case.joint.count)[which] / case.table.rows
    return case.errors(shares * np.prod(np.delete(case.marginal, pair, axis=1), axis=1)).absolute


def final_pairs(
    pairs: Sequence[PairStatistics], groups: Sequence[ColumnGroup], budget: int
) -> tuple[PairStatistics, ...]:
    """Return the pairs in their final order, no more than the budget of them advised.

    A pair is left to a group where the group's list serves its predicates well enough.
    """
    marked = []
    left = budget - len(groups)
    for pair in sorted(pairs, key=lambda pair: -pair.bits):
        names = frozenset((pair.x, pair.y))
        group = next((group for group in groups if group.served.get(names, GOOD_BITS) < GOOD_BITS), None)
        if group is not None and pair.verdict == "advised":
            reason = f"statistics of {', '.join(group.statistics.columns)} together serve it"
            pair = replace(pair, verdict="in group", reason=reason)
        elif pair.verdict == "advised":
            left -= 1
            if left < 0:
                reason = f"{pair.reason}; left out because {budget} others help more"
                pair = replace(pair, verdict="over budget", reason=reason)
        marked.append(pair)
    return tuple(sorted(marked, key=lambda pair: (-pair.bits, -pair.visible_bits, -pair.mutual_information)))
