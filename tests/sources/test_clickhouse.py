"""ClickHouse itself, in this process: every type fetched, counted there, and counted here from Python's own values."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.sources.database import small_marginal
from colprofile.verbs.profile import count_in_database as pushed
from colprofile.verbs.profile import joints_in_database as pictures
from tests.support.differences import differences, profile_differences
from tests.support.engine_stand_ins import translated, with_parameters

pytest.importorskip("clickhouse_connect", reason="pip install 'colprofile[clickhouse]'")
pytest.importorskip("chdb", reason="pip install chdb-core-lite")

ROWS = 500
START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)

COLUMNS: dict[str, tuple[str, pa.DataType, Callable[[int], Any]]] = {
    "i": ("Int32", pa.int32(), lambda i: i % 24),
    "big": ("UInt64", pa.uint64(), lambda i: 2**64 - 1 - i % 20),
    "f": ("Nullable(Float64)", pa.float64(), lambda i: None if i % 7 == 0 else math.nan if i % 10 == 0 else i % 26 / 7),
    "r": ("Float32", pa.float32(), lambda i: -0.0 if i % 3 == 0 else 0.0 if i % 3 == 1 else 0.1),
    "d": ("Decimal(18, 3)", pa.decimal128(18, 3), lambda i: decimal.Decimal(i % 22) / 8),
    "t": (
        *("LowCardinality(Nullable(String))", pa.string()),
        lambda i: ("it's", "%s :x", "ä\\\n", "", None)[i % 5],
    ),
    "fixed": ("FixedString(4)", pa.string(), lambda i: ("ab", "abcd", "é")[i % 3]),
    "e": ("Enum8('b' = -1, 'a' = 2, 'it\\'s' = 7)", pa.string(), lambda i: ("b", "a", "it's")[i * i % 3]),
    "flag": ("Bool", pa.bool_(), lambda i: i % 11 == 0),
    "day": ("Date", pa.date32(), lambda i: datetime.date(2020, 1, 1) + datetime.timedelta(i * 7 % 25)),
    "old": ("Date32", pa.date32(), lambda i: datetime.date(1920, 1, 1) + datetime.timedelta(i % 23)),
    "second": ("DateTime('UTC')", pa.timestamp("s", "UTC"), lambda i: START + datetime.timedelta(seconds=i * i % 70)),
    "moment": (
        *("Nullable(DateTime64(6, 'Asia/Tokyo'))", pa.timestamp("us", "UTC")),
        lambda i: None if i % 9 == 0 else START + MICROSECOND * (i * 1237 % 27),
    ),
    "id": ("UUID", pa.string(), lambda i: str(uuid.UUID(int=(i % 21) << 64 | (50 - i % 21)))),
    "ip": ("IPv4", pa.string(), lambda i: f"10.0.0.{i % 12}"),
    "array": ("Array(Nullable(Int32))", pa.list_(pa.int32()), lambda i: [i % 4, None]),
    "map": ("Map(String, Int32)", pa.map_(pa.string(), pa.int32()), lambda i: {"k": i % 5}),
    "tuple": ("Tuple(Int32, String)", pa.struct([("a", pa.int32()), ("b", pa.string())]), lambda i: (i % 3, "x")),
}
"""Types there and here, and the values."""

LOOKS_OTHERWISE = ("id", "array", "map", "tuple", "ip", "d", "e")
"""Columns whose values look otherwise there, or have another order."""


@pytest.fixture(scope="module")
def clickhouse() -> Iterator[sa.Engine]:
    engine = sa.create_engine("clickhousedb://?interface=chdb")
    types = ", ".join(f"`{name}` {made}" for name, (made, _, _) in COLUMNS.items())
    with engine.connect() as connection:
        connection.exec_driver_sql(f"create table types ({types}) engine = Memory")
        client: Any = connection.connection.driver_connection.client  # type: ignore[union-attr]
        client.insert("types", [[_there(name, i) for name in COLUMNS] for i in range(ROWS)], column_names=list(COLUMNS))
        yield engine
        connection.exec_driver_sql("drop table types")
    engine.dispose()


def _there(name: str, i: int) -> Any:
    value = COLUMNS[name][2](i)
    return value.encode().ljust(4, b"\0") if name == "fixed" else value


@pytest.fixture(scope="module")
def here() -> pa.Table:
    def value(name: str, i: int) -> Any:
        made = COLUMNS[name][2](i)
        return list(made.items()) if name == "map" else {"a": made[0], "b": made[1]} if name == "tuple" else made

    arrays = {name: pa.array([value(name, i) for i in range(ROWS)], kind) for name, (_, kind, _) in COLUMNS.items()}
    return pa.table(arrays)


def figures(profile: colprofile.Profile) -> dict[str, Any]:
    """Return what a profile says of its columns and pairs, but not how the database writes values."""
    columns = {
        c.name: (c.rows, c.nulls, c.distinct, c.entropy, c.mean, c.standard_deviation)
        + (() if c.name in LOOKS_OTHERWISE else (c.quantiles, c.minimum, c.maximum))
        for c in profile.columns
    }
    pairs = {
        (p.x, p.y): (p.rows, p.mutual_information, p.expected_mutual_information, p.dependence, p.pearson, p.spearman)
        for p in profile.pairs
    }
    return {"columns": columns, "pairs": dict(sorted(pairs.items()))}


def test_every_type_fetched_and_counted_there(clickhouse: sa.Engine, here: pa.Table) -> None:
    fetched = colprofile.profile(clickhouse, "types", fetch="always")
    counted = colprofile.profile(clickhouse, "types", fetch="never")
    assert differences(fetched.columns, counted.columns) == []
    assert differences(figures(fetched), figures(counted)) == []
    assert differences(figures(fetched), figures(colprofile.profile(here))) == []
    assert {c.name: c.kind for c in fetched.columns} == {
        **dict.fromkeys(["i", "big", "f", "r", "d"], "numeric"),
        **dict.fromkeys(["t", "fixed", "e", "id", "ip"], "categorical"),
        "flag": "boolean",
        **dict.fromkeys(["day", "old", "second", "moment"], "temporal"),
        **dict.fromkeys(["array", "map", "tuple"], "nested"),
    }
    assert (fetched["f"].maximum is not None, fetched["r"].distinct) == (True, 2)  # -0.0 is 0.0
    assert fetched["e"].minimum == "b"  # enums are in the order of their numbers
    assert fetched["moment"].type == "nullable(datetime64(6, 'asia/tokyo'))"


@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_large_columns_and_pairs_one_by_one(
    clickhouse: sa.Engine, here: pa.Table, nulls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_marginal.small_marginal, "__defaults__", (12,))
    monkeypatch.setattr(pushed, "_most_fetched", lambda rows: 0)
    monkeypatch.setattr(pictures, "FETCHED_CELLS", 0)
    names = ["f", "d", "moment", "id"]
    sent: list[tuple[str, Any]] = []
    sa.event.listen(clickhouse, "before_cursor_execute", lambda *call: sent.append(call[2:4]))
    counted = colprofile.profile(clickhouse, "types", fetch="never", columns=names, nulls=nulls)
    assert differences(figures(counted), figures(colprofile.profile(here, columns=names, nulls=nulls))) == []
    # A sample of what was sent parses by the grammar that the other engines are judged by.
    for statement, parameters in [each for each in sent if not each[0].startswith("EXISTS")][::12]:
        translated(with_parameters(statement, parameters, "clickhouse", "pyformat"), "clickhouse", frozenset())


def test_what_a_query_returns_has_types(clickhouse: sa.Engine) -> None:
    found = colprofile.profile(clickhouse, "select f, moment, e, array, big from types")
    assert [column.kind for column in found.columns] == ["numeric", "temporal", "categorical", "nested", "numeric"]


def test_nanoseconds_are_compared_there(clickhouse: sa.Engine) -> None:
    query = "select addNanoseconds(toDateTime64('2020-01-01 00:00:00', 9, 'UTC'), number % 5) as n from numbers(20)"
    for fetch in ("always", "never"):
        found = colprofile.profile(clickhouse, query, fetch=fetch)
        assert found["n"].kind == "temporal" and found["n"].distinct == 5
        assert found["n"].entropy == pytest.approx(math.log2(5))


def test_wide_numbers_are_exact(clickhouse: sa.Engine) -> None:
    query = """
        select cast(toString(number % 5) || '00000000000000000000000000000000000001' as Int256) as wide,
               cast('1.5' as Decimal(60, 5)) + number % 3 as d
        from numbers(30)
    """
    try:
        fetched = colprofile.profile(clickhouse, query, fetch="always")
    except colprofile.SourceError as error:
        assert "not supported" in str(error)
        pytest.skip("this build of chdb has no wide numbers: pip install chdb")
    assert profile_differences(fetched, colprofile.profile(clickhouse, query, fetch="never")) == []
    assert (fetched["wide"].maximum, fetched["wide"].distinct) == ("400000000000000000000000000000000000001", 5)
    assert fetched["d"].mean == 2.5


def test_a_condition_and_a_hostile_name(clickhouse: sa.Engine) -> None:
    name = "a`b\\ '\" %s\n--"
    quoted = clickhouse.dialect.identifier_preparer.quote_identifier(name)
    with clickhouse.connect() as connection:
        connection.exec_driver_sql(
            f"create table {quoted} (k Int8, {quoted} String) engine = Memory".replace("%", "%%")
        )
        connection.exec_driver_sql(f"insert into {quoted} values (1, 'x'), (2, 'y')".replace("%", "%%"))
    found = colprofile.profile(clickhouse, name, where="k > 1", fetch="never")
    assert (found.rows, found[name].top_values[0].value) == (1, "y")
