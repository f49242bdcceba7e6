"""Every type of every database, fetched and counted where it is: the same profile, or a reason."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import colprofile
from tests.support.differences import profile_differences

POSTGRES = """
create type mood as enum ('sad', 'ok', 'happy', 'never');
create domain positive as integer check (value > 0);
create type point3 as (x int, y int, z int);
create table types (
    i serial, b boolean, s smallint, big bigint, n numeric, n2 numeric(12, 2), r real, d double precision,
    money money, t text, v varchar(20), c char(4), nocase text collate "pg_c_utf8", bytes bytea,
    day date, moment timestamp, zoned timestamptz, clock time, zoned_clock timetz, span interval,
    u uuid, j json, jb jsonb, a integer[], m mood, dom positive, comp point3, rng int4range, ip inet,
    bits bit(4), x line, p point, vec tsvector
);
insert into types (b, s, big, n, n2, r, d, money, t, v, c, nocase, bytes, day, moment, zoned, clock, zoned_clock,
                   span, u, j, jb, a, m, dom, comp, rng, ip, bits, x, p, vec)
select k % 2 = 0, k % 7, (1::bigint << 62) + k % 9, (array[1.0, 1.00, 2.5, 'NaN', 'Infinity', 1e40, 1e-20])[k % 7 + 1],
       (array[0.10, -5.25, 'NaN'::numeric])[k % 3 + 1], (array[0.1, 0.7, 16777217, 'NaN'])[k % 4 + 1]::real,
       (array[0.1, -0.0, 0.0, 'NaN', 'Infinity', '-Infinity', 1e300])[k % 7 + 1], (k % 3)::text::money,
       (array['a', 'A', 'ä', E'q"\\'\\n<script>', '%s :x', ''])[k % 6 + 1], 'v' || k % 5, 'c' || k % 3,
       (array['a', 'B', 'c'])[k % 3 + 1], decode(lpad(to_hex(k % 11), 4, '0'), 'hex'),
       (array['2020-02-29', 'infinity', '0044-03-15 BC']::date[])[k % 3 + 1],
       timestamp '2020-01-01' + k % 13 * interval '1.5 hours', 
       timestamptz '2020-06-01 12:00+02' + k % 5 * interval '1 us',
       (array['00:00', '24:00', '12:34:56.789']::time[])[k % 3 + 1],
       (array['12:00+00', '14:00+02', '13:00+00']::timetz[])[k % 3 + 1],
       (array['1 month', '30 days', '1 day']::interval[])[k % 3 + 1],
       lpad((k % 4)::text, 32, '0')::uuid, ('{"k": ' || k % 3 || '}')::json,
       (array['1.0', '1.00', '"x"', '{"b": 1, "a": 2}', '{"a":2,"b":1}']::jsonb[])[k % 5 + 1], array[k % 3, null],
       (array['sad', 'ok', 'happy']::mood[])[k % 3 + 1], k % 3 + 1, row(k % 2, 1, 2)::point3,
       int4range(k % 3, 10), ('10.0.0.' || k % 4)::inet, (k % 5)::bit(4), '{1, 2, 3}'::line, point(k, k),
       'a b'::tsvector
from generate_series(0, 199) g(k);
insert into types default values;
"""

SKIPPED = {"x", "p"}


@pytest.fixture(scope="module")
def postgres(new_postgres_database: Callable[[], sa.URL]) -> Iterator[sa.Engine]:
    engine = sa.create_engine(new_postgres_database())
    with engine.begin() as connection:
        connection.connection.driver_connection.execute(POSTGRES)  # type: ignore[union-attr]
    yield engine
    engine.dispose()


def test_every_type_of_postgresql(postgres: sa.Engine) -> None:
    fetched = colprofile.profile(postgres, "types", fetch="always")
    pushed = colprofile.profile(postgres, "types", fetch="never")
    assert profile_differences(fetched, pushed) == []
    assert {column.name for column in fetched.skipped} == SKIPPED
    assert all("equality operator" in column.reason for column in fetched.skipped)
    assert {c.name: c.kind for c in fetched.columns} == {
        "i": "numeric",
        "b": "boolean",
        **dict.fromkeys(["s", "big", "n", "n2", "r", "d", "dom"], "numeric"),
        **dict.fromkeys(["money", "t", "v", "c", "nocase", "bytes", "u", "ip", "bits"], "categorical"),
        **dict.fromkeys(["day", "moment", "zoned", "clock", "zoned_clock", "span"], "temporal"),
        **dict.fromkeys(["j", "jb", "a", "comp", "rng", "vec"], "nested"),
        "m": "categorical",
    }


def test_what_has_no_order_is_skipped(postgres: sa.Engine) -> None:
    query = "select '5'::xid as x, k % 2 as k from generate_series(1, 4) g(k)"
    for fetch in ("always", "never"):
        found = colprofile.profile(postgres, query, fetch=fetch)
        assert [column.name for column in found.columns] == ["k"]
        assert [column.reason for column in found.skipped] == ["could not identify an ordering operator for type xid"]


def test_texts_of_a_query_have_the_collation_of_their_column(postgres: sa.Engine) -> None:
    with colprofile.open_source(postgres, "select t, nocase, c, m, 1 as one from types") as source:
        plans = source.plans  # type: ignore[attr-defined]
        assert {name: plan.wire for name, plan in plans.items()} == {
            "t": "text",
            "nocase": "ranked",  # a collation may call different texts equal: only the database compares them
            "c": "text",
            "m": "enum",
            "one": "integer",
        }
        assert plans["nocase"].type == "text collate pg_c_utf8" and plans["t"].type == "text"


def test_equality_is_postgresqls(postgres: sa.Engine) -> None:
    found = colprofile.profile(postgres, "types", pairs=False)
    distinct = {c.name: c.distinct for c in found.columns}
    assert distinct["n"] == 6  # 1.0 is 1.00, NaN is NaN
    assert distinct["d"] == 6  # -0 is 0
    assert distinct["span"] == 2  # a month is 30 days
    assert distinct["zoned_clock"] == 3
    assert distinct["jb"] == 3
    assert distinct["t"] == 6
    assert (found["n"].minimum, found["n"].maximum) == ("0.00000000000000000001", "NaN")
    assert (found["day"].minimum, found["day"].maximum) == ("0044-03-15 BC", "infinity")
    assert found["clock"].maximum == "24:00:00"
    assert found["m"].minimum == "sad" and found["m"].maximum == "happy"
    assert found["zoned"].minimum == "2020-06-01 10:00:00+00"
    assert found["r"].top_values[0].value == 0.1
    assert found["big"].maximum == (1 << 62) + 8


def test_queries_know_the_same_types(postgres: sa.Engine) -> None:
    table = colprofile.profile(postgres, "types", pairs=False)
    query = colprofile.profile(postgres, "select * from types where i::text not like ':x%'", pairs=False)
    pushed = colprofile.profile(postgres, "select * from types", pairs=False, fetch="never")
    for one in (query, pushed):
        assert [c.distinct for c in one.columns] == [c.distinct for c in table.columns]
        assert [c.minimum for c in one.columns] == [c.minimum for c in table.columns]
        assert [c.entropy for c in one.columns] == pytest.approx([c.entropy for c in table.columns], abs=1e-9)


@pytest.fixture(scope="module")
def mariadb(mariadb_url: sa.URL) -> Iterator[sa.Engine]:
    engine = sa.create_engine(mariadb_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "create table types (id integer, ti tinyint(1), ub bigint unsigned, de decimal(30, 4), f float, "
            "d double, ci varchar(20), bi varchar(20) collate utf8mb4_bin, t text, y year, da date, dt datetime(6), "
            "ts timestamp null, ti2 time, e enum('b', 'a'), st set('x', 'y'), bl blob, vb varbinary(9), bt bit(5), "
            "js json, g point)"
        )
        connection.exec_driver_sql(
            "insert into types select seq, seq mod 2, 18446744073709551615 - seq mod 5, seq mod 3 + 0.5, "
            "0.1 + seq mod 3, 1e300 * (seq mod 4), elt(seq mod 4 + 1, 'a', 'A', 'b ', 'B'), "
            "elt(seq mod 4 + 1, 'a', 'A', 'b ', 'b'), concat('t', seq mod 7), 2000 + seq mod 20, "
            "date '2020-02-28' + interval seq mod 5 day, "
            "timestamp '2020-01-01 00:00:00' + interval seq mod 9 microsecond, "
            "timestamp '2020-01-01 00:00:00' + interval seq mod 9 hour, sec_to_time(seq mod 3 * 100000), "
            "elt(seq mod 2 + 1, 'a', 'b'), elt(seq mod 3 + 1, 'x', 'y', 'x,y'), char(seq mod 5), char(seq mod 3), "
            "seq mod 6, concat('{\"a\": ', seq mod 2, '}'), point(seq mod 2, 1) from seq_0_to_149"
        )
        connection.exec_driver_sql("insert into types (id) values (null)")
    yield engine
    engine.dispose()


def test_every_type_of_mariadb(mariadb: sa.Engine) -> None:
    fetched = colprofile.profile(mariadb, "types", fetch="always")
    pushed = colprofile.profile(mariadb, "types", fetch="never")
    assert profile_differences(fetched, pushed) == []
    distinct = {c.name: c.distinct for c in fetched.columns}
    assert distinct["ci"] == 2 and distinct["bi"] == 3  # its collations ignore case, and spaces at the end
    assert distinct["ub"] == 5 and fetched["ub"].maximum == (1 << 64) - 1
    assert fetched["e"].minimum == "b"
    assert fetched["de"].maximum == "2.5000"


LOOSE = """
create table loose (mixed, whole integer, either real, boolean_ boolean, text_ text, blob_ blob, wide, empty,
                    huge real, nocase text collate nocase);
"""


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    path = tmp_path / "loose.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(LOOSE)
    mixed = [1, 1.0, "1", b"1", None, "x", 2.5]
    rows = [
        (
            mixed[k % 7],
            k % 5,
            [1, 1.5][k % 2],
            k % 2,
            ["a", "A", "é", ""][k % 4],
            bytes([k % 3]),
            [(1 << 62) + 1, 1.5][k % 2],
            None,
            [float("inf"), 1e308, -1.5][k % 3],
            ["a", "A", "b"][k % 3],
        )
        for k in range(120)
    ]
    connection.executemany(f"insert into loose values ({', '.join('?' * 10)})", rows)
    connection.commit()
    connection.close()
    return path


def test_values_of_several_types_in_one_column_of_sqlite(loose: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{loose}")
    fetched = colprofile.profile(engine, "loose", fetch="always")
    pushed = colprofile.profile(engine, "loose", fetch="never")
    assert profile_differences(fetched, pushed) == []
    assert fetched["mixed"].distinct == 5  # 1 and 1.0 are one value, '1' and x'31' are not
    assert fetched["nocase"].distinct == 2
    assert fetched["wide"].distinct == 2
    assert fetched["huge"].mean is None
    kinds = {c.name: c.kind for c in fetched.columns}
    assert kinds["boolean_"] == "boolean" and kinds["either"] == "numeric"
    engine.dispose()
    assert colprofile.profile(str(loose), pairs=False)["text_"].distinct == 4


def test_text_that_is_no_utf8_is_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "broken.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("create table t (x text)")
    for raw in ("ff", "fe", "c3a9"):
        connection.execute(f"insert into t select cast(x'{raw}' as text)")
    connection.commit()
    connection.close()
    for fetch in ("always", "never"):
        assert colprofile.profile(f"sqlite:///{path}", "t", fetch=fetch)["x"].distinct == 3
