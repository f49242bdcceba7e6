"""What the grammar has found: each fault once more, in its smallest form, for the kind that it is of."""

from __future__ import annotations

import duckdb
import pytest

import colprofile


def made(*statements: str) -> duckdb.DuckDBPyConnection:
    """Return a connection in which the statements were run."""
    connection = duckdb.connect()
    for statement in statements:
        connection.execute(statement)
    return connection


@pytest.mark.parametrize("number", ["1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "0.0"])
def test_a_column_of_one_extreme_number_has_a_bin_and_can_be_saved(number: str) -> None:
    with made(f"create table t as select '{number}'::double as x from range(3)") as connection:
        profile = colprofile.profile(connection, "t")
    shown = profile["x"].distribution
    assert shown is not None and shown.counts == (3,) and shown.left_out == 0
    assert type(profile).from_dict(profile.to_dict()) == profile


@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_the_query_of_a_finding_lists_the_rows_that_contradict_it_also_those_with_null(nulls: str) -> None:
    x, y = "case when i % 7 < 3 then i % 7 end", "case when i % 7 > 0 then i % 7 < 3 end"
    with made(f"create table t as select {x} as x, {y} as y from range(200) r(i)") as connection:
        connection.execute("update t set y = false where x is null and rowid = 5")
        connection.execute("insert into t values (null, true), (1, null), (1, false)")
        audit = colprofile.audit(connection, "t", nulls=nulls)  # type: ignore[call-overload]
        found = [finding for finding in audit.findings if finding.query is not None]
        assert found
        for finding in found:
            counted = connection.execute(f"select count(*) from ({finding.query})").fetchall()
            assert counted == [(finding.evidence.violating_rows,)], finding.statement


def test_a_column_that_holds_null_of_no_type_keeps_the_name_of_its_type() -> None:
    """A NULL of no type is called "NULL" in quotes, which names of other types may begin or end with."""
    columns = """i, 1 as one, [null]::"NULL"[] as l, null::"NULL" as n"""
    with made(f"create table t as select {columns} from range(3) r(i)") as connection:
        audit = colprofile.audit(connection, "t")
        assert [column.type for column in audit.columns] == ["BIGINT", "INTEGER", '"NULL"[]', "NULL"]
        connection.execute(audit.script())
        described = "select column_name, column_type from (describe t_restored)"
        assert connection.execute(described).fetchall()[2] == ("l", '"NULL"[]')


def test_null_of_no_type_is_a_column_without_values_in_sql() -> None:
    columns = """i, null::"NULL" as n, [null]::"NULL"[] as l"""
    with made(f"create table t as select {columns} from range(4) r(i)") as connection:
        colprofile.register(connection)
        described = "select column_name, column_type, nulls, distinct_values, entropy from column_entropies('t')"
        assert connection.execute(described).fetchall() == [
            ("i", "BIGINT", 0, 4, 2.0),
            ("n", "NULL", 4, 0, None),
            ("l", '"NULL"[]', 0, 1, 0.0),
        ]
        measures = "perplexity(n), mutual_information(i, n), conditional_entropy(n, i), count(equality_key(n))"
        assert connection.execute(f"select {measures} from t").fetchall() == [(None, None, None, 0)]


def test_a_union_that_holds_null_is_a_value_in_sql_too() -> None:
    members = "union_value(a := null::integer), union_value(a := 1), null"
    with made(f"create table t as select unnest([{members}]::union(a integer, b varchar)[]) as u") as connection:
        colprofile.register(connection)
        connection.execute("create table later as select * from t where u = 1 or u is null")
        figures = "fresh_values, round(fresh_null_share, 4), kl_divergence, vanished_mass"
        described = f"select {figures} from column_drift('t', 'later')"
        assert connection.execute(described).fetchall() == [(1, 0.5, 1.0, 0.5)]


SPELLINGS = {
    "varchar collate nocase": ("'a'", "'A'", "'b'"),
    "interval": ("interval 30 day", "interval 1 month", "interval 1 day"),
    "interval[]": ("[interval 30 day]", "[interval 1 month]", "[interval 1 day]"),
}


@pytest.mark.parametrize("kind", SPELLINGS)
@pytest.mark.parametrize("is_constant", [True, False])
def test_no_fix_keeps_one_spelling_of_equal_values_for_all(kind: str, is_constant: bool) -> None:
    one, other, third = SPELLINGS[kind]
    value = f"case when i % 2 = 0 then {one} else {other} end"
    value = value if is_constant else f"case when i % 3 = 0 then {third} else {value} end"
    with made(f"create table t (i integer, k integer, x {kind}, y {kind})") as connection:
        connection.execute(f"insert into t select i, i % 3 * 7, {value}, {other} from range(90) r(i)")
        connection.execute(f"update t set y = case when i % 3 = 0 and not {is_constant} then {third} else {one} end")
        before = connection.execute("select columns(*)::varchar from t order by i").fetchall()
        audit = colprofile.audit(connection, "t")
        reasons = [f.undefined.get("fix", "") for f in audit.findings if {"x", "y"} & {*f.columns[:1], *f.targets}]
        assert any("equal values" in reason for reason in reasons), reasons
        connection.execute(audit.script())
        if "t_restored" in {row[0] for row in connection.execute("show tables").fetchall()}:
            assert connection.execute("select columns(*)::varchar from t_restored order by i").fetchall() == before
