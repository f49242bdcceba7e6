"""Equality is the database's: SQL functions, profile and GROUP BY count the same values, whatever their type."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import duckdb
import pytest

import colprofile
from colprofile.results.profile import Profile
from colprofile.sqlfunctions.catalogue import is_of_duckdb_1
from tests.support.equal_values import EQUAL_VALUES, equal_values_table

pytestmark = pytest.mark.skipif(is_of_duckdb_1(), reason="on DuckDB 1.x a value is its own equality key")

NESTED = {"list of collated", "struct of variants"}
"""Within nested values, DuckDB's aggregates decide, which ignore collations and see the types of variants."""

IN_WINDOWS = {"list of intervals", "array of intervals", "struct", "tuple", "map", "map of keys"}
"""Nested intervals: in windows, DuckDB's entropy tells a month from 30 days."""


@cache
def database() -> tuple[duckdb.DuckDBPyConnection, Profile]:
    con = equal_values_table()
    colprofile.register(con)
    return con, colprofile.profile(con, "t", progress=False, quality=False, example_rows=False)


def rows(query: str) -> list[tuple[Any, ...]]:
    return database()[0].execute(query).fetchall()


def entropy_by_group(*columns: str) -> float:
    present = " and ".join(f'"{name}" is not null' for name in columns)
    listed = ", ".join(f'"{name}"' for name in columns)
    counts: list[int] = [count for (count,) in rows(f"select count(*) from t where {present} group by {listed}")]
    return math.fsum(count / sum(counts) * math.log2(sum(counts) / count) for count in counts)


@pytest.mark.parametrize("name", EQUAL_VALUES)
def test_profile_and_macros_count_as_group_by_does(name: str) -> None:
    column = database()[1][name]
    distinct = rows(f'select count(*) from (select "{name}" from t where "{name}" is not null group by 1)')[0][0]
    assert column.distinct == distinct
    assert column.entropy == pytest.approx(entropy_by_group(name), abs=1e-12)
    if name in NESTED:
        return
    assert rows(f'select log2(perplexity("{name}")) from t')[0][0] == pytest.approx(column.entropy, abs=1e-12)
    if name not in IN_WINDOWS:
        windowed = rows(f'select max(p) from (select perplexity("{name}", number >= 0) as p from t)')[0][0]
        assert math.log2(windowed) == pytest.approx(column.entropy, abs=1e-12)
    assert rows(f'select entropy(equality_key("{name}")) from t')[0][0] == pytest.approx(column.entropy, abs=1e-12)


def test_column_entropies_are_those_of_profile() -> None:
    found = rows("select column_name, distinct_values, entropy from column_entropies('t')")
    profile = database()[1]
    for name, distinct, entropy in found:
        assert distinct == profile[name].distinct
        if name not in NESTED:
            assert entropy == pytest.approx(profile[name].entropy, abs=1e-12), name


@pytest.mark.parametrize("name", EQUAL_VALUES)
def test_measures_of_pairs_are_those_of_profile(name: str) -> None:
    pair = database()[1].pair("number", name)
    x, y = f'"{pair.x}"', f'"{pair.y}"'
    assert pair.joint_entropy == pytest.approx(entropy_by_group(pair.x, pair.y), abs=1e-12)
    measured = rows(f"select distinct_pairs, mutual_information from pair_measures('t', {x}, {y})")[0]
    assert measured == pytest.approx((pair.distinct_pairs, pair.mutual_information), abs=1e-12)
    if name in NESTED:
        return
    names = ("joint_entropy", "mutual_information", "conditional_entropy", "variation_of_information", "dependence")
    found = rows(f"select {', '.join(f'{function}({x}, {y})' for function in names)} from t")[0]
    expected = (
        pair.joint_entropy,
        pair.mutual_information,
        pair.entropy_x_given_y,
        pair.variation_of_information,
        pair.dependence,
    )
    assert found == pytest.approx(expected, abs=1e-9)


def test_pair_dependences_are_those_of_profile() -> None:
    profile = database()[1]
    found = rows("select column_x, column_y, mutual_information, dependence from pair_dependences('t')")
    assert len(found) == len(profile.pairs)
    for x, y, shared, dependence in found:
        if NESTED & {x, y}:
            continue
        pair = profile.pair(x, y)
        assert (shared, dependence) == pytest.approx((pair.mutual_information, pair.dependence), abs=1e-9), (x, y)


def test_a_default_collation_holds_for_texts_and_json_alone() -> None:
    con = duckdb.connect()
    colprofile.register(con)
    con.execute("create table t as select unnest(['a', 'A', 'b']) as x, unnest(['\"a\"', '\"A\"', '1'])::json as j")
    con.execute("alter table t add column n integer")
    con.execute("alter table t add column c varchar collate c")
    con.execute("update t set n = rowid, c = x")
    con.execute("set default_collation = 'nocase'")
    distinct = con.execute("select count(distinct x), count(distinct j), count(distinct n), count(distinct c) from t")
    expected = distinct.fetchall()[0]
    profile = colprofile.profile(con, "t", progress=False)
    assert tuple(column.distinct for column in profile.columns) == expected == (2, 2, 3, 3)
    bits = con.execute("select perplexity(x), perplexity(j), perplexity(n), perplexity(c) from t").fetchall()[0]
    assert [math.log2(value) for value in bits] == pytest.approx([column.entropy for column in profile.columns])


def test_what_is_equal_drifts_by_nothing() -> None:
    con = duckdb.connect()
    colprofile.register(con)
    con.execute("create table a as select '1 month'::interval as i, ['-0.0'::double] as l, 'A' collate nocase as c")
    con.execute("create table b as select '30 days'::interval as i, [0.0::double] as l, 'a' collate nocase as c")
    assert con.execute("select column_name, kl_divergence from column_drift('a', 'b')").fetchall() == [
        ("i", 0.0),
        ("l", 0.0),
        ("c", 0.0),
    ]
    con.execute("create table u as select 1::union(i int, s varchar) as x")
    con.execute("create table v as select '1'::varchar::union(i int, s varchar) as x")
    assert con.execute("select unseen_mass from column_drift('u', 'v')").fetchall() == [(1.0,)]
