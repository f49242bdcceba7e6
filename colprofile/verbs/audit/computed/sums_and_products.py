"""Sums and products: a number that two others give, such as gross = net + tax, however many values they have."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from colprofile.counting.dependencies.relation import measure
from colprofile.measures.entropy import entropy
from colprofile.measures.lookup import arrangement_bits
from colprofile.results.audit import Finding
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, Material
from colprofile.verbs.audit.computed.numbers import paired_numbers
from colprofile.verbs.audit.computed.rounded_lines import FEW, decimal_places

Floats = npt.NDArray[np.float64]

_MOST_COLUMNS = 60  # pairs of more numbers are not looked at: they would take longer than the rest
_SAMPLE = 64


def arithmetic_findings(material: Material, told: Collection[int]) -> Iterator[Finding]:
    """Yield numeric columns that are the sum or the product of two others in every row that has all three.

    Others find these too where their left side repeats; sums of money hardly do. Differences and quotients are the same
    seen from another side. What is ``told`` to be computed or repeated is left out.
    """
    numbers = [
        j
        for j, column in enumerate(material.columns)
        if column.kind == "numeric" and column.distinct > 1 and material.stand_ins[j] == j
    ]
    if material.coded is None or len(numbers) < 3 or len(numbers) > _MOST_COLUMNS:
        return
    rows = np.random.default_rng(0).choice(material.rows, min(material.rows, 50 * _SAMPLE), replace=False)
    values = {j: _values(material, j, rows) for j in numbers}
    gaps = {j: _widest_gap(values[j]) for j in numbers if material.columns[j].distinct >= FEW and j not in told}
    for a, b in combinations(numbers, 2):
        for computed in (values[a] + values[b], values[a] * values[b]):
            for y, gap in gaps.items():
                if y not in (a, b) and _may_agree(computed, values[y], gap):
                    yield from _finding(material, a, b, y)


def _values(material: Material, number: int, rows: npt.NDArray[np.int64]) -> Floats:
    """Return a column's numbers in some rows, NaN where it is NULL or no number."""
    assert material.coded is not None
    axis = material.coded.marginals[number].dictionary.axis
    codes = material.coded.codes[number][rows].astype(np.int64)
    if axis is None:
        return np.full(rows.size, np.nan)
    return np.where(codes > 0, np.asarray(axis, np.float64)[codes - 1], np.nan)


def _widest_gap(values: Floats) -> float:
    """Return how far rounding to a column's decimals may have moved its values."""
    filled = values[np.isfinite(values)]
    places = decimal_places(filled)
    least = 1e-9 * float(np.abs(filled).max(initial=0.0))
    return least if places is None else max(least, 0.5000001 * 10.0**-places)


def _may_agree(computed: Floats, wanted: Floats, gap: float) -> bool:
    """Whether values are close wherever all are there, and there are enough of them; the first few settle most."""
    for part in (slice(0, _SAMPLE), slice(None)):
        filled = np.isfinite(computed[part]) & np.isfinite(wanted[part])
        if (np.abs(computed[part][filled] - wanted[part][filled]) > gap).any():
            return False
    return bool(filled.sum() >= _SAMPLE and np.unique(wanted[filled]).size >= FEW)


def _finding(material: Material, a: int, b: int, y: int) -> Iterator[Finding]:
    assert material.relation is not None
    expression = paired_numbers(material, (a, b), y)
    if expression is None:
        return
    evidence = material.evidence(measure(material.relation, (a, b), [y])[0])
    counts = material.relation.counts[y][1:]
    whole = arrangement_bits(int(counts.sum()), material.columns[y].distinct, entropy(counts) or 0.0)
    saved = whole * evidence.rows / max(1, int(counts.sum())) - EXPRESSION_BITS
    if not evidence.is_exact or saved < material.needed:
        return
    names = material.names((a, b))
    material.expressions[names, material.name(y)] = expression
    yield material.computed(names, y, expression, evidence, saved)
