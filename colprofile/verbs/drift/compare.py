"""Comparison: one column's figures, before it is known how many other columns are tested."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from colprofile.measures.divergence import (
    GTest,
    js_divergence,
    kl_divergence,
    kl_noise_floor,
    psi,
    unseen_mass,
    vanished_mass,
)
from colprofile.measures.entropy import entropy
from colprofile.measures.two_samples import pooled_g_test, share_test, unseen_test
from colprofile.results.column import ColumnProfile
from colprofile.results.drift import ColumnDrift, ColumnSide, Contribution
from colprofile.results.histogram import Histogram
from colprofile.values import axis_position, is_same_type, value_at, value_family
from colprofile.verbs.drift.common_bins import Rows
from colprofile.verbs.drift.common_cells import CommonCells, align
from colprofile.verbs.drift.equal_values import keys_of, needs_keys
from colprofile.verbs.drift.overlaid_histograms import overlaid_histograms

MOST_CONTRIBUTIONS = 10


@dataclass(frozen=True)
class Comparison:
    """A column's two states compared: all that the counts tell; the verdict is still to come."""

    stale: ColumnProfile
    fresh: ColumnProfile
    cells: CommonCells
    figures: ColumnDrift
    p_values: dict[str, float]  # of each test that could be made, by what it tests: values, unseen, nulls
    is_by_text: bool = False  # where the database's equality is another, which not both sides' profiles know

    @property
    def p_value(self) -> float | None:
        """The smallest p-value of the tests, times their number; None where none could be made."""
        return min(1.0, len(self.p_values) * min(self.p_values.values())) if self.p_values else None


def column_side(column: ColumnProfile) -> ColumnSide:
    """Return what a comparison shows of one side."""
    return ColumnSide(column.type, column.kind, column.rows, column.nulls, column.distinct, column.null_share)


def compare(
    stale: ColumnProfile, fresh: ColumnProfile, smoothing: float, *, has_statistics: bool = False
) -> Comparison:
    """Return the comparison of a column's two states, which are of one family of types.

    ``smoothing`` rows are added to each cell of the side that has no row in some cell of the other. The stale side may
    be an optimizer's statistics. Incomparable is raised where the histograms have no common cells.
    """
    old, new = stale.histogram, fresh.histogram
    family = value_family(fresh.kind, fresh.type)
    is_keyed = old.keys is not None and new.keys is not None and is_same_type(stale.type, fresh.type)
    keys = keys_of(family, stale.type, fresh.type)
    cells = align(old, new, keys, is_keyed=is_keyed, is_equi_depth=has_statistics)
    p, q = cells.fresh, cells.stale
    undefined = _why_undefined(p, q)
    smoothed: list[str] = []

    def supported(
        name: str, measure: Callable[..., float | None], truth: Rows | Sequence[int], model: Rows | Sequence[int]
    ) -> float | None:
        """Return a divergence, smoothed where the model has no row in a cell of the truth."""
        exact = measure(truth, model)
        if exact is not None or not np.sum(truth) or not np.sum(model):
            return exact
        smoothed.append(name)
        return measure(truth, model, smoothing=smoothing)

    kl = supported("kl_divergence", kl_divergence, p, q)
    reverse = supported("reverse_kl_divergence", kl_divergence, q, p)
    stability = supported("psi", psi, p, q)
    null_bits = supported("null_bits", kl_divergence, [new.nulls, new.filled], [old.nulls, old.filled])
    if null_bits is None:
        undefined["null_bits"] = "a side has no rows"
    bits = entropy(p)
    test = pooled_g_test(*cells.tested())
    p_values = _p_values(old, new, cells, test)
    if not p_values:
        undefined["p_value"] = undefined["adjusted_p_value"] = "a side has no row to test"
    number = int(np.count_nonzero((p > 0) | (q > 0)))
    figures = ColumnDrift(
        name=fresh.name,
        verdict="same",
        reasons=(),
        stale=column_side(stale),
        fresh=column_side(fresh),
        kl_divergence=kl,
        reverse_kl_divergence=reverse,
        js_divergence=js_divergence(p, q),
        psi=stability,
        entropy=bits,
        cross_entropy=None if kl is None or bits is None else bits + kl,
        cardinality_factor=None if kl is None else 2.0**kl,
        unseen_mass=unseen_mass(p, q),
        vanished_mass=vanished_mass(p, q),
        null_bits=null_bits,
        noise_floor=None if kl is None else kl_noise_floor(number, int(p.sum()), int(q.sum())),
        statistic=None if test is None else test.statistic,
        degrees_of_freedom=None if test is None else test.degrees_of_freedom,
        cells=number,
        is_lower_bound=cells.has_tail,
        is_interpolated=cells.bins.possible is not None,
        smoothed=tuple(smoothed),
        contributions=()
        if kl is None
        else _contributions(cells, smoothing if "kl_divergence" in smoothed else 0.0, family),
        overlay=overlaid_histograms(cells, family, *_range(stale, fresh)),
        undefined=undefined,
    )
    is_by_text = not is_keyed and any(
        side.histogram.keys is not None or needs_keys(side.type) for side in (stale, fresh)
    )
    return Comparison(stale, fresh, cells, figures, p_values, is_by_text)


def _range(*sides: ColumnProfile) -> tuple[float, float]:
    """Return the least and the greatest finite position of any side, NaN where there is none."""
    positions = [axis_position(value) for side in sides for value in (side.minimum, side.maximum)]
    finite = [position for position in positions if math.isfinite(position)]
    return (min(finite), max(finite)) if finite else (math.nan, math.nan)


_OF_BOTH = (
    "kl_divergence",
    "reverse_kl_divergence",
    "js_divergence",
    "psi",
    "cross_entropy",
    "cardinality_factor",
    "noise_floor",
    "statistic",
    "degrees_of_freedom",
)


def _why_undefined(fresh: Rows, stale: Rows) -> dict[str, str]:
    """Return a reason for each figure that an empty side leaves undefined."""
    empty = [side for side, rows in (("fresh", fresh), ("stale", stale)) if not rows.sum()]
    if not empty:
        return {}
    reason = "neither side has a value" if len(empty) == 2 else f"the {empty[0]} side has no value"
    names = list(_OF_BOTH)
    if "fresh" in empty:
        names += ["entropy", "unseen_mass"]
    if "stale" in empty:
        names.append("vanished_mass")
    return dict.fromkeys(names, reason)


def _p_values(old: Histogram, new: Histogram, cells: CommonCells, test: GTest | None) -> dict[str, float]:
    found: dict[str, float] = {}
    if test is not None:
        found["values"] = test.p_value
        if not cells.has_tail:
            found["unseen"] = unseen_test(cells.fresh, cells.stale)
    if old.rows and new.rows and (old.nulls or new.nulls):
        found["nulls"] = share_test(new.nulls, new.rows, old.nulls, old.rows)
    return found


def _contributions(cells: CommonCells, smoothing: float, family: str) -> tuple[Contribution, ...]:
    """Return the cells that add most to KL(fresh ‖ stale)."""
    from scipy.special import kl_div

    model = cells.stale + smoothing
    stale, fresh = cells.stale / cells.stale.sum(), cells.fresh / cells.fresh.sum()
    bits = kl_div(fresh, model / model.sum()) / math.log(2)
    largest = np.argsort(-bits, kind="stable")[:MOST_CONTRIBUTIONS]
    return tuple(
        Contribution(
            stale_rows=float(cells.stale[cell]),
            fresh_rows=float(cells.fresh[cell]),
            stale_share=float(stale[cell]),
            fresh_share=float(fresh[cell]),
            bits=float(bits[cell]),
            **_cell(cells, cell, family),
        )
        for cell in largest.tolist()
        if bits[cell] > 1e-12
    )


def _cell(cells: CommonCells, cell: int, family: str) -> dict[str, Any]:
    """Return the fields of a Contribution that say which cell it is."""
    tail = cell - len(cells.values)
    if tail < 0:
        return {"kind": "value", "value": cells.values[cell]}
    if cells.bins.buckets:
        return {"kind": "bucket", "bucket": tail}
    edges = cells.bins.edges
    low = value_at(float(edges[tail - 1]), family) if tail else None
    high = value_at(float(edges[tail]), family) if tail < edges.size else None
    return {"kind": "bin", "low": low, "high": high}
