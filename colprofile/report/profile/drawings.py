"""What a page draws anew with Vega-Lite when a column's details come into view: the figures of each drawing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from colprofile.report.profile.histograms import bins
from colprofile.results.column import ColumnProfile

VALUES_SHOWN = 2048
"""Values that a column's zoomable drawing shows."""

POINTS_SHOWN = 20_000
"""Values that all drawings of a page show together: about 0.2 MB."""


def column_data(columns: Iterable[ColumnProfile], room: int = POINTS_SHOWN) -> list[dict[str, Any] | None]:
    """Return what each column's zoomable drawing shows, None where there is none.

    Every value with its rows, ``room`` values in all; else the bins of the small chart, on the same scale.
    """
    found: list[dict[str, Any] | None] = []
    for column in columns:
        drawn = bins(column)
        if drawn is None:
            found.append(None)
            continue
        kind = "temporal" if column.kind == "temporal" else "quantitative"
        values, counts = column.histogram.values, column.histogram.counts
        if _is_listed(column) and len(drawn.counts) < len(values) <= min(VALUES_SHOWN, room) and not drawn.notes:
            room -= len(values)
            found.append({"spec": "values", "type": kind, "v": values, "n": counts})
        else:
            scale = {"log": True} if drawn.scale == "log" else {"top": drawn.top} if drawn.is_cut else {}
            found.append({"spec": "bins", "type": kind, "e": drawn.edges, "n": drawn.counts, **scale})
    return found


def _is_listed(column: ColumnProfile) -> bool:
    """Whether a column's histogram lists every value, each with a place on the axis."""
    kinds = str if column.kind == "temporal" else (int, float)
    values = column.histogram.values
    return column.histogram.is_complete and all(isinstance(v, kinds) and not isinstance(v, bool) for v in values)
