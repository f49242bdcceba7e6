"""One column compared: the figures, before it is known how many other columns there are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

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
from colprofile.measures.two_samples import pooled_g_test, share_test, unseen_test
from colprofile.results.column import ColumnProfile
from colprofile.results.drift import Contribution
from colprofile.values import family, place_text
from colprofile.verbs.drift.common_cells import Aligned, align
from colprofile.verbs.drift.common_tails import Rows

MOST_CONTRIBUTIONS = 10


@dataclass(frozen=True)
class Comparison:
    """What the counts of both sides say, with the tests' own p-values."""

    aligned: Aligned
    kl_divergence: float | None
    reverse_kl_divergence: float | None
    js_divergence: float | None
    psi: float | None
    entropy: float | None
    unseen_mass: float | None
    vanished_mass: float | None
    null_bits: float | None
    noise_floor: float | None
    cells: int
    smoothed: tuple[str, ...]
    contributions: tuple[Contribution, ...]
    test: GTest | None
    p_values: dict[str, float]
    undefined: dict[str, str] = field(default_factory=dict)

    @property
    def p_value(self) -> float | None:
        """The smallest p-value of the tests, times their number; None where none could be made."""
        return min(1.0, len(self.p_values) * min(self.p_values.values())) if self.p_values else None


def compare(stale: ColumnProfile, fresh: ColumnProfile, smoothing: float) -> Comparison:
    """Return the comparison of a column's two states.

    Raises
    ------
    Incomparable
        The histograms have no common cells.
    """
    old, new = stale.histogram, fresh.histogram
    aligned = align(old, new, is_same_type=stale.type == fresh.type)
    p, q = aligned.fresh, aligned.stale
    smoothed: list[str] = []
    undefined = _why_undefined(p, q)

    def supported(name: str, truth: Rows, model: Rows) -> float | None:
        exact = kl_divergence(truth, model)
        if exact is not None or undefined:
            return exact
        smoothed.append(name)
        return kl_divergence(truth, model, smoothing=smoothing)

    kl = supported("kl_divergence", p, q)
    reverse = supported("reverse_kl_divergence", q, p)
    stability = psi(p, q)
    if stability is None and not undefined:
        smoothed.append("psi")
        stability = psi(p, q, smoothing=smoothing)
    nulls, is_smoothed = _null_bits(stale, fresh, smoothing)
    if is_smoothed:
        smoothed.append("null_bits")
    if nulls is None:
        undefined["null_bits"] = "a side has no rows"
    test = _g_test(aligned)
    used = smoothing if "kl_divergence" in smoothed else 0.0
    cells = int(np.count_nonzero((p > 0) | (q > 0)))
    return Comparison(
        aligned=aligned,
        kl_divergence=kl,
        reverse_kl_divergence=reverse,
        js_divergence=js_divergence(p, q),
        psi=stability,
        entropy=_bits(p),
        unseen_mass=unseen_mass(p, q),
        vanished_mass=vanished_mass(p, q),
        null_bits=nulls,
        noise_floor=None if undefined else kl_noise_floor(cells, int(p.sum()), int(q.sum())),
        cells=cells,
        smoothed=tuple(smoothed),
        contributions=() if kl is None else _contributions(aligned, used, family(fresh.kind, fresh.type)),
        test=test,
        p_values=_p_values(stale, fresh, aligned, test),
        undefined=undefined,
    )


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
    is_fresh_empty, is_stale_empty = not fresh.sum(), not stale.sum()
    if not (is_fresh_empty or is_stale_empty):
        return {}
    side = (
        "neither side"
        if is_fresh_empty and is_stale_empty
        else "the fresh side"
        if is_fresh_empty
        else "the stale side"
    )
    reason = f"{side} has a value" if side == "neither side" else f"{side} has no value"
    undefined = dict.fromkeys(_OF_BOTH, reason)
    if is_fresh_empty:
        undefined |= dict.fromkeys(("entropy", "unseen_mass"), reason)
    if is_stale_empty:
        undefined["vanished_mass"] = reason
    return undefined


def _bits(counts: Rows) -> float | None:
    total = float(counts.sum())
    if not total:
        return None
    shares = counts[counts > 0] / total
    return max(0.0, -float(np.sum(shares * np.log2(shares))))


def _null_bits(stale: ColumnProfile, fresh: ColumnProfile, smoothing: float) -> tuple[float | None, bool]:
    """Return KL of being NULL, fresh against stale, and whether it had to be smoothed."""
    p = [fresh.nulls, fresh.rows - fresh.nulls]
    q = [stale.nulls, stale.rows - stale.nulls]
    bits = kl_divergence(p, q)
    if bits is not None or not fresh.rows or not stale.rows:
        return bits, False
    return kl_divergence(p, q, smoothing=smoothing), True


def _g_test(aligned: Aligned) -> GTest | None:
    fresh, stale, keys = aligned.tested()
    return pooled_g_test(fresh, stale, keys)


def _p_values(stale: ColumnProfile, fresh: ColumnProfile, aligned: Aligned, test: GTest | None) -> dict[str, float]:
    found: dict[str, float] = {}
    if test is not None:
        found["values"] = test.p_value
        if not aligned.has_tail:
            found["unseen"] = unseen_test(aligned.fresh, aligned.stale)
    if stale.rows and fresh.rows and (stale.nulls or fresh.nulls):
        found["nulls"] = share_test(fresh.nulls, fresh.rows, stale.nulls, stale.rows)
    return found


def _contributions(aligned: Aligned, smoothing: float, kin: str) -> tuple[Contribution, ...]:
    """Return the cells that add most to KL(fresh ‖ stale)."""
    model = aligned.stale + np.where((aligned.stale > 0) | (aligned.fresh > 0) | (smoothing > 0), smoothing, 0.0)
    p, q = aligned.fresh / aligned.fresh.sum(), model / model.sum()
    bits = q - p
    present = p > 0
    bits[present] += p[present] * np.log(p[present] / q[present])
    bits /= math.log(2)
    shown = np.argsort(-bits, kind="stable")[:MOST_CONTRIBUTIONS]
    old_shares, new_shares = aligned.stale / aligned.stale.sum(), p
    return tuple(
        _contribution(aligned, cell, max(0.0, float(bits[cell])), old_shares, new_shares, kin)
        for cell in shown.tolist()
        if bits[cell] > 1e-12
    )


def _contribution(aligned: Aligned, cell: int, bits: float, stale: Rows, fresh: Rows, kin: str) -> Contribution:
    rows = float(aligned.stale[cell]), float(aligned.fresh[cell]), float(stale[cell]), float(fresh[cell]), bits
    tail = cell - len(aligned.values)
    if tail < 0:
        return Contribution("value", *rows, value=aligned.values[cell])
    if aligned.tails.buckets:
        return Contribution("bucket", *rows, bucket=tail)
    edges = aligned.tails.edges
    low = place_text(float(edges[tail - 1]), kin) if tail else None
    high = place_text(float(edges[tail]), kin) if tail < edges.size else None
    return Contribution("bin", *rows, low=low, high=high)
