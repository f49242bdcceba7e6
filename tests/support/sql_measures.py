"""The measures that the SQL functions must agree with, by name, and how closely."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import duckdb

from colprofile import measures

IS_2 = int(duckdb.__version__.split(".")[0]) >= 2
"""Whether this is DuckDB 2 or later: DuckDB 1.x lacks some of it."""

TOLERANCE = 1e-9
"""Bits."""

PAIR_MEASURES: dict[str, Callable[..., float | None]] = {
    "joint_entropy": measures.joint_entropy,
    "conditional_entropy": measures.conditional_entropy,
    "mutual_information": measures.mutual_information,
    "normalized_mutual_information": measures.normalized_mutual_information,
    "uncertainty_coefficient": measures.uncertainty_coefficient,
    "variation_of_information": measures.variation_of_information,
}

COUNT_MEASURES: dict[str, Callable[..., float | None]] = {
    "kl_divergence": measures.kl_divergence,
    "cross_entropy": measures.cross_entropy,
    "js_divergence": measures.js_divergence,
    "psi": measures.psi,
    "unseen_mass": measures.unseen_mass,
    "vanished_mass": measures.vanished_mass,
}


def one(con: duckdb.DuckDBPyConnection, query: str, values: list[object] | None = None) -> Any:
    row = con.execute(query, values or []).fetchone()
    assert row is not None
    return row[0]


def close(found: float | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return abs(found - wanted) <= TOLERANCE


def contingency(pairs: list[tuple[object, object]]) -> list[list[int]]:
    """Count complete pairs, slowly: rows are the values of x, columns those of y."""
    complete = [(repr(x), repr(y)) for x, y in pairs if x is not None and y is not None]
    cells = Counter(complete)
    xs, ys = sorted({x for x, _ in complete}), sorted({y for _, y in complete})
    return [[cells[x, y] for y in ys] for x in xs] or [[0]]


def near(found: float | None, wanted: float | None) -> bool:
    """Whether two figures agree to 1e-9, relatively where they are large: KL of tiny models is hundreds of bits."""
    if found is None or wanted is None:
        return found is wanted
    return math.isclose(found, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
