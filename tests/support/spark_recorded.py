"""A small table of Spark's types, and what Spark 4.1 saved and estimated of it: ``make_recorded`` makes the file anew.

Sail, on which the tests run, has neither ``ANALYZE TABLE`` nor ``DESCRIBE EXTENDED table column``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from colprofile.sources.spark.sessions import open_session

PATH = Path(__file__).parent / "spark_recorded.json"
ROWS = 1000
TYPES = {"fixed": "char(3)", "lower": "string collate utf8_lcase"}

CONDITIONS: dict[str, dict[str, float]] = {
    "whole = 0L": {"whole": 0},
    "whole = 1L": {"whole": 1},
    "whole = 90L": {"whole": 90},
    "whole = 300L": {"whole": 300},
    "whole = 5000L": {"whole": 5000},
    "share = 0.0D": {"share": 0},
    "share = 1.75D": {"share": 1.75},
    "share = 24.75D": {"share": 24.75},
    "share = 99.0D": {"share": 99},
    "single = cast('0.1' as float)": {"single": 0.1},
    "single = cast('1.2' as float)": {"single": 1.2},
    "amount = cast('1.50' as decimal(10,2))": {"amount": 1.5},
    "amount = cast('7.00' as decimal(10,2))": {"amount": 7},
    "day = date'2020-01-01'": {"day": 18262},
    "day = date'2020-02-15'": {"day": 18307},
    "day = date'2031-01-01'": {"day": 22280},
    "moment = timestamp_micros(1577880000000000)": {"moment": 1577880000000000},
    "moment = timestamp_micros(1577880060000000)": {"moment": 1577880060000000},
    "odd = 1.0D": {"odd": 1},
    "text = 'x1'": {"text": 0},
    "text = 'not there'": {"text": 0},
    "flag = true": {"flag": 1},
    "fixed = 'a'": {"fixed": 0},
    "lower = 'a'": {"lower": 0},
    "empty = 1L": {"empty": 1},
    "text = 'x1' and share = 1.75D": {"text": 0, "share": 1.75},
    "text = 'x1' and whole = 1L and day = date'2020-01-01'": {"text": 0, "whole": 1, "day": 18262},
    "share = 0.0D and flag = true": {"share": 0, "flag": 1},
}
"""Predicates whose estimates are recorded, each with its columns and where their values lie; texts lie nowhere."""


def recorded_table() -> pa.Table:
    """Return the table: skewed numbers, dates and times, texts, NULL, NaN, and a column of NULL alone."""
    numbers = range(ROWS)
    start = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC)
    return pa.table(
        {
            "whole": pa.array([(n % 31) ** 2 for n in numbers], pa.int64()),
            "share": pa.array([None if n % 10 == 9 else (n % 97) * (n % 3) / 4 for n in numbers], pa.float64()),
            "single": pa.array([n % 13 / 10 for n in numbers], pa.float32()),
            "amount": pa.array([Decimal(n % 15) / 2 for n in numbers], pa.decimal128(10, 2)),
            "day": pa.array([dt.date(2020, 1, 1) + dt.timedelta(days=n % 50 * (n % 2)) for n in numbers], pa.date32()),
            "moment": pa.array([start + dt.timedelta(minutes=n % 20) for n in numbers], pa.timestamp("us", "UTC")),
            "odd": pa.array([float("nan") if n % 50 == 0 else float(n % 4) for n in numbers], pa.float64()),
            "text": pa.array([None if n % 20 == 7 else f"x{n % 7 * (n % 2)}" for n in numbers]),
            "flag": pa.array([None if n % 8 == 0 else n % 3 == 0 for n in numbers]),
            "fixed": pa.array(["abc"[n % 3] for n in numbers]),
            "lower": pa.array(["aAb"[n % 3] for n in numbers]),
            "empty": pa.array([None] * ROWS, pa.int64()),
        }
    )


def write_table(path: Path) -> Path:
    """Write the table as Parquet."""
    pq.write_table(recorded_table(), path)
    return path


class Recorded:
    """What Spark 4.1 answered, by statement, with some settings changed; ``catalog`` has the table."""

    def __init__(self, catalog: str = "spark_catalog", **settings: str) -> None:
        text = PATH.read_text("utf-8").replace("spark_catalog", catalog)
        self.answers: dict[str, list[list[Any]]] = json.loads(text)
        for name, value in settings.items():
            self.answers[f"set spark.sql.{name.replace('__', '.')}"] = [["", value]]

    def __call__(self, statement: str) -> Sequence[Sequence[Any]]:
        return self.answers[statement]

    def session(self, session: Any) -> Any:
        """Return a session that is like another one except for what is recorded."""
        answers = self.answers

        def sql(self: Any, statement: str, *arguments: Any, **named: Any) -> Any:
            if statement in answers:
                return _Answer(answers[statement])
            return session.sql(statement, *arguments, **named)

        def of_session(self: Any, name: str) -> Any:
            return getattr(session, name)

        # Sessions are recognised by the names of their classes; a copy of one would close it when it goes.
        members = {"__module__": type(session).__module__, "sql": sql, "__getattr__": of_session}
        return type("SparkSession", (), members)()


class _Answer:
    def __init__(self, rows: list[list[Any]]) -> None:
        self._rows = rows

    def collect(self) -> list[list[Any]]:
        return self._rows


def save_table(session: Any, path: Path) -> None:
    """Save the table in a session's catalog, its columns of the types that Parquet does not have."""
    columns = ", ".join(f"{name} {TYPES.get(name, kind)}" for name, kind in session.read.parquet(str(path)).dtypes)
    session.read.parquet(str(path)).createOrReplaceTempView("recorded_rows")
    session.sql("drop table if exists recorded").collect()
    session.sql(f"create table recorded ({columns}) using parquet").collect()
    session.sql("insert into recorded select * from recorded_rows").collect()


def make_recorded(session: Any, path: Path) -> None:
    """Record anew, in a session of real Spark."""
    from colprofile.catalogs.spark_session import spark_rows

    save_table(session, path)
    rows_of = spark_rows(session)
    rows_of("set spark.sql.statistics.histogram.enabled = true")
    rows_of("set spark.sql.statistics.histogram.numBins = 8")
    rows_of("analyze table recorded compute statistics for all columns")
    quoted = "`spark_catalog`.`default`.`recorded`"
    answers = {
        statement: [list(row) for row in rows_of(statement)]
        for statement in (
            "describe extended `recorded`",
            *(f"describe extended {quoted} `{name}`" for name in recorded_table().column_names),
            "select version()",
            *(f"set spark.sql.statistics.histogram.{name}" for name in ("enabled", "numBins")),
        )
    }
    answers["set spark.sql.cbo.enabled"] = [["spark.sql.cbo.enabled", "false"]]
    rows_of("set spark.sql.cbo.enabled = true")
    for condition in CONDITIONS:
        statement = f"explain cost select 1 as one from {quoted} where {condition}"
        plan = str(rows_of(statement)[0][0])
        answers[condition] = [[plan.split("rowCount=")[1].split(")")[0]]]
    rows_of("set spark.sql.cbo.enabled = false")
    PATH.write_text(json.dumps(answers, indent=1) + "\n", "utf-8")


@contextlib.contextmanager
def sail_session(url: str, path: Path) -> Iterator[Any]:
    """Yield a session of Sail, whose catalog has the table, written to ``path``."""
    session, close = open_session(url)
    try:
        session.sql("drop table if exists recorded").collect()
        session.sql(f"create table recorded using parquet location '{write_table(path)}'").collect()
        yield session
    finally:
        close()
