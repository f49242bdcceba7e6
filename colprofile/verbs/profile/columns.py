"""ColumnProfile from a Marginal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from colprofile.counting.cells import MOST_VALUES, Shape
from colprofile.counting.dictionary import Axis
from colprofile.counting.marginal import ColumnMarginal
from colprofile.counting.value_texts import axis_labels
from colprofile.measures.cuts import even_edges
from colprofile.measures.entropy import entropy_from_fingerprint
from colprofile.measures.estimators import ESTIMATORS
from colprofile.measures.fingerprints import Fingerprint
from colprofile.results.column import ColumnProfile, Distribution, Kind, Quantile, TopValue
from colprofile.results.histogram import Histogram
from colprofile.sources.base import SourceColumn
from colprofile.values import Value

TEXT_KINDS = ("text", "categorical")
NOT_TEXT = "only text has lengths and patterns"

_TOP = 10
_PROBABILITIES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_CHART_BINS = 24
_CATEGORICAL_MOST = 1000
_FINGERPRINTS_KEPT = 1024
_ESTIMATED = ("miller-madow", "jackknife", "chao-shen")
"""Estimators of the larger whole that the rows would be a sample of. They need nothing of scipy, whose import would
cost more than all the rest of a small table's profile."""


def column_profile(
    column: SourceColumn,
    marginal: ColumnMarginal,
    rows: int,
    nulls: str,
    stored: int | None,
    like: Histogram | None = None,
    is_compared: bool = False,
) -> ColumnProfile:
    """Return all that follows from a column's marginal; its histogram is on the cells of ``like`` if given."""
    undefined: dict[str, str] = {}
    filled = marginal.filled
    pairs = _fingerprint(marginal, nulls)
    values, entropy, estimates = _information(pairs)
    kind = _kind(column, marginal)
    if entropy is None:
        reason = "the table has no rows" if not rows else "every row is NULL"
        for name in ("entropy", "entropy_interval", "max_entropy", "efficiency", "perplexity"):
            undefined[name] = reason
    max_entropy = math.log2(values) if values else None
    efficiency = None
    if entropy is not None and max_entropy:
        efficiency = min(1.0, entropy / max_entropy)
    elif entropy is not None:
        undefined["efficiency"] = "one value only: the maximum is 0 bits"
    minimum, maximum = _extremes(marginal, kind, undefined)
    mean, deviation = _moments(marginal, kind, undefined)
    undefined["text"] = "data quality was not looked at" if column.kind in TEXT_KINDS else NOT_TEXT
    if stored is None:
        undefined["stored_bytes"] = "the source does not report it"
    return ColumnProfile(
        name=column.name,
        type=column.type,
        kind=kind,
        rows=rows,
        nulls=marginal.nulls,
        distinct=marginal.distinct,
        entropy=entropy,
        entropy_interval=None if entropy is None else (entropy, entropy),
        max_entropy=max_entropy,
        efficiency=efficiency,
        perplexity=None if entropy is None else 2.0**entropy,
        minimum=minimum,
        maximum=maximum,
        mean=mean,
        standard_deviation=deviation,
        quantiles=_quantiles(marginal, kind),
        top_values=tuple(TopValue(value, count, count / filled) for value, count in marginal.top(_TOP)),
        distribution=_distribution(marginal, column, kind, undefined),
        histogram=column_histogram(marginal, rows, like, is_compared=is_compared),
        fingerprint=pairs,
        floor_bytes=_floor_bytes(marginal, rows, nulls, entropy or 0.0),
        stored_bytes=stored,
        is_constant=marginal.nulls == 0 and marginal.distinct == 1,
        is_key=rows > 0 and marginal.nulls == 0 and marginal.distinct == rows,
        undefined=undefined,
        estimates=dict(estimates),
    )


def _fingerprint(marginal: ColumnMarginal, nulls: str) -> tuple[tuple[int, int], ...]:
    counts, multiplicities = marginal.fingerprint
    by_count = dict(zip(counts.tolist(), multiplicities.tolist(), strict=True))
    if nulls == "value" and marginal.nulls:
        by_count[marginal.nulls] = by_count.get(marginal.nulls, 0) + 1
    return tuple(sorted(by_count.items()))


@lru_cache(_FINGERPRINTS_KEPT)
def _information(pairs: tuple[tuple[int, int], ...]) -> tuple[int, float | None, Mapping[str, float]]:
    """Return the number of values, their entropy and its estimates, of a fingerprint.

    Columns of few rows share few fingerprints.
    """
    fingerprint = Fingerprint.from_pairs(pairs)
    estimates = {name: ESTIMATORS[name](fingerprint) for name in _ESTIMATED} if fingerprint.distinct else {}
    return fingerprint.distinct, entropy_from_fingerprint(fingerprint), estimates


def _floor_bytes(marginal: ColumnMarginal, rows: int, nulls: str, entropy: float) -> int:
    """Return H·n/8 of the values, plus the null mask's own entropy where NULL is not a value already."""
    bits = entropy * (rows if nulls == "value" else marginal.filled)
    share = marginal.nulls / rows if rows else 0.0
    if nulls == "ignore" and 0.0 < share < 1.0:
        bits -= rows * (share * math.log2(share) + (1 - share) * math.log2(1 - share))
    return math.ceil(bits / 8 - 1e-9)


def _kind(column: SourceColumn, marginal: ColumnMarginal) -> Kind:
    is_text = column.kind == "text"
    if is_text and marginal.distinct <= _CATEGORICAL_MOST and marginal.distinct * 10 < marginal.filled:
        return "categorical"
    return column.kind


def _extremes(marginal: ColumnMarginal, kind: Kind, undefined: dict[str, str]) -> tuple[Value, Value]:
    if marginal.filled and kind != "nested":
        return marginal.extremes()
    reason = "nested values have no useful order" if marginal.filled else "there is no value"
    undefined["minimum"] = undefined["maximum"] = reason
    return None, None


def _moments(marginal: ColumnMarginal, kind: Kind, undefined: dict[str, str]) -> tuple[float | None, float | None]:
    reason = None
    span = marginal.span() if kind == "numeric" else None
    if kind != "numeric":
        reason = "the column is not numeric"
    elif not marginal.filled:
        reason = "there is no value"
    elif span is None or span.rows < marginal.filled:
        reason = "the column holds NaN or infinite values"
    if reason is not None:
        undefined["mean"] = undefined["standard_deviation"] = reason
        return None, None
    mean, scale, squares = marginal.moments()
    if marginal.filled < 2:
        undefined["standard_deviation"] = "it needs two values"
        return mean, None
    deviation = math.sqrt(squares / (marginal.filled - 1)) * scale
    if not math.isfinite(deviation):
        undefined["standard_deviation"] = "it exceeds the largest double"
        return mean, None
    return mean, deviation


def _quantiles(marginal: ColumnMarginal, kind: Kind) -> tuple[Quantile, ...]:
    if kind not in ("numeric", "temporal") or not marginal.filled:
        return ()
    values = marginal.quantiles(np.array(_PROBABILITIES))
    return tuple(Quantile(p, value) for p, value in zip(_PROBABILITIES, values, strict=True))


def _distribution(
    marginal: ColumnMarginal, column: SourceColumn, kind: Kind, undefined: dict[str, str]
) -> Distribution | None:
    """Return equal-width bins for a chart; integers get bins of whole numbers, so that no bar is an artefact."""
    is_placed = kind in ("numeric", "temporal")
    span = marginal.span() if is_placed and marginal.filled else None
    if span is None:
        undefined["distribution"] = (
            "no finite value to place on an axis" if is_placed else "only numeric and temporal columns have an axis"
        )
        return None
    if not math.isfinite(span.high - span.low):
        undefined["distribution"] = "the range exceeds the largest double"
        return None
    edges = _edges(span.low, span.high, span.grain)
    labels = axis_labels(marginal.axis_type)(edges.tolist())
    return Distribution(tuple(labels), tuple(marginal.bars(edges)), marginal.filled - span.rows)


def _edges(low: float, high: float, grain: float | None) -> Axis:
    if grain is not None:
        steps = (high - low) / grain + 1
        width = grain * max(1.0, math.ceil(steps / _CHART_BINS))
        return np.asarray(low + width * np.arange(int((high - low) // width) + 2), np.float64)
    if high == low:
        # The next double, so that even 1e300 has a bin around it; the largest is the end of its bin.
        above = math.nextafter(high, math.inf)
        return np.array([low, above] if math.isfinite(above) else [math.nextafter(low, -math.inf), high])
    return even_edges(low, high, _CHART_BINS)


NEW_VALUES_COMPARED = 1 << 16
"""Values that a stale histogram never saw and that are still compared one by one."""


def column_histogram(
    counts: ColumnMarginal, rows: int, like: Histogram | None = None, *, is_compared: bool = False
) -> Histogram:
    """Return a column's histogram over ``rows`` rows, on the cells of ``like`` if given.

    Where the two will be compared, what lies outside the other's edges is kept separate and many new values are listed.
    Else they can be merged.
    """
    if like is None:
        cells = counts.cells()
    else:
        shape = Shape(like.values, like.edges, len(like.bucket_counts), like.keys)
        room = NEW_VALUES_COMPARED if is_compared else max(0, MOST_VALUES - len(like.values))
        cells = counts.cells(shape, room=room, is_open=is_compared)
    tail = cells.tail
    return Histogram(
        rows=rows,
        nulls=counts.nulls,
        distinct=counts.distinct,
        values=tuple(cells.values),
        counts=tuple(cells.counts),
        edges=tuple(tail.edges.tolist()),
        bin_counts=tuple(tail.bin_counts.tolist()),
        bin_distinct=tuple(tail.bin_distinct.tolist()),
        bucket_counts=tuple(tail.bucket_counts.tolist()),
        bucket_distinct=tuple(tail.bucket_distinct.tolist()),
        keys=None if cells.keys is None else tuple(cells.keys),
    )
