"""Drift compares values as the database's = does, of every type, live and between saved profiles."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import duckdb
import pytest

import colprofile
from colprofile.errors import ArgumentError
from colprofile.results.histogram import Histogram
from colprofile.results.profile import Profile
from tests.support.equal_values import EQUAL_VALUES

MOST = max(map(len, EQUAL_VALUES.values()))


@cache
def database() -> duckdb.DuckDBPyConnection:
    """Tables t0, t1 …: in table k every column holds the k-th value of its kind, in both rows."""
    con = duckdb.connect()
    for k in range(MOST):
        columns = (f'{values[k % len(values)]} as "{name}"' for name, values in EQUAL_VALUES.items())
        con.execute(f"create table t{k} as select {', '.join(columns)} from range(2)")
    return con


def are_equal(name: str, k: int) -> bool:
    query = f'select a."{name}" is not distinct from b."{name}" from t0 a, t{k} b limit 1'
    return bool(database().execute(query).fetchall()[0][0])


@cache
def saved(k: int) -> Profile:
    made = colprofile.profile(database(), f"t{k}", pairs=False, quality=False, progress=False)
    return Profile.from_dict(made.to_dict())


SIDES: dict[str, Callable[[int], tuple[Any, dict[str, Any]]]] = {
    "live": lambda k: (database(), {"stale_table": "t0", "fresh_table": f"t{k}"}),
    "stale saved": lambda k: (saved(0), {"fresh_table": f"t{k}"}),
    "both saved": lambda k: (saved(0), {}),
}


@pytest.mark.parametrize(
    ("sides", "k"), [(sides, k) for sides in SIDES for k in range(1, MOST if sides == "both saved" else 4)]
)
def test_values_drift_unless_the_database_calls_them_equal(k: int, sides: str) -> None:
    stale, tables = SIDES[sides](k)
    fresh = saved(k) if sides == "both saved" else database()
    found = colprofile.drift(stale, fresh, progress=False, **tables)
    for column in found.columns:
        expected = 0.0 if are_equal(column.name, k) else 1.0
        assert (column.unseen_mass, column.vanished_mass) == (expected, expected), column.name
    assert not any("Compared by their texts" in note for note in found.notes)


def many(first: str, more: str) -> str:
    """A query of one frequent value and 3,000 others, too many to be listed."""
    return f"select {first} as c from range(500) union all select {more} from range(100, 3100) as r(i)"


@pytest.mark.parametrize(
    ("stale", "fresh"),
    [
        (
            many("'a' collate nocase", "('v' || i) collate nocase"),
            many("'A' collate nocase", "('V' || i) collate nocase"),
        ),
        (many("'1 month'::interval", "to_days(i::int)"), many("'30 days'::interval", "to_hours(24 * i)")),
        (many("['-0.0'::double]", "[i::double]"), many("[0.0::double]", "[i::double]")),
    ],
)
@pytest.mark.parametrize("is_saved", [False, True])
def test_buckets_are_of_what_values_have_in_common(stale: str, fresh: str, is_saved: bool) -> None:
    con = duckdb.connect()
    sides = [colprofile.profile(con, query, pairs=False, progress=False) for query in (stale, fresh)]
    found = (
        colprofile.drift(*sides, progress=False)
        if is_saved
        else colprofile.drift(sides[0], con, fresh_table=fresh, progress=False)
    )
    assert found.columns[0].kl_divergence == pytest.approx(0.0, abs=1e-12)
    merged = sides[0].columns[0].histogram.merge(sides[1].columns[0].histogram)
    assert (merged.rows, max(merged.counts)) == (7000, 1000)


def test_it_says_where_it_has_only_texts() -> None:
    """A profile that was saved without keys, and a side without the other's collation."""
    con = duckdb.connect()
    con.execute("create table a as select 'x' collate nocase as c, '1 month'::interval as i")
    con.execute("create table b as select 'X' as c, '30 days'::interval as i")
    stale = colprofile.profile(con, "a", pairs=False, progress=False).to_dict()
    for column in stale["columns"]:
        column["histogram"]["keys"] = None
    found = colprofile.drift(Profile.from_dict(stale), con, fresh_table="b", progress=False)
    assert [column.unseen_mass for column in found.columns] == [1.0, 1.0]
    assert [note for note in found.notes if "texts" in note] == [
        "Compared by their texts, as one side does not say which values its database calls equal: c, i."
    ]


def test_buckets_of_keys_and_of_texts_cannot_be_compared() -> None:
    con = duckdb.connect()
    query = many("'1 month'::interval", "to_days(i::int)")
    keyed = colprofile.profile(con, query, pairs=False, progress=False)
    without = keyed.to_dict()
    without["columns"][0]["histogram"]["keys"] = None
    found = colprofile.drift(Profile.from_dict(without), keyed, progress=False)
    assert found.columns[0].verdict == "broken"
    assert "profile the other side anew" in found.columns[0].reasons[0]


def test_merging_keeps_values_of_one_text_apart() -> None:
    one = Histogram(rows=3, nulls=0, distinct=2, values=("1", "1"), counts=(2, 1), keys=("i 1", "s 1"))
    other = Histogram(rows=4, nulls=0, distinct=1, values=("1",), counts=(4,), keys=("s 1",))
    both = one.merge(other)
    assert (both.rows, both.distinct, both.values, both.counts, both.keys) == (7, 2, ("1", "1"), (5, 2), ("s 1", "i 1"))
    with pytest.raises(ArgumentError, match="2 values have 1 keys"):
        Histogram(rows=3, nulls=0, distinct=2, values=("1", "1"), counts=(2, 1), keys=("i 1",))


def test_the_smallest_text_stands_for_equal_values() -> None:
    con = duckdb.connect()
    values = ["b", "B", "a", "A", "a"]
    for order in ("asc", "desc"):
        con.execute(f"create or replace table t as select unnest({values}) collate nocase as c order by c {order}")
        column = colprofile.profile(con, "t", progress=False).columns[0]
        assert [(top.value, top.count) for top in column.top_values] == [("A", 3), ("B", 2)]
        assert (column.type, column.minimum, column.maximum) == ("VARCHAR COLLATE nocase", "A", "B")
