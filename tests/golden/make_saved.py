"""Write one small saved result of each kind: what tests of loading and showing saved results begin from.

Run as ``python -m tests.golden.make_saved postgresql+psycopg://…`` with a database in which a table can be made, or
without one for the results of whole databases alone. Saved files must load in every later release, so there is no need
to run it again.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import sqlalchemy as sa

import colprofile
from colprofile.results.database import DatabasePlannerReport, SkippedTable, TablePlannerReport
from colprofile.results.planner import PlannerReport
from tests.support.postgres_tables import run_all

FOLDER = Path(__file__).parent / "saved"
ROWS = 60


def table() -> pd.DataFrame:
    """A column of each kind, with exact and near dependencies."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 6, ROWS)
    frame = pd.DataFrame(
        {
            "x": x,
            "twice": 2 * x + 1,
            "near": [f"n{value // 2}" for value in x],
            "when": pd.date_range("2020-01-01", periods=ROWS),
            "half": np.where(x < 3, np.nan, rng.integers(0, 3, ROWS)),
            "same": 1,
            "id": range(ROWS),
        }
    )
    frame.loc[0, "near"] = "odd"
    return frame


def animals() -> pd.DataFrame:
    """Two kinds of rows."""
    weights = [4 + i % 7 / 10 if i % 2 == 0 else 20 + i % 31 / 3 for i in range(100)]
    return pd.DataFrame({"fur": ["cat", "dog"] * 50, "says": ["meow", "woof"] * 50, "weight": weights, "always": 1})


def shop(orders: int) -> duckdb.DuckDBPyConnection:
    """Customers, their orders with a copied column, orders of nobody, and customers that are kept twice."""
    connection = duckdb.connect()
    connection.execute(
        f"""
        create table customer as
            select 1000 + 37 * i as customer_id, 'name ' || i as name, 'city ' || i % 7 as city from range(20) r(i);
        create table orders as
            select i as order_id, 1000 + 37 * (5 * i % 21) as customer_id, 'city ' || (5 * i % 21) % 7 as ship_city,
                i // 9 as day from range({orders}) r(i);
        create table old_customer as select * from customer where customer_id % 3 > 0;
        """
    )
    return connection


def main(url: str) -> None:
    """Write all files."""
    of_databases()
    frame = table()
    later = frame.assign(x=(frame["x"] + 1) % 7, when=frame["when"] + pd.Timedelta(days=400), new=1)
    rows = "select i % 600, i % 600 / 10, {} + i / 2000, (random() * 3)::int from generate_series(1, 20000) i"
    create = "create table t (zip int, city int, day int, lonely int)"
    run_all(
        sa.make_url(url), [create, f"insert into t {rows.format(0)}", "analyze t", f"insert into t {rows.format(10)}"]
    )
    colprofile.profile(frame.drop(columns="same")).save(FOLDER / "profile.json")
    colprofile.audit(frame).save(FOLDER / "audit.json")
    colprofile.drift(frame, later.drop(columns="half")).save(FOLDER / "drift.json")
    colprofile.latent_classes(animals(), max_classes=3, bins=4).save(FOLDER / "latent_classes.json")
    colprofile.planner(url, "t", verify=True, progress=False).save(FOLDER / "planner.json")


def of_databases() -> None:
    """Write the results of whole databases."""
    with shop(60) as stale, shop(80) as fresh:
        fresh.execute("create table parcel as select * from range(5); drop table old_customer")
        colprofile.profile(stale, progress=False).save(FOLDER / "database_profile.json")
        colprofile.audit(stale, progress=False).save(FOLDER / "database_audit.json")
        colprofile.drift(stale, fresh, progress=False).save(FOLDER / "database_drift.json")
    report = PlannerReport.load(FOLDER / "planner.json")
    tables = (TablePlannerReport("t", report), TablePlannerReport("u", report))
    skipped = tuple(SkippedTable(name, f"permission denied for table {name}") for name in "vw")
    notes = ("The tables were read one after the other.",)
    DatabasePlannerReport(tables, skipped, report.provenance, notes=notes).save(FOLDER / "database_planner.json")


if __name__ == "__main__":
    main(sys.argv[1]) if len(sys.argv) > 1 else of_databases()
