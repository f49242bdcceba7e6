"""dependence(x, y) and pair_dependences(table) in SQL: the figures of the profile."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

import colprofile

TABLE = """
    create table t as
    select
        i as "a key",
        hash(i) % 40 as n,
        (hash(i) % 40) // 3 as third,
        timestamp '2026-01-01' + interval (hash(i) % 5000) minute as "at",
        case when i % 5 > 0 then 'v' || (hash(i) % 40 + i % 3)::varchar end as label,
        1 as one,
        (hash(i) % 1000)::decimal(9, 2) as price,
        [i % 3] as list
    from range(3000) as r(i)
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with colprofile.register(duckdb.connect()) as connection:
        connection.execute(TABLE)
        yield connection


def test_pairs_of_a_table_are_those_of_its_profile(con: duckdb.DuckDBPyConnection) -> None:
    columns = "column_x, column_y, row_count, dependence, mutual_information, pearson, spearman"
    found = con.execute(f"select {columns} from pair_dependences('t')").fetchall()
    expected = [
        (p.x, p.y, p.rows, p.dependence, p.mutual_information, p.pearson, p.spearman)
        for p in colprofile.profile(con, "t").pairs
    ]
    assert len(found) == len(expected) == 28
    by_name = {row[:2]: row[2:] for row in expected}
    for row in found:
        assert row[2:] == tuple(pytest.approx(each, abs=1e-9) for each in by_name[row[:2]])
    strengths = [row[3] for row in found if row[3] is not None]
    assert strengths == sorted(strengths, reverse=True) and strengths[0] > 0.9


def test_one_pair_is_that_of_the_profile_of_its_two_columns(con: duckdb.DuckDBPyConnection) -> None:
    for x, y in (("n", "third"), ("n", "label"), ('"at"', "price"), ("label", '"at"'), ('"a key"', "n"), ("one", "n")):
        names = [name.strip('"') for name in (x, y)]
        pair = colprofile.profile(con, "t", columns=names).pairs[0]
        (found,) = con.execute(f"select dependence({x}, {y}) from t").fetchone() or (-1,)
        assert found == (None if pair.dependence is None else pytest.approx(pair.dependence, abs=1e-9))


def test_groups_filters_and_empty_input(con: duckdb.DuckDBPyConnection) -> None:
    grouped = con.execute('select i % 2, dependence(n, third) from (from t select n, third, "a key" as i) group by 1')
    assert {key: value > 0.95 for key, value in grouped.fetchall()} == {0: True, 1: True}
    assert con.execute("select dependence(n, third) from t where false").fetchall() == [(None,)]
    assert con.execute("select dependence(n, null) from t").fetchall() == [(None,)]
    case = 'select dependence(case when "a key" < 1000 then n end, third) from t'
    part = 'select dependence(n, third) from t where "a key" < 1000'
    assert con.execute(case).fetchall() == con.execute(part).fetchall()


def test_tables_without_pairs(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table nothing as from t limit 0")
    con.execute("create table single as select n from t")
    assert all(row[3] is None for row in con.execute("from pair_dependences('nothing')").fetchall())
    assert con.execute("from pair_dependences('single')").fetchall() == []
    with pytest.raises(duckdb.Error, match="no_such_table"):
        con.execute("from pair_dependences('no_such_table')")


def test_lists_serve_as_well_as_columns(con: duckdb.DuckDBPyConnection) -> None:
    """joint_dependence and table_dependences are what the two functions above are made of."""
    joint = "select joint_dependence(list(x), list(y), ['0', '1'], ['a', 'b'], 'BIGINT', 'VARCHAR') from pairs"
    con.execute(
        "create table pairs as select (i % 2)::varchar as x, ['a', 'b'][i % 2 + 1] as y from range(100) as r(i)"
    )
    (found,) = con.execute(joint).fetchone() or (0,)
    assert found == pytest.approx(0.996, abs=1e-3)
    pairs = "table_dependences(['x', 'y'], ['BIGINT', 'VARCHAR'], list([x, y]))"
    table = f"select unnest({pairs}, recursive := true) from pairs"
    assert con.execute(table).fetchall()[0][:4] == ("x", "y", 100, found)
    assert con.execute("select joint_dependence(null, [], [], [], 'BIGINT', 'VARCHAR')").fetchall() == [(None,)]
