"""The largest and smallest numbers and moments there are, through every verb and renderer: silent, and right.

Warnings are errors in these tests.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pytest

import colprofile
from colprofile.measures.cuts import even_edges
from colprofile.measures.ksg import mutual_information_ksg
from colprofile.verbs.audit.computed.rounded_lines import decimal_places

LARGEST = "1.7976931348623157e308"

DOUBLES = {
    "ends": [LARGEST, f"-{LARGEST}", "1e300", "1e308"],
    "two": ["1e308", "1e300"],
    "positive": ["1e308", "1.5e308", "1.7e308", "9e307"],
    "half": [LARGEST, "1.0", "-0.0"],
    "below": [f"-{LARGEST}", "1e-300", "2.2250738585072014e-308"],
    "tiny": ["5e-324", "1e-320", "0.0", "-5e-324"],
    "mixed": ["1e308", "5e-324", "-0.0", "1.0"],
    "zeros": ["-0.0", "0.0"],
    "nan": ["nan", "1.0", "2.0"],
    "only nan": ["nan"],
    "infinite": ["inf", "-inf", "1e308", "5e-324"],
    "all": [LARGEST, f"-{LARGEST}", "5e-324", "-0.0", "nan", "inf", "-inf", "1.0"],
    "even": [f"{i}e307" for i in range(1, 9)],
    "twice": [f"{2 * i}e307" for i in range(1, 9)],
}

OTHERS = {
    "decimal": ("decimal(38,0)", ["9" * 38, "-" + "9" * 38, "0", "1"]),
    "fraction": ("decimal(38,38)", ["0." + "9" * 38, "-0." + "9" * 38, "0"]),
    "hugeint": ("hugeint", [str(2**127 - 1), str(-(2**127)), "0"]),
    "uhugeint": ("uhugeint", [str(2**128 - 1), "0", "1"]),
    "bigint": ("bigint", [str(2**63 - 1), str(-(2**63)), "7"]),
    "ubigint": ("ubigint", [str(2**64 - 1), "0"]),
    "date": ("date", ["infinity", "-infinity", "2020-01-01", "5877642-06-25 (BC)", "5881580-07-10"]),
    "timestamp": ("timestamp", ["infinity", "-infinity", "2020-01-01", "290309-12-22 (BC) 00:00:00"]),
    "late": ("timestamp", ["294247-01-10 04:00:54", "1970-01-01", "2262-04-12"]),
    "float": ("float", ["3.4028235e38", "-3.4028235e38", "1e-45", "nan"]),
}

COLUMNS = {name: ("double", values) for name, values in DOUBLES.items()} | OTHERS


@cache
def database() -> duckdb.DuckDBPyConnection:
    """The tables a of 40 rows, b of every third of them, and few of 3; each column repeats its values."""
    con = duckdb.connect()
    columns = (
        f'(array[{", ".join(repr(v) for v in values)}])[n % {len(values)} + 1]::{kind} as "{name}"'
        for name, (kind, values) in COLUMNS.items()
    )
    con.execute(f"create table a as select {', '.join(columns)}, n * 1e300 as line from range(40) as r(n)")
    con.execute("create table b as select * from a where rowid % 3 > 0")
    con.execute("create table few as select * from a limit 3")
    return con


RESULTS: dict[str, Callable[[duckdb.DuckDBPyConnection], Any]] = {
    "profile": lambda con: colprofile.profile(con, "a", progress=False),
    "profile of few": lambda con: colprofile.profile(con, "few", progress=False),
    "sample": lambda con: colprofile.profile(con, "a", sample_rows=20, progress=False),
    "drift": lambda con: colprofile.drift(con, con, stale_table="a", fresh_table="b", progress=False),
    "drift of few": lambda con: colprofile.drift(con, con, stale_table="few", fresh_table="b", progress=False),
    "audit": lambda con: colprofile.audit(con, "a", progress=False),
    "latent": lambda con: colprofile.latent_classes(con, "a", progress=False),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", RESULTS)
def test_nothing_warns_and_everything_is_finite(name: str) -> None:
    result = RESULTS[name](database())
    json.loads(result.to_json(), parse_constant=lambda constant: pytest.fail(f"{constant} in the JSON"))
    for render in ("to_html", "to_markdown", "to_terminal", "__repr__"):
        assert getattr(result, render)()


@pytest.mark.filterwarnings("error")
def test_moments_are_right_or_have_a_reason() -> None:
    profile = colprofile.profile(database(), "a", progress=False)
    for name, values in DOUBLES.items():
        column = profile[name]
        numbers = [float(values[n % len(values)]) for n in range(40)]
        if not all(map(math.isfinite, numbers)):
            assert column.undefined["mean"] == "the column holds NaN or infinite values"
            continue
        exact = [Fraction(number) for number in numbers]
        mean = sum(exact) / len(exact)
        assert column.mean == pytest.approx(float(mean), rel=1e-12, abs=1e-15 * max(map(abs, numbers)))
        variance = sum((number - mean) ** 2 for number in exact) / (len(exact) - 1)
        unit = Fraction(max(map(abs, numbers)) or 1.0)
        deviation = math.sqrt(variance / unit**2) * float(unit)
        if math.isinf(deviation):
            assert column.undefined["standard_deviation"] == "it exceeds the largest double"
        elif deviation > 1e-307:
            assert column.standard_deviation == pytest.approx(deviation, rel=1e-9)
    assert profile["zeros"].distinct == 1
    assert profile.pair("even", "twice").pearson == pytest.approx(1.0)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("low", "high"), [(-8.9e307, 8.9e307), (0.0, 1.7976931348623157e308), (-5e-324, 5e-324), (0, 1)]
)
def test_edges_are_even_and_finite(low: float, high: float) -> None:
    edges = even_edges(low, high, 30)
    assert (edges[0], edges[-1], edges.size) == (low, high, 31)
    assert np.isfinite(edges).all()
    assert (np.diff(edges) >= 0).all()


@pytest.mark.filterwarnings("error")
def test_nearest_neighbours_do_not_depend_on_the_unit() -> None:
    x, noise = np.random.default_rng(0).normal(size=(2, 200))
    expected = mutual_information_ksg(x, x + noise)
    assert mutual_information_ksg(x * 2.0**1020, (x + noise) * 2.0**-1000) == expected
    assert mutual_information_ksg([1e308, -1e308, 5e-324, 1.7e308, 0.0], [1.0, 2.0, 3.0, 4.0, 5.0]) is not None


@pytest.mark.filterwarnings("error")
def test_the_largest_numbers_have_no_decimals() -> None:
    assert decimal_places(np.array([1e308, -1.7e308])) == 0
    assert decimal_places(np.array([1e308, 0.25])) == 2


def test_integers_beyond_all_doubles() -> None:
    con = duckdb.connect()
    con.execute("create table t (n bignum)")
    con.execute("insert into t values (repeat('9', 401)::bignum), ('-' || repeat('8', 500)), (5), (5)")
    column = colprofile.profile(con, "t", progress=False)["n"]
    assert (column.distinct, column.rows) == (3, 4)
    assert "mean" in column.undefined
    assert colprofile.drift(con, con, stale_table="t", fresh_table="t", progress=False).verdict == "same"
