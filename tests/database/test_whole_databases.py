"""Every verb over all tables of a database: which tables, what becomes of each, and what stays one table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.errors import ArgumentError, ResultError, SourceError, SourceNotFound
from tests.support.command_line import seen_on_a_terminal
from tests.support.shops import SHOP, duckdb_shop, fill, folder_shop, sqlite_shop

NAMES = set(SHOP)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("shops")
    return {
        "duckdb": duckdb_shop(folder / "shop.duckdb"),
        "sqlite": sqlite_shop(folder / "shop.db"),
        "folder": folder_shop(folder / "shop"),
    }


@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "folder"])
def test_each_table_is_profiled_as_it_is_alone(places: dict[str, str], kind: str) -> None:
    found: Any = colprofile.profile(places[kind])
    assert isinstance(found, colprofile.DatabaseProfile)
    assert set(found.names) == NAMES
    assert (found.skipped, found.is_complete, found.provenance.is_exact) == ((), True, True)
    for name, query in SHOP.items():
        alone = colprofile.profile(duckdb.connect().execute(query).df())
        profile = found[name].result
        assert profile.rows == alone.rows
        assert [column.entropy for column in profile.columns] == [column.entropy for column in alone.columns]
        assert {(p.x, p.y, p.mutual_information) for p in profile.pairs} == {
            (p.x, p.y, p.mutual_information) for p in alone.pairs
        }
        assert (profile.provenance.source, profile.provenance.table) == (found.provenance.source, name)


def connections(path: str) -> list[tuple[Any, Callable[[], object]]]:
    plain, engine = sqlite3.connect(path), sa.create_engine(f"sqlite:///{path}")
    lent = engine.connect()
    return [(plain, plain.close), (engine, engine.dispose), (lent, lent.close), (f"sqlite:///{path}", lambda: None)]


def test_connections_engines_and_urls_are_databases(places: dict[str, str]) -> None:
    for source, close in connections(places["sqlite"]):
        found: Any = colprofile.audit(source)
        assert set(found.names) == NAMES
        assert [(key.table, key.target) for key in found.schema.foreign_keys] == [
            ("item", "orders"),
            ("orders", "customer"),
        ]
        assert not [note for note in found.schema.notes if "fault" in note]
        close()


@pytest.mark.parametrize(
    ("tables", "exclude", "chosen"),
    [
        ("orders,cust*", None, {"orders", "customer"}),
        (["ORDERS"], None, {"orders"}),
        (None, "?tem", {"orders", "customer"}),
        (["*"], ["item", "orders"], {"customer"}),
    ],
)
def test_patterns_choose_tables(places: dict[str, str], tables: Any, exclude: Any, chosen: set[str]) -> None:
    found: Any = colprofile.profile(places["duckdb"], tables=tables, exclude=exclude, pairs=False, quality=False)
    assert set(found.names) == chosen


def test_a_pattern_that_no_table_has_is_an_error(places: dict[str, str]) -> None:
    with pytest.raises(SourceNotFound, match=r"tables=: no table of .* is called 'ordrs'\. Did you mean 'orders'\?"):
        colprofile.profile(places["duckdb"], tables=["item", "ordrs"])
    with pytest.raises(SourceNotFound, match="exclude=: no table"):
        colprofile.profile(places["folder"], exclude="x*")
    with pytest.raises(SourceError, match="is left: exclude= leaves out all"):
        colprofile.audit(places["sqlite"], tables="item", exclude="i*")


def test_what_is_one_table_stays_one(tmp_path: Path) -> None:
    one = duckdb_shop(tmp_path / "one.duckdb", {"orders": SHOP["orders"]})
    assert isinstance(colprofile.profile(one, pairs=False), colprofile.Profile)
    assert isinstance(colprofile.profile({"a": [1, 2], "b": [3, 3]}), colprofile.Profile)
    parts = tmp_path / "parts"
    parts.mkdir()
    for year in (2023, 2024):
        pd.DataFrame({"year": year, "n": range(20)}).to_csv(parts / f"sales_{year}.csv", index=False)
    assert colprofile.profile(str(parts)).rows == 40
    assert isinstance(colprofile.profile(one, tables="*", pairs=False), colprofile.DatabaseProfile)
    with pytest.raises(ArgumentError, match="tables= is for databases and folders of several tables"):
        colprofile.profile({"a": [1]}, tables="a")
    with pytest.raises(ArgumentError, match="one table is named, and exclude= too"):
        colprofile.audit(one, "orders", exclude="x")


def test_a_table_that_cannot_be_read_is_skipped_and_the_others_go_on() -> None:
    connection = fill(duckdb.connect(), {**SHOP, "gone": "select 1 as a", "empty": "select 1 as a where false"})
    connection.execute("create view broken as select a from gone")
    connection.execute("create view paid as select * from orders where id < 100")
    connection.execute("drop table gone")
    found: Any = colprofile.audit(connection)
    assert set(found.names) == {*NAMES, "empty", "paid"}
    assert (found["empty"].result.rows, found["paid"].result.rows) == (0, 100)
    ((name, reason),) = [(table.name, table.reason) for table in found.skipped]
    assert name == "broken" and "gone does not exist" in reason and "\n" not in reason
    with pytest.raises(SourceNotFound, match=r"'broken' is not in the audit: .*gone does not exist"):
        found["broken"]
    assert found.is_complete and not [note for note in found.schema.notes if "fault" in note]
    with pytest.raises(SourceError, match="no table of the DuckDB connection can be read: 'broken'"):
        colprofile.audit(connection, tables="broken")


def test_an_error_that_nobody_expects_is_a_reason_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from colprofile.verbs.database import profiles

    def profile(source: Any, table: str | None = None, **options: Any) -> Any:
        if table == "item":
            raise KeyError("odd")
        return original(source, table, **options)

    original: Any = vars(profiles)["profile"]
    monkeypatch.setattr(profiles, "profile", profile)
    found: Any = colprofile.profile(fill(duckdb.connect()))
    ((name, reason),) = [(table.name, table.reason) for table in found.skipped]
    assert name == "item" and reason.startswith("a fault of colprofile: KeyError: 'odd'")
    assert set(found.names) == NAMES - {"item"}


def test_a_step_between_tables_that_fails_loses_no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    from colprofile.verbs.schema import api

    def fails(*_: Any) -> Any:
        raise SourceError("the server has gone away")

    monkeypatch.setattr(api, "choose_foreign_keys", fails)
    found: Any = colprofile.audit(fill(duckdb.connect()))
    assert set(found.names) == NAMES
    assert found.schema.foreign_keys == ()
    assert found.schema.keys and found.schema.ledger
    (note,) = [note for note in found.schema.notes if "foreign keys" in note]
    assert "the server has gone away" in note
    assert found.schema.unfinished == ("foreign keys",)


HOSTILE = ['a "b".c', "select", "x;drop table y", "Naïve  \N{SNOWMAN}", "new\nline", "it's", "case", "CASE "]


def test_hostile_names_are_tables_like_any_other() -> None:
    connection = fill(
        duckdb.connect(), {name: f"select i, i % {n + 2} as k from range(40) t(i)" for n, name in enumerate(HOSTILE)}
    )
    found: Any = colprofile.audit(connection)
    assert set(found.names) == set(HOSTILE)
    assert not found.skipped and not [note for note in found.schema.notes if "Not found" in note]
    assert set(colprofile.profile(connection, tables=['a "b".c', "it's"]).names) == {'a "b".c', "it's"}
    assert all(line.isprintable() for line in found.to_terminal().splitlines())


def test_results_are_saved_and_loaded(places: dict[str, str], tmp_path: Path) -> None:
    for verb, cls in ((colprofile.profile, colprofile.DatabaseProfile), (colprofile.audit, colprofile.DatabaseAudit)):
        found: Any = verb(places["folder"])
        found.save(tmp_path / "saved.json")
        assert cls.load(tmp_path / "saved.json") == found
    profiles = colprofile.profile(places["duckdb"])
    profiles.save(tmp_path / "profiles.json")
    audits: Any = colprofile.audit(tmp_path / "profiles.json", tables="orders")
    assert audits.names == ("orders",)
    assert audits["orders"].result.finding("customer_id", "city").kind == "dependency"
    assert "rows" in audits.schema.notes[0]
    with pytest.raises(ResultError, match="DatabaseProfile, not a profile"):
        colprofile.profile(tmp_path / "profiles.json")


def test_options_reach_the_files_that_have_a_use_for_them(tmp_path: Path) -> None:
    folder = Path(folder_shop(tmp_path / "mixed"))
    (folder / "customer.csv").write_text((folder / "customer.csv").read_text().replace(",", "|"))
    found: Any = colprofile.audit(str(folder), delimiter="|")
    assert set(found.names) == NAMES and not found.skipped
    assert len(found.schema.foreign_keys) == 2 and not [n for n in found.schema.notes if "Not found" in n]
    with pytest.raises(ArgumentError, match="sheet= is of no use for any file"):
        colprofile.profile(str(folder), sheet="1")


def test_what_is_for_one_table_is_refused(places: dict[str, str]) -> None:
    source: Any = places["duckdb"]
    alone = "is for one table: name it with table="
    for options in ({"columns": ["id"]}, {"where": "id > 1"}):
        for verb in (colprofile.audit, colprofile.profile):
            with pytest.raises(ArgumentError, match=alone):
                verb(source, **options)
        with pytest.raises(ArgumentError, match=alone):
            colprofile.drift(source, source, **options)
    with pytest.raises(ArgumentError, match=alone):
        colprofile.profile(source, like="item.json")
    saved: Any = colprofile.profile(source)
    with pytest.raises(ArgumentError, match="schema= is for databases, and this is saved"):
        colprofile.audit(saved, schema="main")
    with pytest.raises(ArgumentError, match="schema= is for databases, and this is saved"):
        colprofile.drift(saved, saved, schema="main")
    with pytest.raises(ArgumentError, match="max_determinants=7 is not allowed"):
        colprofile.audit(places["duckdb"], max_determinants=7)
    with pytest.raises(ArgumentError, match="top_pairs"):
        colprofile.profile(places["duckdb"], top_pairs=-1)
    with pytest.raises(SourceError, match="has 3 tables: name one with table="):
        colprofile.latent_classes(places["duckdb"])


def test_dependencies_on_several_columns_are_searched_for_when_asked() -> None:
    query = "select i % 4 as x, i // 4 % 5 as y, (i % 4) * 7 + (i // 4 % 5) * 3 % 11 as z from range(400) t(i)"
    connection = fill(duckdb.connect(), {"t": query, "u": "select 1 as a"})
    found: Any = colprofile.audit(connection)
    assert found["t"].result.search.exact_determinants == 1
    assert any("max_determinants=2 or 3" in note for note in found.notes)
    more: Any = colprofile.audit(connection, max_determinants=2)
    assert more["t"].result.search.exact_determinants == 2
    assert not any("max_determinants" in note for note in more.notes)


def test_a_folder_of_one_lake_is_a_database(tmp_path: Path) -> None:
    (tmp_path / "lakes" / "events" / "_delta_log").mkdir(parents=True)
    with pytest.raises(SourceError, match=r"no table of .* can be read: 'events'"):
        colprofile.profile(tmp_path / "lakes")


def test_the_progress_names_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("colprofile.progress._PATIENCE", 0.0)
    connection = fill(duckdb.connect())
    names = sorted(SHOP)
    shown = seen_on_a_terminal(lambda: colprofile.profile(connection, progress=True))
    for number, name in enumerate(names, 1):
        assert f"{name}, {number} of 3: counting pairs" in " ".join(shown.split())


def test_partitions_are_one_table_and_a_remark(postgres_engine: sa.Engine) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("create schema parts")
        connection.exec_driver_sql("create table parts.sales (year int, n int) partition by list (year)")
        for year in (2023, 2024):
            connection.exec_driver_sql(
                f"create table parts.sales_{year} partition of parts.sales for values in ({year})"
            )
            connection.exec_driver_sql(f"insert into parts.sales select {year}, i from generate_series(1, 9) t(i)")
    try:
        found: Any = colprofile.profile(postgres_engine, schema="parts")
        assert (found.names, found["parts.sales"].result.rows) == (("parts.sales",), 18)
        assert "sales_2023" in found.notes[0]
    finally:
        with postgres_engine.begin() as connection:
            connection.exec_driver_sql("drop schema parts cascade")


@pytest.mark.parametrize("ending", [CancelledError, TimeoutError])
def test_what_ends_a_run_is_no_reason_to_skip_a_table(ending: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    from colprofile.verbs.database import profiles
    from colprofile.verbs.schema import api

    def ends(*_: Any, **__: Any) -> Any:
        raise ending

    with monkeypatch.context() as patched, pytest.raises(ending):
        patched.setattr(profiles, "profile", ends)
        colprofile.profile(fill(duckdb.connect()))
    monkeypatch.setattr(api, "candidate_keys", ends)
    with pytest.raises(ending):
        colprofile.audit(fill(duckdb.connect()))


def test_a_profile_that_cannot_be_audited_is_skipped() -> None:
    connection = fill(duckdb.connect())
    saved: Any = colprofile.profile(connection)
    alone: Any = colprofile.profile(connection, "item", pairs=False)
    mixed = replace(saved, tables=tuple(replace(t, result=alone) if t.name == "item" else t for t in saved.tables))
    found: Any = colprofile.audit(mixed)
    assert set(found.names) == NAMES - {"item"}
    assert [(table.name, "without pairs" in table.reason) for table in found.skipped] == [("item", True)]
    with pytest.raises(ArgumentError, match="without pairs"):
        colprofile.audit(colprofile.profile(connection, tables="*", pairs=False))


def test_an_option_is_of_use_where_one_side_has_a_use_for_it(tmp_path: Path) -> None:
    stale, fresh = tmp_path / "stale", tmp_path / "fresh"
    for folder in (stale, fresh):
        folder.mkdir()
        fill(connection := duckdb.connect())
        for name in ("item", "orders"):
            format_ = "csv, delimiter ';'" if folder is stale and name == "item" else "parquet"
            path = folder / f"{name}.{format_[:3].replace('par', 'parquet')}"
            connection.execute(f"copy {name} to '{path}' (format {format_})")
    found: Any = colprofile.drift(str(stale), str(fresh), delimiter=";")
    assert "orders" in found.names
    assert [(table.name, "delimiter" in table.reason) for table in found.skipped] == [("item", True)]


def test_the_only_table_of_each_of_two_schemas_is_told_by_its_schema() -> None:
    connection = duckdb.connect()
    connection.execute("create schema s2; create table a as select 1 as x; create table s2.a as select 2 as y")
    with pytest.raises(SourceError, match=r"has 2 tables: name one with table=.*s2\.a"):
        colprofile.profile(connection)
    assert colprofile.profile(connection, "s2.a").columns[0].name == "y"
    assert colprofile.profile(connection, "A").columns[0].name == "x"


def test_views_repeat_nothing() -> None:
    connection = fill(duckdb.connect())
    before: Any = colprofile.audit(connection)
    connection.execute("create view shown as from orders")
    found: Any = colprofile.audit(connection)
    assert "shown" in found.names
    for part in ("keys", "foreign_keys", "repeated_columns", "table_relations", "domains", "ledger"):
        assert getattr(found.schema, part) == getattr(before.schema, part)
