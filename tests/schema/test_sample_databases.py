"""The sample databases are what they claim to be, wherever they are written, and the score counts right."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.support.sample_chinook import chinook
from tests.support.sample_databases import Reference, SampleDatabase, references, sample_table, score
from tests.support.sample_northwind import northwind
from tests.support.sample_sakila import sakila

ROWS: dict[Callable[[], SampleDatabase], str] = {
    chinook: "Album 347 Artist 275 Customer 59 Employee 8 Genre 25 Invoice 412 InvoiceLine 2240 MediaType 5 "
    "Playlist 18 PlaylistTrack 8715 Track 3503",
    northwind: "Categories 8 CustomerCustomerDemo 0 CustomerDemographics 0 Customers 91 EmployeeTerritories 49 "
    "Employees 9 Order_Details 2155 Orders 830 Products 77 Region 4 Shippers 3 Suppliers 29 Territories 53",
    sakila: "actor 200 address 603 category 16 city 600 country 109 customer 599 film 1000 film_actor 5462 "
    "film_category 1000 film_text 1000 inventory 4581 language 6 payment 16049 rental 16044 staff 2 store 2",
}


@pytest.mark.parametrize(("build", "foreign_keys"), [(chinook, 11), (northwind, 11), (sakila, 21)])
def test_tables_have_their_rows_and_references_hold(build: Callable[[], SampleDatabase], foreign_keys: int) -> None:
    database = build()
    counts = {table.name.replace(" ", "_"): len(table.rows) for table in database.tables}
    assert " ".join(f"{name} {rows}" for name, rows in sorted(counts.items())) == ROWS[build]
    assert len(database.references) == foreign_keys
    for reference in database.references:
        left = [name for name, _ in database.table(reference.table).columns].index(reference.columns[0])
        right = [name for name, _ in database.table(reference.target).columns].index(reference.target_columns[0])
        targets = [row[right] for row in database.table(reference.target).rows]
        assert len(set(targets)) == len(targets)
        used = {row[left] for row in database.table(reference.table).rows} - {None}
        assert used
        assert used <= set(targets)


def test_connections_sqlite_and_folders_hold_the_same(tmp_path: Path) -> None:
    columns = "id integer, name varchar, made date, price decimal(10,2), share real"
    rows = [(1, "a'b", "2020-01-31", "1.50", 0.25), (2, None, None, "-3.00", None)]
    database = SampleDatabase((sample_table('odd "one"', columns, rows), sample_table("empty", "x integer", [])), ())
    shown = "select id, name, made, price * 100, share from {} order by 1"
    expected = [(1, "a'b", "2020-01-31", 150, 0.25), (2, None, None, -300, None)]
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        asked = shown.replace("made", "made::varchar").format('"odd ""one"""')
        assert connection.execute(asked).fetchall() == expected
        folder = database.write_folder(tmp_path / "folder")
        asked = shown.replace("made", "made::varchar").format(f"""'{folder}/odd "one".parquet'""")
        assert connection.execute(asked).fetchall() == expected
        assert connection.execute(f"select count(*) from '{folder}/empty.parquet'").fetchall() == [(0,)]
    reopened = sqlite3.connect(database.write_sqlite(tmp_path / "x.sqlite"))
    assert reopened.execute(shown.format('"odd ""one"""')).fetchall() == expected
    reopened.close()


def test_renamed_databases_keep_their_references() -> None:
    database = northwind().renamed(str.upper, lambda table, column: f"{table[:2]}_{column}")
    assert Reference("ORDERS", ("Or_ShipVia",), "SHIPPERS", ("Sh_ShipperID",)) in database.references
    assert database.table("ORDERS").columns[6] == ("Or_ShipVia", "integer")


def test_score_counts_composite_keys_as_a_whole_in_any_order() -> None:
    truth = references(
        """
        a(x, y) b(u, v)
        a(z) c(z)
        c(w) c(z)
        """
    )
    found = references(
        """
        a(y, x) b(v, u)
        a(x, y) b(v, u)
        a(z) c(z)
        """
    )
    result = score(found, truth)
    assert result.missed == {truth[2]}
    assert result.false == {found[1]}
    assert (result.precision, result.recall, result.f1) == (2 / 3, 2 / 3, 2 / 3)
    assert score([], []).f1 == score(truth, truth).f1 == 1
    assert score([], truth).f1 == 0
