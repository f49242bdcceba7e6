"""What ANALYZE saved, read back from a real PostgreSQL: every type, hostile names, several columns together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import sqlalchemy as sa

from colprofile.catalogs.analyze import expected_statistics
from colprofile.catalogs.counts import count_column, count_rows, draw_combinations
from colprofile.catalogs.histograms import saved_histogram
from colprofile.catalogs.parsing import parse_dependencies, parse_distinct, parse_value
from colprofile.catalogs.postgresql import read_table
from colprofile.errors import SourceError, SourceNotFound
from tests.support.postgres_tables import TYPES_TABLE, connected, run_all

HOSTILE = "a\"b%(values)s:x {column} '; --\n<script>"
HOSTILE_SQL = HOSTILE.replace('"', '""')


@pytest.fixture(scope="module")
def url(new_postgres_database: Callable[[], sa.URL]) -> sa.URL:
    made = new_postgres_database()
    run_all(made, [*TYPES_TABLE.split(";\n"), "analyze types"])
    run_all(
        made,
        [
            f'create table "Mixed ""Case%" ("{HOSTILE_SQL}" int, "B" text, "select" int)',
            'insert into "Mixed ""Case%" select i % 10, \'v\' || i % 10, i % 5 from generate_series(1, 1000) i',
            f'create statistics "St""at" on "{HOSTILE_SQL}", "B" from "Mixed ""Case%"',
            'create statistics unfilled (mcv) on "B", "select" from "Mixed ""Case%"',
            'create statistics over_expression on ("select" + 1), "B" from "Mixed ""Case%"',
            'analyze "Mixed ""Case%"',
            'create view some_view as select 1 as x from "Mixed ""Case%"',
            "create sequence some_sequence",
            "create schema other",
            "create table other.hidden (x int)",
        ],
    )
    return made


@pytest.fixture(scope="module")
def connection(url: sa.URL) -> Iterator[sa.Connection]:
    with connected(url) as opened:
        yield opened


def test_every_type_is_counted_and_its_saved_values_are_found(connection: sa.Connection) -> None:
    table = read_table(connection, "types")
    rows, filled = count_rows(connection, table, table.columns)
    assert rows == 900
    for column, expected in zip(table.columns, filled, strict=True):
        counts = count_column(connection, table, column, 100)
        assert int(counts.counts.sum()) == expected, column.name
        if column.name != "composite":
            np.testing.assert_allclose(counts.saved / rows, column.frequencies, atol=1e-6, err_msg=column.name)
        assert sum(value.rows for value in counts.drawn) == expected, column.name


def test_saved_values_are_parsed_by_their_type(connection: sa.Connection) -> None:
    table = read_table(connection, "types")

    def values(name: str) -> set[object]:
        histogram = saved_histogram(table.column(name), table.saved_rows or 0)
        assert histogram is not None
        return set(histogram.values)

    assert values("words") == {
        "plain", "with, comma", 'with "quote"', "with {brace}", "back\\slash", "", "NULL", "ünï", "new\nline",
    }  # fmt: skip
    assert values("whole") == {0, 1, 2, 3, 4}
    assert values("small") == set(range(9))
    assert values("exact") == {"0", "0.5", "1"}
    assert values("odd") == {"nan", "inf", 0.0, 1.0}
    assert values("flag") == {True, False}
    assert values("mood") == {'so "so"', "good, really", "{bad}"}
    assert values("list") == {f"{{{a},NULL,{b}}}" for a in range(2) for b in range(3)}
    assert values("day") == {f"2024-01-0{day}" for day in range(1, 7)}


def test_a_histogram_holds_every_row_once(connection: sa.Connection) -> None:
    table = read_table(connection, "types")
    for column in table.columns:
        histogram = saved_histogram(column, 12_345)
        assert histogram is not None
        tail = sum(histogram.bin_counts) + sum(histogram.bucket_counts)
        assert histogram.nulls + sum(histogram.counts) + tail == 12_345, column.name
        assert len(histogram.edges) == len(histogram.bin_counts) + bool(histogram.bin_counts)


def test_bins_hold_equal_shares_of_what_is_not_among_the_values(new_postgres_database: Callable[[], sa.URL]) -> None:
    made = new_postgres_database()
    run_all(
        made,
        [
            "create table t as select case when i % 4 = 0 then 7 else i end as x, timestamptz '2024-01-01 00:00+00' "
            "+ i * interval '1 s' as moment from generate_series(1, 20000) i",
            "analyze t",
        ],
    )
    with connected(made) as connection:
        table = read_table(connection, "t")
    histogram = saved_histogram(table.column("x"), 20_000)
    assert histogram is not None
    assert histogram.values == (7,)
    assert sum(histogram.counts) == pytest.approx(5000, abs=100)
    assert len(histogram.bin_counts) == 100
    assert max(histogram.bin_counts) - min(histogram.bin_counts) <= 1
    assert histogram.edges == tuple(sorted(histogram.edges))
    moments = saved_histogram(table.column("moment"), 20_000)
    assert moments is not None
    assert moments.edges[0] == pytest.approx(1_704_067_200_000_000 + 1e6)


def test_a_hostile_name_is_only_a_name(connection: sa.Connection) -> None:
    table = read_table(connection, '"Mixed ""Case%"')
    assert table.name == 'Mixed "Case%'
    columns = [table.column(HOSTILE), table.column("B")]
    assert count_rows(connection, table, columns) == (1000, [1000, 1000])
    assert count_column(connection, table, columns[0], 10).counts.tolist() == [100] * 10
    joint = draw_combinations(connection, table, columns, 100, literals=True, texts=True)
    assert (joint.rows, joint.combinations, joint.determined) == (1000, 10, (1000, 1000))


def test_statistics_of_several_columns_are_read(connection: sa.Connection) -> None:
    table = read_table(connection, 'Mixed "Case%')
    by_name = {item.name: item for item in table.extended}
    found = by_name['St"at']
    assert found.kinds == ("ndistinct", "dependencies", "mcv")
    assert found.columns == (HOSTILE, "B")
    assert found.distinct == {frozenset((HOSTILE, "B")): 10.0}
    assert {(item.given, item.implied): item.degree for item in found.dependencies} == {
        ((HOSTILE,), "B"): 1.0,
        (("B",), HOSTILE): 1.0,
    }
    assert sorted(found.values) == [(str(i), f"v{i}") for i in range(10)]
    assert sum(found.frequencies) == pytest.approx(1)
    assert by_name["over_expression"].values == ()
    assert found.quoted == 'public."St""at"'


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("some_view", SourceError, "is a view: the planner keeps no statistics"),
        ("some_sequence", SourceError, "is a sequence"),
        ("typos", SourceNotFound, "Did you mean 'types'"),
        ("hidden", SourceNotFound, "Did you mean 'other.hidden'"),
        ("a.b.types", SourceNotFound, "no table 'a.b.types' in the database"),
        ("", SourceNotFound, "no table '' in the database"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    connection: sa.Connection, name: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        read_table(connection, name)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["types", "TYPES", "public.types", "Public.Types", "other.hidden"])
def test_a_name_is_taken_as_sql_takes_it(connection: sa.Connection, name: str) -> None:
    assert read_table(connection, name).name == name.lower().split(".")[-1]


def test_values_that_json_cannot_hold_stay_text() -> None:
    assert parse_value("Infinity", "float4") == "inf"
    assert parse_value("12345678901234567890.5", "numeric") == "12345678901234567890.5"


def test_both_forms_of_extended_statistics_are_read() -> None:
    names = {1: "a", 2: "b", 3: "c"}
    assert parse_distinct('[{"attributes": [1, 2], "ndistinct": 5}]', names) == {frozenset("ab"): 5.0}
    assert parse_distinct('{"1, 2": 5, "-1, 2": 7}', names) == {frozenset("ab"): 5.0}
    new = parse_dependencies('[{"attributes": [1, 2], "dependency": 3, "degree": 0.25}]', names)
    assert new == parse_dependencies('{"1, 2 => 3": 0.25, "-1 => 2": 1.0}', names)
    assert (new[0].given, new[0].implied, new[0].degree) == (("a", "b"), "c", 0.25)
    assert parse_dependencies(None, names) == () and parse_distinct(None, names) == {}


@pytest.mark.parametrize("target", [10, 100, 1000])
def test_what_analyze_will_save_is_foretold(new_postgres_database: Callable[[], sa.URL], target: int) -> None:
    made = new_postgres_database()
    shapes = {
        "few": "i % 7",
        "uniform": "(random() * 3000)::int",
        "skewed": "(random() ^ 6 * 20000)::int",
        "heavy": "case when random() < 0.7 then 1 else (random() * 100000)::int end",
        "key": "i",
        "holes": "case when i % 3 > 0 then (random() ^ 3 * 500)::int end",
    }
    columns = ", ".join(f"{shape} as {name}" for name, shape in shapes.items())
    run_all(
        made,
        [
            f"select setseed(0.3); create table t as select {columns} from generate_series(1, 150000) i",
            f"set default_statistics_target = {target}; analyze t",
        ],
    )
    with connected(made) as connection:
        table = read_table(connection, "t")
        for column in table.columns:
            counts = count_column(connection, table, column, 0).counts.astype(np.float64)
            told = expected_statistics(counts, 150_000, target)
            saved = column.distinct if column.distinct > 0 else -column.distinct * 150_000
            assert told.distinct == pytest.approx(saved, rel=0.15), column.name
            if column.name == "uniform":
                continue  # where all are alike, chance alone lifts some above the others
            # Chance decides about the last few of the list.
            assert told.saved == pytest.approx(len(column.values), abs=max(3, 0.35 * target)), column.name
