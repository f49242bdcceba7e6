"""Values of two types are equal where DuckDB's = says so: in drift(), with saved profiles, and in SQL column_drift."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import colprofile
from colprofile.verbs.drift.equal_values import keys_of

NUMBERS = "1", "2", "0", "250"
CENTS = "1.50", "0", "-2.25", "0.1"
DAYS = "2020-01-31", "1969-12-31"
MOMENTS = *DAYS, "2020-01-31 05:00:01", "2020-01-31 05:00:01.25"
LONG = "9007199254740993", "1"
UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"

ALIKE = [
    *((NUMBERS, "UTINYINT", other) for other in ("BIGINT", "UHUGEINT", "BIGNUM")),
    *((NUMBERS, "INTEGER", other) for other in ("DECIMAL(38,10)", "FLOAT", "DOUBLE")),
    *((CENTS, "DECIMAL(30,6)", other) for other in ("DECIMAL(6,2)", "FLOAT", "DOUBLE")),
    (("0.5", "-2.25", "0"), "FLOAT", "DOUBLE"),
    (("nan", "inf", "-inf", "-0", "1e30"), "FLOAT", "FLOAT"),
    (("nan", "inf", "-0", "1e300", "0.1"), "DOUBLE", "DOUBLE"),
    *((DAYS, "DATE", other) for other in ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ")),
    (("infinity", "0044-03-15 (BC)", "12020-01-01"), "DATE", "TIMESTAMP"),
    *((MOMENTS, "TIMESTAMP", other) for other in ("TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ")),
    (DAYS, "TIMESTAMP_S", "TIMESTAMP_NS"),
    (("05:00:01.25", "23:00:00"), "TIME", "TIME_NS"),
    (("a", "b ", ""), "VARCHAR", "VARCHAR(3)"),
    (("a", "b"), "ENUM('a', 'b')", "VARCHAR"),
    (("a", "b"), "ENUM('a', 'b')", "ENUM('b', 'c', 'a')"),
    ((UUID,), "UUID", "VARCHAR"),
    (("true", "false"), "BOOLEAN", "BOOLEAN"),
]

DIFFERENT = [
    ("('0.1')", "FLOAT", "('0.1')", "DOUBLE"),
    ("('0.1'), ('0.10000000149011612')", "FLOAT", "('0.10000000149011612'), ('0.1')", "DOUBLE"),
    ("('0.1')", "FLOAT", "('0.1'), ('0.10000000149')", "DECIMAL(20,12)"),
    ("('9007199254740993')", "BIGINT", "('9007199254740992')", "DOUBLE"),
    ("('9007199254740993'), ('9007199254740992')", "BIGINT", "('9007199254740992'), ('7')", "DOUBLE"),
    ("('9007199254740993')", "BIGINT", "('9007199254740992'), ('9007199254740993.0')", "DECIMAL(20,1)"),
    ("('0.10000000000000000000001')", "DECIMAL(38,23)", "('0.1')", "DOUBLE"),
    ("('0.10000000000000000000001')", "DECIMAL(38,23)", "('0.1')", "DECIMAL(5,1)"),
    ("('1.50'), ('1.501')", "DECIMAL(30,6)", "('1.5'), ('1.51'), ('1.5')", "DECIMAL(6,2)"),
    ("('2020-01-01')", "DATE", "('2020-01-01 00:00:01'), ('2020-01-01')", "TIMESTAMP"),
    ("('2020-01-01 05:00:01.25')", "TIMESTAMP", "('2020-01-01 05:00:01.250000001')", "TIMESTAMP_NS"),
    ("('2020-01-01')", "DATE", "('2020-01-01 02:00:00+02'), ('2020-01-01 00:00:00+02')", "TIMESTAMPTZ"),
    ("('a')", "ENUM('a', 'b')", "('b'), ('a'), ('A')", "VARCHAR"),
    (f"('{UUID}')", "UUID", f"('{UUID.upper()}'), ('{UUID.replace('11', '22')}')", "VARCHAR"),
    ("('-0')", "DOUBLE", "('0')", "INTEGER"),
]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        colprofile.register(connection)
        yield connection


def unseen(con: duckdb.DuckDBPyConnection) -> float:
    """The share of fresh rows without an equal stale one, by DuckDB's own =."""
    query = "select avg(if(exists (select 1 from stale where stale.x = fresh.x), 0, 1)) from fresh"
    found: float = con.execute(query).fetchall()[0][0]
    return found


def check(con: duckdb.DuckDBPyConnection, folder: Path, stale: str, fresh: str, *, is_sql_only: bool = False) -> float:
    """Compare all three ways, or SQL alone, with DuckDB; return the share that was not seen before."""
    con.execute(f"create or replace table stale as {stale}")
    con.execute(f"create or replace table fresh as {fresh}")
    expected = unseen(con)
    in_sql = con.execute("select unseen_mass from column_drift('stale', 'fresh')").fetchall()[0][0]
    assert in_sql == pytest.approx(expected)
    if is_sql_only:
        return expected
    compared = colprofile.drift(con, con, stale_table="stale", fresh_table="fresh", progress=False)["x"]
    assert compared.unseen_mass == pytest.approx(expected)
    path = folder / "stale.json"
    colprofile.profile(con, "stale", progress=False).save(path)
    saved = colprofile.drift(path, con, fresh_table="fresh", progress=False)["x"]
    assert saved.unseen_mass == pytest.approx(expected)
    return expected


def values(texts: tuple[str, ...]) -> str:
    return ", ".join(f"('{text}')" for text in texts)


@pytest.mark.parametrize(("texts", "one", "other"), ALIKE)
def test_the_same_values_in_two_types(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, texts: tuple[str, ...], one: str, other: str
) -> None:
    tables = [f"select x::{of_type} as x from (values {values(texts)}) as v(x)" for of_type in (one, other)]
    assert check(con, tmp_path, *tables) == 0
    assert check(con, tmp_path, *reversed(tables), is_sql_only=True) == 0


@pytest.mark.parametrize(("stale", "stale_type", "fresh", "fresh_type"), DIFFERENT)
def test_what_casts_change(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, stale: str, stale_type: str, fresh: str, fresh_type: str
) -> None:
    tables = [
        f"select x::{of_type} as x from (values {rows}) as v(x)"
        for rows, of_type in ((stale, stale_type), (fresh, fresh_type))
    ]
    check(con, tmp_path, *tables)
    check(con, tmp_path, *reversed(tables))


def test_histograms_with_bins(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Of many values most are in bins: no drift between two types of the same numbers either."""
    rows = "from range(3000) t(r)"
    for one, other in (("DECIMAL(30,6)", "DECIMAL(9,1)"), ("FLOAT", "DOUBLE"), ("DECIMAL(9,1)", "DOUBLE")):
        inside = f"select ((r * 7) % 2500 + 0.5)::{one} as x {rows}"
        assert check(con, tmp_path, inside, f"select x::{other} as x from ({inside})") == 0


@pytest.mark.parametrize(
    ("stale", "fresh"),
    [
        ("1", "date '2020-01-01'"),
        ("[1]", "'x'"),
        ("{'a': 1}", "5"),
        ("'\\x00'::blob", "5"),
        ("true", "time '05:00:00'"),
    ],
)
def test_types_without_a_common_one_are_different(con: duckdb.DuckDBPyConnection, stale: str, fresh: str) -> None:
    con.execute(f"create or replace table stale as select {stale} as x")
    con.execute(f"create or replace table fresh as select {fresh} as x")
    assert con.execute("select unseen_mass from column_drift('stale', 'fresh')").fetchall() == [(1.0,)]


def test_numbers_too_large_for_a_double_are_infinite() -> None:
    stale, fresh = keys_of("number", "NUMERIC", "DOUBLE PRECISION")
    assert stale("1" + "0" * 400) == fresh("inf")
    assert stale("-1" + "0" * 400) == fresh("-inf")
    stale, fresh = keys_of("number", "NUMERIC", "REAL")
    assert stale("1e39") == fresh(float("inf")) and stale("NaN") == fresh("NaN")


def test_text_that_is_no_uuid_stays_itself() -> None:
    stale, fresh = keys_of("text", "UUID", "VARCHAR")
    assert fresh("{" + UUID.upper() + "}") == stale(UUID)
    assert (fresh("A"), fresh(None)) == ("A", None)
