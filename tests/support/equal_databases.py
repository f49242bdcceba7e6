"""One small database in every engine and as folders of files, with the same rows and nothing declared."""

from __future__ import annotations

import contextlib
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import DATETIME

from colprofile.sources.identifiers import quote_identifier
from colprofile.sources.tables.base import Tables
from colprofile.sources.tables.database import DatabaseTables
from colprofile.sources.tables.duckdb import DuckDBTables
from colprofile.sources.tables.folder import FolderTables
from colprofile.verbs.audit.search import audit_of_table
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.schema.table_values import TableValues, table_values

ENGINES = ("duckdb", "sqlite", "postgresql", "mariadb", "parquet", "csv")

_TYPES: dict[type, tuple[str, Callable[[], sa.types.TypeEngine[Any]]]] = {
    int: ("INTEGER", sa.Integer),
    str: ("VARCHAR", lambda: sa.String(40)),
    Decimal: ("DECIMAL(10,2)", lambda: sa.Numeric(10, 2)),
    float: ("DOUBLE", sa.Double),
    bool: ("BOOLEAN", sa.Boolean),
    date: ("DATE", sa.Date),
    datetime: ("TIMESTAMP", lambda: sa.DateTime().with_variant(DATETIME(truncate_microseconds=True), "sqlite")),
}

Rows = Sequence[tuple[Any, ...]]
Data = Mapping[str, tuple[Mapping[str, type], Rows]]
"""Tables by name: the types of their columns, and their rows."""


def shop() -> Data:
    """Return a shop with planted keys, an orphan, copies, a part of a table, a text that is an integer elsewhere."""
    pick, day = random.Random(7), date(2024, 1, 1)
    cities = ("Oslo", "Bergen", "Ålesund", "Trondheim")
    customers = [
        (100 + i, f"Customer {i:02}", pick.choice(cities), f"C{i:03}", pick.random() < 0.5, f"O'{i % 3}\\%")
        for i in range(1, 41)
    ]
    products = [
        (1000 + 7 * i, f"Product {i}", Decimal(pick.randrange(100, 9999)) / 100, f"0{9000 + i}") for i in range(25)
    ]
    orders: list[tuple[Any, ...]] = []
    for i in range(200):
        number, _, city, *_ = pick.choice(customers)
        is_known = i % 29 > 0
        on, at = day + timedelta(days=pick.randrange(300)), datetime(2024, 1, 1) + timedelta(hours=pick.randrange(9000))
        orders.append((50_000 + i, number if is_known else None, city if is_known else None, on, at))
    orders[5] = (orders[5][0], 999, None, *orders[5][3:])
    lines = [
        (order[0], line, str(product[0]), product[2], pick.randrange(1, 20) / 4)
        for order in orders
        for line in range(1, pick.randrange(2, 4))
        for product in [pick.choice(products)]
    ]
    people = {"customer_id": int, "name": str, "city": str, "code": str, "is_member": bool, "note": str}
    sales = {"sale_id": int, "sold_on": date, "amount": Decimal}
    years = [
        [(i, date(2023, 1, 1) + timedelta(days=i % 700), Decimal(i * 7 % 9001) / 100) for i in range(begin, begin + 60)]
        for begin in (70_000, 80_000)
    ]
    return {
        "customers": (people, customers),
        "products": ({"product_id": int, "title": str, "price": Decimal, "sku": str}, products),
        "orders": (
            {"order_id": int, "customer_id": int, "customer_city": str, "ordered_on": date, "changed_at": datetime},
            orders,
        ),
        "order_lines": (
            {"order_id": int, "line": int, "product_id": str, "unit_price": Decimal, "weight": float},
            lines,
        ),
        "old_customers": (people, customers[:15]),
        "sales_2023": (sales, years[0]),
        "sales_2024": (sales, years[1]),
    }


def in_duckdb(data: Data) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in memory that has the tables."""
    connection = duckdb.connect()
    for name, (columns, rows) in data.items():
        described = ", ".join(f"{quote_identifier(column)} {_TYPES[kind][0]}" for column, kind in columns.items())
        connection.execute(f"create table {quote_identifier(name)} ({described})")
        if rows:
            connection.executemany(
                f"insert into {quote_identifier(name)} values ({', '.join('?' * len(columns))})", rows
            )
    return connection


def load(engine: sa.Engine, data: Data) -> None:
    """Make the tables in a database."""
    metadata = sa.MetaData()
    made = {
        name: sa.Table(name, metadata, *(sa.Column(column, _TYPES[kind][1]()) for column, kind in columns.items()))
        for name, (columns, _) in data.items()
    }
    metadata.create_all(engine)
    with engine.begin() as connection:
        for name, (columns, rows) in data.items():
            if rows:
                connection.execute(made[name].insert(), [dict(zip(columns, row, strict=True)) for row in rows])


@pytest.fixture(scope="session")
def new_url(new_postgres_database: Callable[[], sa.URL], mariadb_url: sa.URL) -> Iterator[Callable[[str], sa.URL]]:
    """What gives the URL of an empty database of a server."""
    with contextlib.ExitStack() as stack:
        engine = sa.create_engine(mariadb_url)
        stack.callback(engine.dispose)

        def make(server: str) -> sa.URL:
            if server == "postgresql":
                return new_postgres_database()
            name = f"test_{uuid.uuid4().hex[:12]}"
            with engine.begin() as connection:
                connection.exec_driver_sql(f"create database {name} character set utf8mb4")
            stack.callback(_drop, engine, name)
            return mariadb_url.set(database=name)

        yield make


def _drop(engine: sa.Engine, name: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"drop database {name}")


@contextlib.contextmanager
def opened_in(name: str, data: Data, folder: Path, new_url: Callable[[str], sa.URL]) -> Iterator[Tables]:
    """Open the tables in one of ``ENGINES``; ``new_url`` gives the URL of an empty database of a server."""
    connection = in_duckdb(data)
    if name == "duckdb":
        with DuckDBTables.open(connection) as tables:
            yield tables
    elif name in ("parquet", "csv"):
        for table in data:
            connection.execute(f"copy \"{table}\" to '{folder / table}.{name}'")
        with FolderTables.open(folder) as tables:
            yield tables
    else:
        url = sa.URL.create("sqlite", database=str(folder / "shop.db")) if name == "sqlite" else new_url(name)
        engine = sa.create_engine(url)
        load(engine, data)
        engine.dispose()
        with DatabaseTables.open(url) as tables:
            yield tables


def kept_of(tables: Tables) -> list[TableValues]:
    """Return what an audit keeps of each table."""
    kept = []
    for name in tables.names:
        source, table = tables.given(name)
        with counted_table(source, table, Counting(sample=False, quality=False), Reading(progress=False)) as counted:
            audit = audit_of_table(counted, 1, 0.01, threading.Event(), float("inf"))
            kept.append(table_values(name, counted, audit))
    return kept
