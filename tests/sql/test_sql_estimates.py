"""Entropy estimates and bounds in SQL against those of Python."""

from __future__ import annotations

import duckdb
import pytest

from colprofile import measures
from colprofile.measures.bounds.api import entropy_bounds
from colprofile.measures.fingerprints import fingerprint
from tests.support.sql_measures import close, one


@pytest.mark.parametrize("estimator", sorted(measures.ESTIMATORS))
def test_estimates(data: duckdb.DuckDBPyConnection, estimator: str) -> None:
    query = "select origin, entropy_estimate(tailnum, estimator := ?) from flights group by origin order by origin"
    for origin, bits in data.execute(query, [estimator]).fetchall():
        counts = [
            row[0]
            for row in data.execute(
                "select count(*) from flights where origin = ? and tailnum is not null group by tailnum", [origin]
            ).fetchall()
        ]
        assert close(bits, measures.entropy_estimate(fingerprint(counts), estimator))
    from_counts = one(
        data,
        "select fingerprint_entropy(histogram(c), ?) from"
        " (select count(*) as c from flights where tailnum is not null group by tailnum)",
        [estimator],
    )
    assert close(from_counts, one(data, "select entropy_estimate(tailnum, ?) from flights", [estimator]))


def test_estimates_of_nothing_and_by_no_name(con: duckdb.DuckDBPyConnection) -> None:
    assert one(con, "select entropy_estimate(x) from (select null::integer as x)") is None
    assert one(con, "select entropy_estimate(x) from (select 1 as x where false)") is None
    assert one(con, "select fingerprint_entropy(map {}, 'nsb')") is None
    with pytest.raises(duckdb.Error, match=r"there is no estimator 'nbs'. Did you mean 'nsb'"):
        con.execute("select entropy_estimate(x, 'nbs') from range(3) as t(x)").fetchall()
    with pytest.raises(duckdb.Error, match="give counts of rows, whole numbers"):
        con.execute("select fingerprint_entropy(map {1.5: 1}, 'nsb')").fetchall()


def test_bounds_are_those_of_python(data: duckdb.DuckDBPyConnection) -> None:
    data.execute("create or replace temp table drawn as from flights using sample 1.5% (bernoulli, 1)")
    counts = [row[0] for row in data.execute("select count(*) from drawn group by dest order by dest").fetchall()]
    found = one(
        data,
        "select entropy_bounds(list(n order by dest), 336776, 0.9) from"
        " (select dest, count(*) as n from drawn group by dest)",
    )
    wanted = entropy_bounds(counts, 336_776, confidence=0.9)
    assert wanted is not None
    assert found == {"lower": wanted.lower, "estimate": wanted.estimate, "upper": wanted.upper}
    assert found["lower"] <= one(data, "select entropy(dest) from flights") <= found["upper"]
    joint = "select origin as x, dest as y, count(*) as n from drawn group by all order by all"
    bounds = one(data, f"select mutual_information_bounds(x, y, n, 336776, confidence := 0.9) from ({joint})")
    exact = one(data, "select mutual_information(origin, dest) from flights")
    assert 0 < bounds["lower"] <= exact <= bounds["upper"] < one(data, "select entropy(origin) from flights") + 0.1
    rows = data.execute(
        "select month, mutual_information_bounds(origin, dest, n, 30000) as b from"
        " (select month, origin, dest, count(*) as n from drawn group by all) group by month"
    ).fetchall()
    assert len(rows) == 12 and all(b["lower"] <= b["estimate"] <= b["upper"] for _, b in rows)


def test_bounds_of_nothing_and_of_too_little(con: duckdb.DuckDBPyConnection) -> None:
    assert one(con, "select entropy_bounds(null, 10, 0.9)") is None
    assert one(con, "select entropy_bounds([], 10, 0.9)") is None
    assert one(con, "select mutual_information_bounds(x, x, 1, 10) from range(0) as t(x)") is None
    assert one(con, "select mutual_information_bounds(null, x, 1, 10) from range(3) as t(x)") is None
    assert one(con, "select joint_counts_bounds(['a'], ['b'], null, 10, 0.9)") is None
    assert one(con, "select entropy_bounds([5, 5], 10, 0.9)") == {"lower": 1.0, "estimate": 1.0, "upper": 1.0}
    with pytest.raises(duckdb.Error, match="population_rows is 9, but the sample has 10 rows"):
        con.execute("select entropy_bounds([5, 5], 9, 0.9)").fetchall()
    with pytest.raises(duckdb.Error, match="give a number above 0 and below 1"):
        con.execute("select entropy_bounds([5, 5], 20, 95)").fetchall()
