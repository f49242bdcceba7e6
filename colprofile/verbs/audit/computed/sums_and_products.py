"""Sums and products: a number computed from two others, such as gross = net + tax, however many values they have."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from colprofile.counting.dependencies.relation import measure
from colprofile.results.audit import Finding
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, AuditedTable
from colprofile.verbs.audit.computed.numbers import combined_expression
from colprofile.verbs.audit.computed.rounded_lines import FEW, decimal_places

Floats = npt.NDArray[np.float64]

_MOST_COLUMNS = 60  # with more numeric columns their pairs would take longer than the rest
_SAMPLE = 64


def arithmetic_findings(audited: AuditedTable, known: Collection[int]) -> Iterator[Finding]:
    """Yield numeric columns that are the sum or the product of two others in every row that has all three.

    The search for dependencies finds these too where their left side repeats; amounts of money hardly do. Differences
    and quotients are the same, solved for another column. Columns ``known`` to be computed or repeated are left out.
    """
    numbers = _different_numbers(audited, known)
    if not audited.has_codes or not 3 <= len(numbers) <= _MOST_COLUMNS:
        return
    rows = np.random.default_rng(0).choice(audited.rows, min(audited.rows, 50 * _SAMPLE), replace=False)
    values = {j: audited.numeric_values(j, rows) for j in numbers}
    gaps = {j: _widest_gap(values[j]) for j in numbers if audited.columns[j].distinct >= FEW and j not in known}
    for a, b in combinations(numbers, 2):
        for computed in _sum_and_product(values[a], values[b]):
            for y, gap in gaps.items():
                if y not in (a, b) and _may_agree(computed, values[y], gap):
                    yield from _finding(audited, a, b, y)


def _different_numbers(audited: AuditedTable, known: Collection[int]) -> list[int]:
    """Return the numeric columns with more than one value, of equivalent ones the representative or the first.

    Columns whose values are all different are equivalent for no other reason: each counts that repeats no other.
    """
    chosen: dict[int, int] = {}
    unique = []
    for j, column in enumerate(audited.columns):
        if column.kind != "numeric" or column.distinct < 2:
            continue
        if column.distinct == column.counted_rows:
            unique += [j] if j not in known else []
        else:
            representative = audited.representatives[j]
            chosen[representative] = representative if j == representative else chosen.get(representative, j)
    return sorted([*chosen.values(), *unique])


@np.errstate(all="ignore")
def _sum_and_product(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return the sum and the product of values; what is too large for a number is infinite."""
    return first + second, first * second


def _widest_gap(values: Floats) -> float:
    """Return how far rounding to a column's decimals may have moved its values."""
    filled = values[np.isfinite(values)]
    places = decimal_places(filled)
    least = 1e-9 * float(np.abs(filled).max(initial=0.0))
    return least if places is None else max(least, 0.5000001 * 10.0**-places)


@np.errstate(all="ignore")
def _may_agree(computed: Floats, wanted: Floats, gap: float) -> bool:
    """Whether values are close wherever none is missing, and there are enough of them; the first few rule out most."""
    for part in (slice(0, _SAMPLE), slice(None)):
        filled = np.isfinite(computed[part]) & np.isfinite(wanted[part])
        if (np.abs(computed[part][filled] - wanted[part][filled]) > gap).any():
            return False
    return bool(filled.sum() >= _SAMPLE and np.unique(wanted[filled]).size >= FEW)


def _finding(audited: AuditedTable, a: int, b: int, y: int) -> Iterator[Finding]:
    expression = combined_expression(audited, (a, b), y, is_repeated=False)
    if expression is None:
        return
    evidence = audited.evidence(measure(audited.relation, (a, b), y))
    filled = int(audited.relation.counts[y][1:].sum())
    saved = audited.relation.arrangement_bits(y) * evidence.rows / max(1, filled) - EXPRESSION_BITS
    if not evidence.is_exact or saved < audited.needed_bits:
        return
    evidence = replace(evidence, bits=saved / audited.rows, log2_chance=-saved)
    yield audited.computed_finding((a, b), y, expression, evidence)
