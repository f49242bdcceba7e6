"""How the planner estimates several equalities together, from what is saved now and from what the advice would save."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from colprofile.catalogs.analyze import ROWS_PER_TARGET, least_listed
from colprofile.catalogs.counts import DrawnCombinations
from colprofile.catalogs.selectivity import (
    EstimateErrors,
    distinct_values,
    equality_selectivities,
    estimated_rows,
    group_rows,
    log_errors,
    with_combinations,
    with_dependency,
)
from colprofile.catalogs.statistics import SavedColumn, SavedExtended
from colprofile.results.planner import JointEstimate
from colprofile.verbs.planner.columns import FreshColumn, ratio

FloatArray: TypeAlias = NDArray[np.float64]

GOOD_BITS = 0.1
"""Extended statistics are good where they leave less."""

GROUPS_FACTOR = 2.0
"""A number of groups wrong by this factor misleads GROUP BY."""

HELPS_SHARE = 0.5
"""Extended statistics help where they remove at least this share of the error."""

SPARE = 1.1
"""A list's target has some room, so that a few new combinations do not cut it."""


@dataclass(frozen=True, slots=True)
class KindChoice:
    """Kinds of extended statistics, the target of an mcv list (None: the columns' own), and the error they leave."""

    kinds: tuple[str, ...]
    target: int | None
    error: float


@dataclass(frozen=True)
class TableFacts:
    """What the estimates of several columns need to know of the table."""

    rows: int
    planner_rows: int
    columns: dict[str, SavedColumn]
    extended: tuple[SavedExtended, ...]
    min_bits: float
    longest_list: int  # the longest list of combinations that may be advised
    fresh: dict[str, FreshColumn]  # what a fresh ANALYZE would save of each column

    def covering(self, names: Iterable[str]) -> tuple[SavedExtended, ...]:
        """Return the filled extended statistics that hold all these columns and help predicates on them."""
        wanted = set(names)
        return tuple(
            item for item in self.extended if wanted <= set(item.columns) and (item.values or item.dependencies)
        )


@dataclass(frozen=True)
class Case:
    """Several columns of a table and their joint values: all that the estimates need."""

    table: TableFacts
    names: tuple[str, ...]
    joint: DrawnCombinations

    @property
    def columns(self) -> tuple[SavedColumn, ...]:
        """Saved statistics of each column."""
        return tuple(self.table.columns[name] for name in self.names)

    @property
    def true(self) -> FloatArray:
        """True selectivities of the drawn combinations."""
        return self.joint.count / self.table.rows

    @property
    def marginal(self) -> FloatArray:
        """True selectivity of each value; shape (drawn, columns)."""
        return self.joint.marginal / self.table.rows

    @property
    def degrees(self) -> tuple[float, ...]:
        """Share of the rows in which x determines y, and y determines x, of two columns."""
        return tuple(rows / self.joint.rows for rows in self.joint.determined)

    @property
    def fresh(self) -> FloatArray:
        """Selectivity of each value under fresh statistics of its column; shape (drawn, columns)."""
        sides = zip(self.names, self.joint.marginal.T, strict=True)
        return np.stack([self.table.fresh[name].shares(rows, self.table.rows) for name, rows in sides], axis=1)

    def saved(self) -> FloatArray:
        """Return the selectivity of each value under the column's saved statistics; shape (drawn, columns)."""
        sides = zip(self.columns, self.joint.saved_index.T, strict=True)
        return np.stack([equality_selectivities(column, self.table.planner_rows)[at] for column, at in sides], axis=1)

    def estimated(self, selectivities: FloatArray) -> FloatArray:
        """Return estimated selectivities as the planner does: as whole rows of at least one."""
        return estimated_rows(selectivities, self.table.planner_rows) / self.table.planner_rows

    def errors(self, selectivities: FloatArray) -> EstimateErrors:
        """Return the errors of estimated selectivities."""
        return log_errors(self.true, self.estimated(selectivities), self.joint.weight.astype(np.float64))

    def groups(self, columns: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the first drawn combination of each pair of two columns' values, and each combination's pair."""
        pairs = (tuple(texts[index] for index in columns) for texts in self.joint.texts)
        numbers: dict[tuple[str, ...], int] = {}
        which = np.array([numbers.setdefault(pair, len(numbers)) for pair in pairs], np.intp)
        return np.unique(which, return_index=True)[1], which


def estimate_now(case: Case) -> FloatArray:
    """Return the selectivities that the planner estimates now, extended statistics included.

    The server first takes the list of combinations that matches most columns and has fewest others, then functional
    dependencies among what is left (statext_clauselist_selectivity).
    """
    sides, names = case.saved(), case.names
    lists = [item for item in case.table.extended if item.values and len(set(names) & set(item.columns)) > 1]
    if lists:
        best = min(lists, key=lambda item: (-len(set(names) & set(item.columns)), len(item.columns)))
        return _with_list(case, best, sides)
    degrees = {
        (dependency.given[0], dependency.implied): dependency.degree
        for item in case.table.extended
        for dependency in item.dependencies
        if len(dependency.given) == 1
    }
    if len(names) == 2:
        degree, given = max((degrees.get((names[a], names[1 - a]), 0.0), a) for a in (0, 1))
        return with_dependency(sides[:, given], sides[:, 1 - given], degree)
    return np.asarray(np.prod(sides, axis=1), np.float64)


def _with_list(case: Case, item: SavedExtended, sides: FloatArray) -> FloatArray:
    """Return the selectivities under a saved list of combinations; columns that it lacks stay independent."""
    held = [index for index, name in enumerate(case.names) if name in item.columns]
    keys = [item.columns.index(case.names[index]) for index in held]
    saved: dict[tuple[str | None, ...], list[float]] = {}
    for values, share, base in zip(item.values, item.frequencies, item.base_frequencies, strict=True):
        entry = saved.setdefault(tuple(values[key] for key in keys), [0.0, 0.0])
        entry[0] += share
        entry[1] += base
    found = np.array([saved.get(tuple(texts[index] for index in held), [0.0, 0.0]) for texts in case.joint.texts])
    simple = np.prod(sides[:, held], axis=1)
    together = with_combinations(simple, found[:, 0], found[:, 1], float(sum(item.frequencies)))
    return np.asarray(together * np.prod(np.delete(sides, held, axis=1), axis=1), np.float64)


def estimate_fresh(case: Case) -> FloatArray:
    """Return the selectivities with fresh statistics of every column, assumed to be independent."""
    return np.asarray(np.prod(case.fresh, axis=1), np.float64)


def estimate_dependency(case: Case) -> FloatArray:
    """Return the selectivities with functional dependencies of two columns and fresh statistics of both."""
    given = int(case.degrees[1] > case.degrees[0])
    return with_dependency(case.fresh[:, given], case.fresh[:, 1 - given], case.degrees[given])


def estimate_combinations(case: Case, target: int) -> FloatArray:
    """Return the selectivities with a list of the ``target`` most common combinations, and fresh statistics."""
    simple = estimate_fresh(case)
    is_listed = listed_combinations(case, target)
    listed = np.where(is_listed, case.true, 0.0)
    base = np.where(is_listed, np.prod(case.marginal, axis=1), 0.0)
    weights = case.joint.weight.astype(np.float64)
    total = float(weights[is_listed].sum() / weights.sum()) * case.joint.rows / case.table.rows
    return with_combinations(simple, listed, base, total)


def listed_combinations(case: Case, target: int) -> NDArray[np.bool_]:
    """Return which of the drawn combinations a list of that target is expected to hold."""
    rows = case.table.rows
    sample = min(rows, ROWS_PER_TARGET * max(target, *(column.target for column in case.columns)))
    is_sure = case.joint.count * sample / rows >= least_listed(sample, rows)
    return np.asarray((case.joint.rank <= target) & is_sure)


def served_error(case: Case, target: int, indices: tuple[int, int]) -> float:
    """Return the |log2| error that a list of all columns leaves for predicates on two of them.

    The server subtracts from the independent estimate what independence of *all* columns gives to the matching
    combinations (mcv_clauselist_selectivity), which is too little for two of them: what the list leaves out is then
    counted on top. All combinations must have been drawn, with their texts.
    """
    is_listed = listed_combinations(case, target)
    first, which = case.groups(indices)
    counts = np.bincount(which, weights=case.joint.count).astype(np.float64)
    saved = np.bincount(which, weights=np.where(is_listed, case.true, 0.0))
    base = np.bincount(which, weights=np.where(is_listed, np.prod(case.marginal, axis=1), 0.0))
    simple = np.prod(case.fresh[:, list(indices)], axis=1)[first]
    estimated = with_combinations(simple, saved, base, float(case.true[is_listed].sum()))
    return log_errors(counts / case.table.rows, case.estimated(estimated), counts).absolute


def choose(case: Case) -> KindChoice:
    """Return the kinds of statistics that the evidence calls for.

    The cheapest that leaves less than GOOD_BITS, else the best: a list within the columns' own target, functional
    dependencies, a longer list.
    """
    own = max(column.target for column in case.columns)
    combinations = case.joint.combinations
    options: list[KindChoice] = []

    def listed(target: int) -> KindChoice:
        error = case.errors(estimate_combinations(case, target)).absolute
        return KindChoice(("mcv",), None if target <= own else target, error)

    options.append(listed(own))
    if len(case.columns) == 2:
        options.append(KindChoice(("dependencies",), None, case.errors(estimate_dependency(case)).absolute))
    if combinations > own and case.table.longest_list > own:
        options.append(listed(min(case.table.longest_list, round_up(combinations * SPARE))))
    best = next((option for option in options if option.error < GOOD_BITS), None)
    if best is None:
        best = min(options, key=lambda option: option.error)
    # Dependencies cost nothing, and also serve parameters, whose values a list cannot know.
    if best.kinds == ("mcv",) and len(case.columns) == 2 and options[1].error < GOOD_BITS:
        best = KindChoice(("dependencies", "mcv"), best.target, best.error)
    if ratio(estimated_groups(case), combinations) >= GROUPS_FACTOR:
        best = KindChoice(("ndistinct", *best.kinds), best.target, best.error)
    return best


def round_up(amount: float) -> int:
    """Return a target with two significant digits, not below the amount.

    >>> round_up(345.4), round_up(12), round_up(1234)
    (350, 12, 1300)
    """
    step = int(10 ** max(0, len(str(math.ceil(amount))) - 2))
    return math.ceil(amount / step) * step


def estimated_groups(case: Case) -> float:
    """Return the rows that the planner expects of GROUP BY the columns, with what is saved now."""
    names, rows = frozenset(case.names), case.table.planner_rows
    for item in case.table.extended:
        if names in item.distinct:
            return item.distinct[names]
    return group_rows([distinct_values(column, rows) for column in case.columns], rows)


def evidence(case: Case, after: float | None) -> JointEstimate:
    """Return what the joint values show."""
    errors = case.errors(estimate_now(case))
    forward, backward = case.degrees if len(case.names) == 2 else (None, None)
    return JointEstimate(
        combinations=case.joint.combinations,
        drawn=case.joint.weight.size,
        predicted_error=errors.mean,
        predicted_q_error=errors.q_error,
        groups=case.joint.combinations,
        estimated_groups=estimated_groups(case),
        degree_forward=forward,
        degree_backward=backward,
        predicted_after=after,
    )
