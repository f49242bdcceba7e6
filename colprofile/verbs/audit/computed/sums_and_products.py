"""Sums and products: a number computed from two others, such as gross = net + tax, however many values they have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from colprofile.counting.dependencies.arithmetic import possible_sums_and_products
from colprofile.counting.dependencies.relation import measure
from colprofile.counting.dependencies.workers import Combination, SearchedLevel, Workers
from colprofile.results.audit import Finding
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, AuditedTable
from colprofile.verbs.audit.computed.numbers import combined_expression
from colprofile.verbs.audit.computed.rounded_lines import FEW, decimal_places

Floats = npt.NDArray[np.float64]

_SAMPLE = 64


@dataclass(frozen=True)
class Arithmetic:
    """Threes of columns of which the third may be the sum or the product of the first two, and how far was searched."""

    threes: list[tuple[int, int, int]]
    level: SearchedLevel | None


@dataclass(frozen=True)
class _Found:
    threes: list[tuple[int, int, int]]
    looked_at: int
    steps: int


def search_arithmetic(audited: AuditedTable, workers: Workers) -> Arithmetic:
    """Look at all pairs of numeric columns; a sample of the rows rules out nearly all of what they may compute."""
    numbers = _different_numbers(audited)
    if not audited.has_codes or len(numbers) < 3:
        return Arithmetic([], None)
    rows = np.random.default_rng(0).choice(audited.rows, min(audited.rows, 50 * _SAMPLE), replace=False)
    values = np.stack([audited.numeric_values(j, rows) for j in numbers])
    values[~np.isfinite(values)] = np.nan
    targets = np.array([n for n, j in enumerate(numbers) if audited.columns[j].distinct >= FEW], np.int64)
    gaps = np.array([_widest_gap(values[n]) for n in targets])
    threes: list[tuple[int, int, int]] = []

    def extend(prefix: Combination, lasts: Sequence[int]) -> _Found:
        found, steps = possible_sums_and_products(values, prefix[0], np.array(lasts), targets, gaps, _SAMPLE)
        named = [(numbers[second], numbers[prefix[0]], numbers[target]) for second, target in found.tolist()]
        return _Found(named, len(lasts), int(steps))

    def collect(results: list[_Found]) -> None:
        for each in results:
            threes.extend(each.threes)

    what = "looking for sums and products, pair"
    level = workers.search(what, range(len(numbers)), 2, rows.size, extend, collect)
    return Arithmetic(sorted(threes), level)


def arithmetic_findings(
    audited: AuditedTable, threes: Iterable[tuple[int, int, int]], known: Collection[int]
) -> Iterator[Finding]:
    """Yield numeric columns that are the sum or the product of two others in every row that has all three.

    The search for dependencies finds these too where their left side repeats; amounts of money hardly do. Differences
    and quotients are the same, solved for another column. Columns ``known`` to be computed or repeated are left out,
    and on the left those of them whose values are all different: others represent the rest.
    """
    unique = {j for j in known if audited.columns[j].distinct == audited.columns[j].counted_rows}
    for a, b, y in threes:
        if y not in known and a not in unique and b not in unique:
            yield from _finding(audited, a, b, y)


def _different_numbers(audited: AuditedTable) -> list[int]:
    """Return the numeric columns with more than one value, of equivalent ones the representative or the first.

    Columns whose values are all different are equivalent for no other reason: each counts.
    """
    chosen: dict[int, int] = {}
    unique = []
    for j, column in enumerate(audited.columns):
        if column.kind != "numeric" or column.distinct < 2:
            continue
        if column.distinct == column.counted_rows:
            unique.append(j)
        else:
            representative = audited.representatives[j]
            chosen[representative] = representative if j == representative else chosen.get(representative, j)
    return sorted([*chosen.values(), *unique])


def _widest_gap(values: Floats) -> float:
    """Return how far rounding to a column's decimals may have moved its values."""
    filled = values[np.isfinite(values)]
    places = decimal_places(filled)
    least = 1e-9 * float(np.abs(filled).max(initial=0.0))
    return least if places is None else max(least, 0.5000001 * 10.0**-places)


def _finding(audited: AuditedTable, a: int, b: int, y: int) -> Iterator[Finding]:
    expression = combined_expression(audited, (a, b), y, is_repeated=False)
    if expression is None:
        return
    measured = measure(audited.relation, (a, b), y)
    evidence = audited.evidence(measured)
    filled = int(audited.relation.counts[y][1:].sum())
    saved = audited.relation.arrangement_bits(y) * evidence.rows / max(1, filled) - EXPRESSION_BITS
    if not evidence.is_exact or measured.sums.distinct_y < FEW or saved < audited.needed_bits:
        return
    evidence = replace(evidence, bits=saved / audited.rows, log2_chance=-saved)
    yield audited.computed_finding((a, b), y, expression, evidence)
