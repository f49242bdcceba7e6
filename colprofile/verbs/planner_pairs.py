"""PairStatistics and GroupStatistics: columns that the planner wrongly takes for independent, and what would help."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from colprofile.catalogs.counts import Joint
from colprofile.catalogs.saved import SavedColumn, SavedExtended
from colprofile.results.planner import GroupStatistics, PairStatistics, PairVerdict
from colprofile.results.profile import PairProfile
from colprofile.verbs.planner_joint import (
    GOOD_BITS,
    HELPS_SHARE,
    Case,
    Choice,
    choose,
    estimate_fresh,
    estimate_now,
    evidence,
)

CHANCE_SHARE = 0.5
"""Where chance explains more than this share of the bits, statistics of today's values say nothing of tomorrow's."""

FAR_BEYOND = 10
"""A list of the most common of so many times more combinations leaves most rows out."""

MOST_IN_GROUP = 4
"""PostgreSQL takes eight columns; lists of more than four combinations' values are seldom worth it."""

GROUPS_TRIED = 12
GROUPS_SHOWN = 5

Draw = Callable[[Sequence[SavedColumn]], Joint]


@dataclass(frozen=True)
class Table:
    """What the pairs' estimates need to know of the table."""

    rows: int
    planner_rows: int
    columns: dict[str, SavedColumn]
    extended: tuple[SavedExtended, ...]
    min_bits: float
    longest_list: int

    def case(self, names: Sequence[str], joint: Joint) -> Case:
        """Return the case of several columns."""
        held = tuple(item for item in self.extended if len(set(names) & set(item.columns)) > 1)
        columns = tuple(self.columns[name] for name in names)
        return Case(columns, joint, self.rows, self.planner_rows, held, self.longest_list)

    def covering(self, names: Iterable[str]) -> tuple[SavedExtended, ...]:
        """Return the filled extended statistics that hold all these columns and help predicates on them."""
        wanted = set(names)
        return tuple(
            item for item in self.extended if wanted <= set(item.columns) and (item.values or item.dependencies)
        )


def visible_bits(pair: PairProfile) -> float:
    """Return the bits of the underestimate that can show: none where a pair of values holds one row.

    The planner estimates at least one row, so it underestimates c rows by at most log2 c bits; their mean over the
    rows is log2 n − H(X,Y).
    """
    if not pair.rows or pair.joint_entropy is None:
        return 0.0
    return max(0.0, min(pair.mutual_information or 0.0, math.log2(pair.rows) - pair.joint_entropy))


def screened(pair: PairProfile, table: Table) -> PairStatistics:
    """Return a pair by its shared bits alone, with the reason where it is not worth a closer look."""
    bits, chance = pair.mutual_information or 0.0, pair.expected_mutual_information or 0.0
    visible = visible_bits(pair)
    verdict: PairVerdict = "not examined"
    reason = "other pairs hold more bits; ask for more with examine"
    if any(table.columns[name].is_generated for name in (pair.x, pair.y)):
        verdict, reason = "no help", "extended statistics cannot hold a virtual generated column"
    elif bits - chance < table.min_bits:
        verdict = "chance" if bits >= table.min_bits else "small"
        reason = f"{bits:.2f} bits are shared, {chance:.2f} of them by chance alone"
    elif chance > CHANCE_SHARE * bits:
        verdict, reason = "chance", f"chance alone explains {chance:.2f} of the {bits:.2f} shared bits"
    elif visible < table.min_bits:
        verdict = "hidden"
        reason = (
            f"a pair of values holds {2.0 ** _mean_log_rows(pair):.1f} rows: the planner, which estimates at least one, "
            f"can be wrong by {visible:.2f} bits only"
        )
    elif _is_out_of_reach(pair, table.longest_list):
        verdict, reason = "no help", _too_many(pair.distinct_pairs, table.longest_list)
    return PairStatistics(
        x=pair.x,
        y=pair.y,
        rows=pair.rows,
        mutual_information=bits,
        expected_mutual_information=chance,
        planner_factor=2.0**bits,
        visible_bits=visible,
        distinct_pairs=pair.distinct_pairs,
        covered_by=tuple(item.name for item in table.covering((pair.x, pair.y))),
        kinds=(),
        statistics_target=None,
        bits=0.0,
        verdict=verdict,
        reason=reason,
    )


def _is_out_of_reach(pair: PairProfile, longest_list: int) -> bool:
    """Whether neither a list nor functional dependencies can hold a pair, as its sums tell already.

    PostgreSQL's degree of a dependency is at most 1 − g3.
    """
    if pair.distinct_pairs <= FAR_BEYOND * longest_list or pair.x_to_y is None or pair.y_to_x is None:
        return False
    return min(pair.x_to_y.g3, pair.y_to_x.g3) > 0.5


def _mean_log_rows(pair: PairProfile) -> float:
    return math.log2(pair.rows) - (pair.joint_entropy or 0.0)


def examined(pair: PairStatistics, case: Case, table: Table) -> PairStatistics:
    """Return a pair with the evidence of its joint values, and whether statistics of both would help."""
    if case.joint.rows == 0:
        return pair
    now = case.errors(estimate_now(case))
    # What a fresh ANALYZE of the columns brings is not these statistics' merit.
    left = min(now.absolute, case.errors(estimate_fresh(case)).absolute)
    choice = choose(case)
    gain = left - choice.error
    if pair.covered_by and now.absolute < max(GOOD_BITS, table.min_bits):
        reason = f"{', '.join(pair.covered_by)} covers it: {now.absolute:.2f} bits are left"
        return replace(pair, verdict="covered", reason=reason, evidence=evidence(case, None))
    if gain < max(table.min_bits, HELPS_SHARE * left):
        return replace(pair, verdict="no help", reason=_no_help(case, left, choice), evidence=evidence(case, None))
    return replace(
        pair,
        kinds=choice.kinds,
        statistics_target=choice.target,
        bits=gain,
        verdict="advised",
        reason=_because(case, choice, left),
        evidence=evidence(case, choice.error),
    )


def _no_help(case: Case, now: float, choice: Choice) -> str:
    """Return why no statistics of the columns would help."""
    if now < GOOD_BITS:
        return f"with fresh statistics of both, the planner is wrong by {now:.2f} bits only"
    left = f"the best kind leaves {choice.error:.2f} of {now:.2f} bits"
    if case.joint.combinations > case.longest_list:
        return f"{left}: {_too_many(case.joint.combinations, case.longest_list)}"
    return left


def _too_many(combinations: int, longest_list: int) -> str:
    many = f"{combinations:,} pairs of values are too many for a list of {longest_list:,}"
    return f"{many}, and neither determines the other"


def _because(case: Case, choice: Choice, now: float) -> str:
    """Return the evidence for the kinds chosen."""
    parts = [f"{now:.2f} bits wrong, {choice.error:.2f} after"]
    if "mcv" in choice.kinds:
        parts.append(f"{case.joint.combinations:,} combinations")
    if "dependencies" in choice.kinds:
        degrees = [rows / case.joint.rows for rows in case.joint.determined]
        given = int(degrees[1] > degrees[0])
        names = [column.name for column in case.columns]
        parts.append(f"{names[given]} determines {names[1 - given]} in {degrees[given]:.1%} of the rows")
    if "ndistinct" in choice.kinds:
        found = evidence(case, None)
        parts.append(f"GROUP BY expected to give {found.estimated_groups:,.0f} rows, not {found.groups:,}")
    return "; ".join(parts)


def grow_groups(pairs: Sequence[PairStatistics], table: Table, draw: Draw) -> list[GroupStatistics]:
    """Return groups of three or four columns of which the pairs' statistics leave the planner wrong.

    Grown from the pairs that are advised or covered: a column joins where it is paired so with all of the group, and
    statistics of all together leave at least ``min_bits`` less than those of the best pair inside.
    """
    linked = {frozenset((pair.x, pair.y)): pair for pair in pairs if pair.verdict in ("advised", "covered")}
    names = list(dict.fromkeys(name for pair in linked.values() for name in (pair.x, pair.y)))
    triples = [
        trio for trio in combinations(names, 3) if all(frozenset(two) in linked for two in combinations(trio, 2))
    ]
    triples.sort(key=lambda trio: -_shared(trio, linked))
    found: list[GroupStatistics] = []
    for trio in triples[:GROUPS_TRIED]:
        group = _group(trio, table, draw, linked)
        if group is not None:
            found.append(group)
    found.sort(key=lambda group: -group.bits)
    chosen: list[GroupStatistics] = []
    for group in found[:GROUPS_SHOWN]:
        if not any(len(set(group.columns) & set(other.columns)) > 1 for other in chosen):
            chosen.append(_grown(group, names, table, draw, linked))
    return chosen


def _shared(names: Sequence[str], linked: dict[frozenset[str], PairStatistics]) -> float:
    """Return the bits that can show in all pairs of the columns together."""
    return sum(linked[frozenset(two)].visible_bits for two in combinations(names, 2))


def _grown(
    group: GroupStatistics,
    names: Sequence[str],
    table: Table,
    draw: Draw,
    linked: dict[frozenset[str], PairStatistics],
) -> GroupStatistics:
    """Return the group with a fourth column where that helps once more."""
    if len(group.columns) >= MOST_IN_GROUP:
        return group
    for name in names:
        if name in group.columns or not all(frozenset((name, other)) in linked for other in group.columns):
            continue
        larger = _group((*group.columns, name), table, draw, linked)
        if larger is not None:
            return larger
    return group


def _group(
    names: Sequence[str], table: Table, draw: Draw, linked: dict[frozenset[str], PairStatistics]
) -> GroupStatistics | None:
    """Return the group if statistics of all its columns leave less than those of the best pair inside."""
    ordered = [name for name in table.columns if name in names]
    joint = draw([table.columns[name] for name in ordered])
    if not joint.rows or joint.combinations > table.longest_list:
        return None
    case = table.case(ordered, joint)
    now = min(case.errors(estimate_now(case)).absolute, case.errors(estimate_fresh(case)).absolute)
    choice = choose(case)
    if choice.error >= max(GOOD_BITS, table.min_bits):
        return None
    with_pairs = min(_with_pair_alone(case, pair) for pair in combinations(range(len(ordered)), 2))
    gain = min(now, with_pairs) - choice.error
    if gain < table.min_bits:
        return None
    reason = (
        f"{now:.2f} bits wrong, {with_pairs:.2f} with statistics of two of them, {choice.error:.2f} with all; "
        f"{joint.combinations:,} combinations"
    )
    return GroupStatistics(
        columns=tuple(ordered),
        bits=gain,
        kinds=choice.kinds,
        statistics_target=choice.target,
        reason=reason,
        evidence=evidence(case, choice.error),
    )


def _with_pair_alone(case: Case, pair: tuple[int, int]) -> float:
    """Return the error that perfect statistics of two of the columns leave, the others taken for independent."""
    totals: dict[tuple[int, ...], int] = {}
    keys = [tuple(row) for row in case.joint.marginal[:, list(pair)].tolist()]
    for key, count in zip(keys, case.joint.count.tolist(), strict=True):
        totals[key] = totals.get(key, 0) + count
    shares = case.true.copy()
    for place, key in enumerate(keys):
        shares[place] = totals[key] / case.rows
    for place in range(len(case.columns)):
        if place not in pair:
            shares = shares * case.fresh[:, place]
    return case.errors(shares).absolute


def settle(
    pairs: Sequence[PairStatistics], groups: Sequence[GroupStatistics], budget: int
) -> tuple[PairStatistics, ...]:
    """Return the pairs in their final order, no more than the budget of them advised.

    Those of a group's columns are left to the group: its list serves predicates on two of them as well.
    """
    marked = []
    left = budget - len(groups)
    for pair in sorted(pairs, key=lambda pair: -pair.bits):
        group = next((group for group in groups if {pair.x, pair.y} <= set(group.columns)), None)
        if group is not None and pair.verdict == "advised":
            reason = f"statistics of {', '.join(group.columns)} together serve it"
            pair = replace(pair, verdict="in group", reason=reason)
        elif pair.verdict == "advised":
            left -= 1
            if left < 0:
                reason = f"{pair.reason}; left out as {budget} others help more"
                pair = replace(pair, verdict="over budget", reason=reason)
        marked.append(pair)
    return tuple(sorted(marked, key=lambda pair: (-pair.bits, -pair.visible_bits, -pair.mutual_information)))
