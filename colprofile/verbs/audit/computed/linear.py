"""Weighted sums of three numbers and more: a total of several amounts, however seldom these repeat together."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import numpy.typing as npt

from colprofile.results.audit import Finding
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.computed.numbers import combined_expression
from colprofile.verbs.audit.computed.several import finding_of

MOST_TERMS = 6
"""Columns of a sum at most: the more, the more often rounding hides it."""

_MOST_ROWS = 4_000  # in which sums are looked for; what is found is checked in all
_ROUNDING = 1e-9
_LARGEST = 1e150

Floats = npt.NDArray[np.float64]


def linear_findings(audited: AuditedTable, known: Collection[int]) -> Iterator[Finding]:
    """Yield numeric columns that are weighted sums of at least three others in every row that has all of them.

    Columns ``known`` to follow from others are left out, on both sides.
    """
    numbers = [
        j
        for j, column in enumerate(audited.columns)
        if column.kind == "numeric" and column.distinct > 2 and j not in known and audited.representatives[j] == j
    ]
    if not audited.has_codes or len(numbers) < 4:
        return
    done: set[int] = set()
    for members in _relations(audited, numbers):
        if done.isdisjoint(members):
            found = _best(audited, members)
            if found is not None:
                done.add(audited.numbers[found.targets[0]])
                yield found


def _best(audited: AuditedTable, members: list[int]) -> Finding | None:
    """Return the best of the ways round: a sum rather than a difference, the last column of the table among equals."""
    found = []
    for y in reversed(members):
        columns = tuple(j for j in members if j != y)
        expression = combined_expression(audited, columns, y, is_repeated=False)
        finding = finding_of(audited, columns, y, expression) if expression is not None else None
        if finding is not None:
            found.append(finding)
    return min(
        found, key=lambda finding: ("-" in (finding.expression or ""), len(finding.expression or "")), default=None
    )


def _relations(audited: AuditedTable, numbers: list[int]) -> Iterator[list[int]]:
    """Yield sets of four columns and more of which a weighted sum is constant, those of few columns first."""
    rows = np.arange(audited.rows)
    if rows.size > _MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, _MOST_ROWS, replace=False))
    values = np.stack([audited.numeric_values(j, rows) for j in numbers], axis=1)
    is_filled = np.isfinite(values)
    # Sums of squares of larger numbers are beyond a double.
    is_large = np.abs(values, where=is_filled, out=np.zeros_like(values)).max(axis=0, initial=0.0) > _LARGEST
    chosen = (is_filled.mean(axis=0) >= 0.5) & ~is_large
    values, numbers = values[:, chosen], [j for j, kept in zip(numbers, chosen, strict=True) if kept]
    values = values[np.isfinite(values).all(axis=1)]
    if len(values) < 3 * len(numbers) or len(numbers) < 4:
        return
    spread = values.std(axis=0)
    numbers = [j for j, wide in zip(numbers, spread > 0, strict=True) if wide]
    scaled = (values[:, spread > 0] - values[:, spread > 0].mean(axis=0)) / spread[spread > 0]
    if not np.isfinite(scaled).all() or scaled.shape[1] < 4:
        return
    _, sizes, right = np.linalg.svd(scaled, full_matrices=False)
    relations = _reduced(right[sizes <= _ROUNDING * sizes[0]])
    supports = [np.flatnonzero(np.abs(relation) > 1e-6) for relation in relations]
    for support in sorted(supports, key=len):
        if 4 <= support.size <= MOST_TERMS + 1:
            yield [numbers[place] for place in support]


def _reduced(relations: Floats) -> Floats:
    """Return relations with the same span, each with a column that no other has: few columns where there are few."""
    reduced = relations.copy()
    for row in range(len(reduced)):
        pivot = int(np.argmax(np.abs(reduced[row])))
        reduced[row] /= reduced[row, pivot]
        others = np.arange(len(reduced)) != row
        reduced[others] -= np.outer(reduced[others, pivot], reduced[row])
    return reduced
