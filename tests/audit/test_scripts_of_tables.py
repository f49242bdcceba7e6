"""Scripts and fixes of tables as they are in databases: some columns, views, keys, indexes, schemas, odd names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.results.audit import Audit
from colprofile.sources.identifiers import quote_identifier

COLUMNS = "i as id, (i * 7 % 12)::int as zip, 'c' || (i * 7 % 12) // 4 as city, [i % 3] as list"
LONG = "é" * 40


def opened(*statements: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in statements:
        connection.execute(statement)
    return connection


def made(name: str, columns: str = COLUMNS, kind: str = "table") -> str:
    return f"create {kind} {name} as select {columns} from range(120) r(i)"


def audit(source: Any, table: str | None = None, **options: Any) -> Audit:
    return colprofile.audit(source, table, max_determinants=1, **options)


def fixed(found: Audit, columns: str, target: str | None = None) -> str:
    """The action of a finding's fix, or why there is none."""
    finding = found.finding(columns, target)
    return finding.fix.action if finding.fix is not None else finding.undefined["fix"]


def run_everything(connection: duckdb.DuckDBPyConnection, found: Audit) -> None:
    """Run every fix that is offered, each taken back, and then the script."""
    offered = 0
    for finding in found.findings:
        for fix in (finding.fix, *(other.fix for other in finding.alternatives)):
            if fix is not None and "duckdb" in fix.checks:
                connection.execute("begin")
                assert connection.execute(fix.checks["duckdb"]).fetchall() == [(0,)], finding.statement
                connection.execute(fix.changes["duckdb"])
                connection.execute("rollback")
                offered += 1
    assert offered or all(finding.undefined.get("fix") for finding in found.findings)
    assert "begin;" in found.script()
    connection.execute(found.script())


class TestSomeColumns:
    def test_the_others_are_left_alone(self) -> None:
        connection = opened(made("t"))
        found = audit(connection, "t", columns=["zip", "city"])
        assert "-- 2 columns were not audited: kept as in the original." in found.script()
        run_everything(connection, found)
        assert [row[0] for row in connection.execute("describe t_reduced").fetchall()] == ["id", "zip", "list"]
        original = connection.execute("from t order by id").fetchall()
        assert connection.execute("from t_restored order by id").fetchall() == original

    def test_a_change_of_another_column_stops_nothing(self) -> None:
        connection = opened(made("t"))
        found = audit(connection, "t", columns=["zip", "city"])
        connection.execute("update t set id = -id, list = [0, 1]")
        connection.execute(found.script())

    def test_in_postgresql(self, new_postgres_database: Callable[..., sa.URL]) -> None:
        engine = sa.create_engine(new_postgres_database())
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "create table t as select i as id, i * 7 %% 12 as zip, 'c' || (i * 7 %% 12) / 4 as city, "
                "json_build_object('a', i) as j, point(i, i) as place from generate_series(0, 119) i"
            )
        found = audit(engine, "t", columns=["zip", "city"])
        with engine.begin() as connection:
            connection.connection.cursor().execute(found.script("postgresql"))
        with engine.begin() as connection:
            columns = list(connection.exec_driver_sql("select * from t_reduced limit 0").keys())
            assert columns == ["id", "zip", "j", "place"]
            assert connection.exec_driver_sql("select count(*) from t_restored").scalar_one() == 120
        engine.dispose()


class TestPlaces:
    @pytest.mark.parametrize("name", ["s.t", "other.main.t", "other.s.t"])
    def test_a_schema_and_a_catalog(self, name: str) -> None:
        connection = opened("attach ':memory:' as other", "create schema s", "create schema other.s", made(name))
        run_everything(connection, audit(connection, name))
        place = name.rpartition(".")[0]
        assert connection.execute(f"select count(*) from {place}.t_restored").fetchall() == [(120,)]

    def test_a_temporary_table(self) -> None:
        connection = opened(made("t", kind="temp table"))
        run_everything(connection, audit(connection, "t"))

    def test_a_view_cannot_be_changed_and_has_a_script(self) -> None:
        connection = opened(made("t"), "create view v as from t")
        found = audit(connection, "v")
        assert fixed(found, "zip", "city") == fixed(found, "id") == "v is a view: change the tables behind it"
        assert '-- "v" is a view: the smaller tables are made from its rows.' in found.script()
        run_everything(connection, found)

    @pytest.mark.parametrize(
        "given", [{"table": "t", "where": "id >= 0"}, {"table": "(select * from t) union all from t"}]
    )
    def test_rows_that_are_no_table(self, given: dict[str, Any]) -> None:
        connection = opened(made("t"))
        found = audit(connection, given.pop("table"), **given)
        assert '-- "data" stands for the audited rows: create a table of this name from them first.' in found.script()
        connection.execute("create table data as from t")
        connection.execute(found.script())

    def test_a_file(self, tmp_path: Any) -> None:
        path = tmp_path / "places.csv"
        opened(made("t", COLUMNS.rpartition(",")[0])).execute(f"copy t to '{path}'")
        found = audit(path)
        assert '"places" stands for the audited rows' in found.script()
        opened(f"create table places as from '{path}'").execute(found.script())

    def test_names_that_differ_only_in_case(self) -> None:
        frame = pd.DataFrame({"zip": [i % 12 for i in range(120)], "city": [i % 12 // 4 for i in range(120)]})
        found = audit(frame.assign(City=range(120)), columns=["zip", "city"])
        assert found.script().startswith("-- Some column names differ only in case.")
        assert "begin;" in found.script("postgresql")

    @pytest.mark.parametrize(
        "name", ["select", 'a "b".c', "line\nbreak; drop table x; --", "t$check$", LONG, "x' || '"]
    )
    def test_odd_names(self, name: str, new_postgres_database: Callable[..., sa.URL]) -> None:
        quoted = quote_identifier(name)
        columns = f"(i * 7 % 12)::int as {quoted}, 'c' || (i * 7 % 12) // 4 as {quote_identifier(name[::-1] + '2')}"
        connection = opened(made(quoted, columns))
        found = audit(connection, name)
        assert found.of_kind("dependency")
        run_everything(connection, found)


class TestWhatHoldsColumns:
    def test_keys_and_generated_columns_of_duckdb(self) -> None:
        connection = opened(
            "create table t (id bigint primary key, zip int, city varchar, next int generated always as (zip + 1), "
            "number bigint unique, positive int check (positive > 0))",
            "insert into t (id, zip, city, number, positive) "
            f"select i, zip, city, i, 1 from (select {COLUMNS}, i from range(120) r(i))",
        )
        found = audit(connection, "t")
        assert [key.undefined["fix"] for key in found.of_kind("key")] == ["it is the primary key already"]
        assert fixed(found, "id", "number") == "number is part of the unique constraint: drop that first"
        assert fixed(found, "zip", "next") == "it is a generated column already"
        assert fixed(found, "zip", "city") == ("city comes before number, which has an index: DuckDB cannot drop it")
        assert fixed(found, "positive") == "positive is part of the check constraint: drop that first"
        run_everything(connection, found)

    def test_an_index_in_duckdb(self) -> None:
        connection = opened(made("t"), "create index places on t (zip)")
        found = audit(connection, "t")
        reason = "the table has the index places, and DuckDB changes no table with one: drop it first"
        assert fixed(found, "zip", "city") == reason
        assert fixed(found, "id") == "make id unique"
        run_everything(connection, found)

    def test_a_foreign_key_to_the_table_in_duckdb(self) -> None:
        connection = opened(
            "create table t (id bigint primary key, zip int, city varchar)",
            f"insert into t select id, zip, city from (select {COLUMNS} from range(120) r(i))",
            "create table f (id bigint references t (id))",
        )
        found = audit(connection, "t")
        assert fixed(found, "zip", "city") == (
            "a foreign key of f refers to the table, and DuckDB changes no such table"
        )
        run_everything(connection, found)

    def test_in_postgresql(self, new_postgres_database: Callable[..., sa.URL]) -> None:
        engine = sa.create_engine(new_postgres_database())
        statements = """
            create schema s;
            create table s.towns (city text primary key);
            insert into s.towns select 'c' || i from generate_series(0, 2) i;
            create table s.t (
                id bigint primary key, zip int, city text references s.towns, one int, two int,
                next int generated always as (zip + 1) stored, number bigint
            );
            insert into s.t (id, zip, city, one, two, number)
                select i, i * 7 % 12, 'c' || (i * 7 % 12) / 4, 1, 2, i from generate_series(0, 119) i;
            create view s.seen as select one from s.t;
            create index numbers on s.t (number)
        """
        with engine.begin() as connection:
            connection.connection.cursor().execute(statements)
        found = audit(engine, "s.t")
        assert [key.undefined["fix"] for key in found.of_kind("key")] == ["it is the primary key already"]
        assert fixed(found, "zip", "city") == "city is part of the foreign key t_city_fkey: drop that first"
        assert fixed(found, "one") == "one is used by the view s.seen: drop that first"
        assert fixed(found, "id", "number") == "number is part of the index s.numbers: drop that first"
        assert fixed(found, "zip", "next") == "it is a generated column already"
        assert fixed(found, "two") == "drop two"
        assert fixed(audit(engine, "s.seen"), "one") == "seen is a view: change the tables behind it"
        with engine.begin() as connection:
            connection.connection.cursor().execute(found.script("postgresql"))
        assert sa.inspect(engine).get_pk_constraint("t_reduced", "s")["constrained_columns"] == ["id"]
        engine.dispose()


class TestKeysWithNull:
    def test_a_null_is_no_part_of_a_primary_key(self, new_postgres_database: Callable[..., sa.URL]) -> None:
        connection = opened(
            "create table t as select case when i > 0 then i end as id, case when i > 0 then i % 20 end as a, "
            "i // 20 as b, i % 3 as c from range(400) r(i)"
        )
        found = colprofile.audit(connection, "t", nulls="value")
        reason = "no primary key, as id is NULL in 1 of 400 rows"
        key = found.finding("id")
        assert key.statement == f"id identifies every row if NULL counts as a value: {reason}."
        assert key.fix is not None and key.fix.action == "make id unique"
        assert key.fix.changes["postgresql"].endswith(' ("id") nulls not distinct;')
        pair = found.finding(("a", "b"))
        assert pair.fix is not None and pair.fix.action == "make a and b unique"
        assert not found.keys and "primary key" not in found.script()
        for finding in (key, pair):
            assert finding.fix is not None
            assert connection.execute(finding.fix.checks["duckdb"]).fetchall() == [(0,)]
            connection.execute(finding.fix.changes["duckdb"])
        connection.execute("insert into t values (null, null, 0, 1)")
        assert connection.execute(key.fix.checks["duckdb"]).fetchall() == [(1,)]
        engine = sa.create_engine(new_postgres_database())
        with engine.begin() as opened_postgres:
            opened_postgres.exec_driver_sql("create table t (id bigint, a bigint, b bigint, c bigint)")
            opened_postgres.exec_driver_sql("insert into t values (null, null, 0, 0)")
            for finding in (key, pair):
                assert finding.fix is not None
                opened_postgres.exec_driver_sql(finding.fix.changes["postgresql"])
        with pytest.raises(sa.exc.IntegrityError), engine.begin() as opened_postgres:
            opened_postgres.exec_driver_sql("insert into t values (null, null, 0, 1)")
        engine.dispose()

    def test_ignored_nulls_make_no_key(self) -> None:
        connection = opened("create table t as select case when i > 0 then i end as id, i % 3 as c from range(90) r(i)")
        assert not audit(connection, "t").of_kind("key")
