"""Folders of several tables: which those are, what they are called, and SQL over them."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from colprofile import profile
from colprofile.errors import SourceError, SourceNotFound
from colprofile.sources.files.tables_in_folder import tables_in_folder
from colprofile.sources.open import open_source
from colprofile.sources.tables.folder import FolderTables
from colprofile.sources.tables.open import open_tables

ORDERS = "order_id,customer\n1,7\n2,8\n"
CUSTOMERS = "customer;name\n7;Ann\n8;Bob\n"
PARTS = "part,weight\n1,2.50\n"


def write(folder: Path, **texts: str) -> None:
    """Write files, whose names have ``__`` for a slash and ``_0_`` for a dot."""
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_0_", ".").replace("_is_", "=")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names_in(folder: Path) -> dict[str, str] | None:
    listing = tables_in_folder(str(folder))
    return None if listing is None else {name: str(Path(p).relative_to(folder)) for name, p in listing.paths.items()}


def test_each_file_tree_and_folder_of_parts_is_a_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        orders_0_csv=ORDERS,
        customers_0_csv=CUSTOMERS,
        tree__year_is_2023__a_0_csv=ORDERS,
        tree__year_is_2024__a_0_csv=ORDERS,
        lines__part1_0_csv=PARTS,
        lines__part2_0_csv=PARTS,
        deep__stock__data_0_csv=PARTS,
        deep__prices_0_csv=CUSTOMERS,
        single__suppliers_0_csv=PARTS,
        _hidden_0_csv=PARTS,
        README_0_md="about",
        saved_0_json='{"format": "colprofile.profile", "version": 1}',
    )
    (tmp_path / "empty").mkdir()
    assert names_in(tmp_path) == {
        "customers": "customers.csv",
        "stock": "deep/stock",
        "prices": "deep/prices.csv",
        "lines": "lines",
        "orders": "orders.csv",
        "suppliers": "single/suppliers.csv",
        "tree": "tree",
    }
    with FolderTables.open(tmp_path) as tables:
        assert len(tables.remarks) == 1
        assert all(name in tables.remarks[0] for name in ("README.md", "saved.json", "_hidden.csv"))
        for name in tables.names:
            source, table = tables.given(name)
            with open_source(source, table) as opened:
                assert opened.count_rows() >= 1


ONE_TABLE: dict[str, Callable[[Path], None]] = {
    "one file": lambda folder: write(folder, a_0_csv=ORDERS),
    "names that differ in numbers": lambda folder: write(folder, a1_0_csv=ORDERS, a2_0_csv=PARTS),
    "most columns shared": lambda folder: write(folder, may_0_csv=ORDERS, june_0_csv=ORDERS),
    "a tree": lambda folder: write(folder, y_is_1__a_0_csv=ORDERS, y_is_2__b_0_csv=ORDERS),
    "a tree below": lambda folder: write(folder, t__y_is_1__a_0_csv=ORDERS, t__y_is_2__b_0_csv=ORDERS),
    "files beside a tree": lambda folder: write(folder, y_is_1__a_0_csv=ORDERS, b_0_csv=ORDERS),
    "parts in folders": lambda folder: write(folder, may__part1_0_csv=ORDERS, june__part1_0_csv=ORDERS),
    "nothing to read": lambda folder: write(folder, README_0_md="about"),
    "nothing": lambda folder: None,
    "a table with a log": lambda folder: write(folder, _delta_log__0_0_json="{}", a_0_csv=ORDERS, b_0_csv=PARTS),
}


@pytest.mark.parametrize("name", ONE_TABLE)
def test_what_was_one_table_is_one_table(name: str, tmp_path: Path) -> None:
    ONE_TABLE[name](tmp_path)
    assert names_in(tmp_path) is None
    with pytest.raises(SourceNotFound, match="does not hold several tables"):
        FolderTables.open(tmp_path)


def test_trees_side_by_side_and_parts_of_different_shapes_are_several_tables(tmp_path: Path) -> None:
    write(tmp_path / "trees", a__y_is_1__x_0_csv=ORDERS, b__y_is_1__x_0_csv=ORDERS)
    assert names_in(tmp_path / "trees") == {"a": "a", "b": "b"}
    write(tmp_path / "parts", orders__part1_0_csv=ORDERS, goods__part1_0_csv=PARTS)
    assert names_in(tmp_path / "parts") == {"goods": "goods", "orders": "orders"}
    write(tmp_path / "deep", in__orders__part1_0_csv=ORDERS, in__goods__part1_0_csv=PARTS)
    assert names_in(tmp_path / "deep") == {"goods": "in/goods", "orders": "in/orders"}
    write(tmp_path / "logs", a___delta_log__0_0_json="{}", b__metadata__v1_0_metadata_0_json="{}", c_0_csv=PARTS)
    assert names_in(tmp_path / "logs") == {"a": "a", "b": "b", "c": "c.csv"}


def test_names_differ_in_more_than_case(tmp_path: Path) -> None:
    write(tmp_path, T_0_csv=ORDERS, t_0_tsv=PARTS, eu__t_0_tsv=CUSTOMERS, us__t_0_tsv=PARTS, u_0_csv_0_x=PARTS)
    (tmp_path / 'it\'s "5%".csv').write_text(PARTS)
    assert names_in(tmp_path) == {
        "T.csv": "T.csv",
        "t": "t.tsv",
        "eu/t": "eu/t.tsv",
        "us/t": "us/t.tsv",
        'it\'s "5%"': 'it\'s "5%".csv',
    }


def test_queries_join_files_of_all_formats_as_an_audit_reads_them(tmp_path: Path) -> None:
    write(tmp_path, customers_0_csv=CUSTOMERS, goods_0_json='{"part": 1, "name": "nut"}\n{"part": 2, "name": null}\n')
    duckdb.execute(
        f"copy (select 1 as order_id, 7 as customer, 2.50::decimal(9,2) as paid) to '{tmp_path}/orders.parquet'"
    )
    with FolderTables.open(tmp_path) as tables, tables.queries() as queries:
        customers, orders, goods = (queries.table(name) for name in ("customers", "orders", "goods"))
        assert queries.rows(f"select c.name from {orders} o join {customers} c using (customer)") == [("Ann",)]
        assert queries.rows(f"select count(*), count(name) from {goods}") == [(2, 1)]
        assert queries.rows(f"select {queries.text('paid')} from {orders}") == [("2.5",)]
    for name, rows in (("customers", 2), ("orders", 1), ("goods", 2)):
        assert profile(tables.given(name)[0]).rows == rows


def test_a_file_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    write(tmp_path, good_0_csv=ORDERS, bad_0_parquet="no parquet", torn_0_csv="a,b\n1,2\n1,2,3,4\n", wide_0_tsv=PARTS)
    with FolderTables.open(tmp_path) as tables, tables.queries() as queries:
        for name in ("bad", "torn"):
            with pytest.raises(SourceError, match=name) as caught:
                queries.table(name)
            assert "\n" not in str(caught.value)
        assert queries.rows(f"select sum(order_id) from {queries.table('good')}") == [(3,)]


def test_options_of_reading_hold_for_queries(tmp_path: Path) -> None:
    write(tmp_path, a_0_csv="x;y\n1,5;2\n", b_0_csv="k;v\n1;2,25\n")
    with FolderTables.open(tmp_path, {"decimal": ","}) as tables, tables.queries() as queries:
        assert queries.rows(f"select x + v from {queries.table('a')}, {queries.table('b')}") == [(3.75,)]


def test_a_folder_below_that_cannot_be_read_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, a_0_csv=ORDERS, b_0_csv=CUSTOMERS, locked__c_0_csv=PARTS, d_0_json="[1]")
    scandir, opened = os.scandir, builtins.open

    def refusing(path: str) -> Any:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    def refusing_to_open(path: Any, *rest: Any, **more: Any) -> Any:
        if str(path).endswith("d.json"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *rest, **more)

    monkeypatch.setattr(os, "scandir", refusing)
    monkeypatch.setattr(builtins, "open", refusing_to_open)
    listing = tables_in_folder(str(tmp_path))
    assert listing is not None and list(listing.paths) == ["a", "b", "d"]  # d is skipped when it is read
    [remark] = listing.remarks
    assert remark.startswith("Left out: cannot read the folder") and remark.endswith("locked': Permission denied.")


def test_a_folder_may_be_called_like_a_database(tmp_path: Path) -> None:
    write(tmp_path, shop_0_db__orders_0_csv=ORDERS, shop_0_db__parts_0_csv=PARTS)
    opened = open_tables(str(tmp_path / "shop.db"))
    assert opened is not None and opened.names == ("orders", "parts")
