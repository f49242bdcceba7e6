"""Drift of two databases: tables by name, those that were added and those that are gone, a saved side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.errors import ArgumentError, SourceError, SourceNotFound
from tests.support.command_line import run
from tests.support.shops import SHOP, duckdb_shop, folder_shop

LATER = {
    "orders": SHOP["orders"].replace("i % 50", "i % 20"),
    "item": SHOP["item"],
    "refund": "select i as id from range(9) t(i)",
}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("drift")
    return duckdb_shop(folder / "old.duckdb"), folder_shop(folder / "new", LATER)


def test_tables_are_compared_by_name(shops: tuple[str, str]) -> None:
    old, new = shops
    found: Any = colprofile.drift(old, new)
    assert isinstance(found, colprofile.DatabaseDrift)
    assert (set(found.names), found.added, found.removed) == ({"orders", "item"}, ("refund",), ("customer",))
    alone = colprofile.drift(old, f"{new}/orders.csv", stale_table="orders")
    assert [(c.name, c.verdict, c.kl_divergence) for c in found["orders"].result.columns] == [
        (c.name, c.verdict, c.kl_divergence) for c in alone.columns
    ]
    assert found.failures(on="broken") == (("customer", None),)
    assert set(found.failures(on="drifted")) >= {("customer", None), ("orders", "customer_id")}
    assert found.failures() == ()
    fewer: Any = colprofile.drift(old, new, exclude="customer,refund")
    assert (fewer.added, fewer.removed) == ((), ())


def test_a_saved_side_is_compared(shops: tuple[str, str], tmp_path: Path) -> None:
    saved = tmp_path / "old.json"
    colprofile.profile(shops[0], pairs=False).save(saved)
    found: Any = colprofile.drift(str(saved), shops[1])
    assert (set(found.names), found.removed) == ({"orders", "item"}, ("customer",))
    assert found.stale.source == shops[0]
    assert [c.verdict for c in found["item"].result.columns] == ["same"] * 3


def test_a_database_with_one_table_is_a_side_too(shops: tuple[str, str], tmp_path: Path) -> None:
    one = duckdb_shop(tmp_path / "one.duckdb", {"item": SHOP["item"]})
    found: Any = colprofile.drift(one, shops[0])
    assert (found.names, set(found.added)) == (("item",), {"customer", "orders"})
    assert isinstance(colprofile.drift(one, one), colprofile.Drift)
    assert colprofile.drift(one, one, tables="i*").names == ("item",)


def test_sides_that_cannot_be_compared_are_refused(shops: tuple[str, str], tmp_path: Path) -> None:
    other = duckdb_shop(tmp_path / "other.duckdb", {"x": "select 1 as a", "y": "select 2 as a"})
    with pytest.raises(SourceError, match="have no table in common"):
        colprofile.drift(shops[0], other)
    with pytest.raises(SourceNotFound, match=r"tables=: no table of .* is called 'z'"):
        colprofile.drift(shops[0], other, tables="z")
    frame = pd.DataFrame({"a": [1]})
    with pytest.raises(ArgumentError, match="tables= is for databases"):
        colprofile.drift(frame, frame, tables="a")
    with pytest.raises(ArgumentError, match="one table is named, and tables= too"):
        colprofile.drift(shops[0], shops[0], table="item", tables="item")


def test_the_command_line_is_a_gate(shops: tuple[str, str]) -> None:
    done = run("drift", *shops, "--fail-on", "broken")
    assert done.returncode == 1 and "drift in customer" in done.stderr
    assert run("drift", *shops, "--tables", "item", "--fail-on", "drifted").returncode == 0
    assert "refund" in run("drift", *shops).stdout


def test_statistics_of_all_tables_are_compared(postgres_engine: sa.Engine) -> None:
    schema = "whole_statistics"
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql(f"create schema {schema}")
        for name in ("a", "b"):
            connection.exec_driver_sql(
                f"create table {schema}.{name} as select i, mod(i, 5) as k from generate_series(1, 500) t(i)"
            )
            connection.exec_driver_sql(f"analyze {schema}.{name}")
        connection.exec_driver_sql(f"create view {schema}.seen as select k from {schema}.a")
        connection.exec_driver_sql(f"insert into {schema}.b select i, 9 from generate_series(1, 500) t(i)")
    try:
        found: Any = colprofile.drift(
            postgres_engine, postgres_engine, stale_statistics=True, schema=schema, exclude="seen"
        )
        verdicts = {table.name: table.result["k"].verdict for table in found}
        assert verdicts == {f"{schema}.a": "same", f"{schema}.b": "drifted"}
        reports = colprofile.planner(postgres_engine, schema=schema)
        assert reports.names == (f"{schema}.a", f"{schema}.b")
        assert reports.worst_error == max(table.result.worst_error for table in reports) > 0.5
        assert f"{schema}.b" in reports.script()
    finally:
        with postgres_engine.begin() as connection:
            connection.exec_driver_sql(f"drop schema {schema} cascade")
