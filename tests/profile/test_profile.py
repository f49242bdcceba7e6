"""profile() end to end: real tables against known figures and oracles, hostile tables, interruption, memory."""

from __future__ import annotations

import json
import math
import os
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mutual_info_score

import colprofile
from colprofile.errors import ArgumentError
from colprofile.results.column import ColumnProfile
from colprofile.results.json_schema import schema_path
from colprofile.results.pair import PairProfile
from colprofile.verbs.profile.limits import parse_bytes
from tests.support import slow_twins
from tests.support.interruption import interrupt
from tests.support.tables import every_type, flights, flights_connection, zip_codes


class TestFlights:
    def test_size(self, flights_profile: colprofile.Profile) -> None:
        assert (flights_profile.rows, len(flights_profile.columns), len(flights_profile.pairs)) == (336_776, 19, 171)
        assert flights_profile.provenance.is_exact
        assert flights_profile.skipped == ()

    def test_entropies_are_duckdbs(self, flights_profile: colprofile.Profile) -> None:
        names = [column.name for column in flights_profile.columns]
        selected = ", ".join(f'entropy("{name}"), count(distinct "{name}"), count("{name}")' for name in names)
        row = flights_connection().execute(f"select {selected} from flights").fetchall()[0]
        for number, column in enumerate(flights_profile.columns):
            entropy, distinct, filled = row[3 * number : 3 * number + 3]
            assert column.entropy == pytest.approx(entropy, abs=1e-9)
            assert (column.distinct, column.rows - column.nulls) == (distinct, filled)

    @pytest.mark.parametrize(
        ("x", "y", "bits"), [("dest", "tailnum", 2.5209), ("dest", "distance", 5.636), ("carrier", "dest", 1.621)]
    )
    def test_known_mutual_information(self, flights_profile: colprofile.Profile, x: str, y: str, bits: float) -> None:
        digits = len(str(bits).split(".")[1])
        assert round(flights_profile.pair(x, y).mutual_information or 0, digits) == bits

    def test_every_mutual_information_is_duckdbs(self, flights_profile: colprofile.Profile) -> None:
        for pair in flights_profile.pairs:
            x, y = f'"{pair.x}"', f'"{pair.y}"'
            bits = (
                flights_connection()
                .execute(
                    f"select entropy({x}) + entropy({y}) - entropy(({x}, {y})), count(*) from flights "
                    f"where {x} is not null and {y} is not null"
                )
                .fetchall()
            )
            assert pair.mutual_information == pytest.approx(bits[0][0], abs=1e-9) and pair.rows == bits[0][1]

    @pytest.mark.parametrize(("x", "y"), [("origin", "carrier"), ("month", "dest"), ("dep_delay", "hour")])
    def test_scikit_learn_agrees(self, flights_profile: colprofile.Profile, x: str, y: str) -> None:
        complete = flights()[[x, y]].dropna()
        nats = mutual_info_score(complete[x].factorize()[0], complete[y].factorize()[0])
        assert flights_profile.pair(x, y).mutual_information == pytest.approx(nats / math.log(2), abs=1e-9)

    def test_pearson_is_pandas(self, flights_profile: colprofile.Profile) -> None:
        expected = flights().corr(numeric_only=True)
        numeric = [column.name for column in flights_profile.columns if column.kind == "numeric"]
        for x, y in combinations(numeric, 2):
            r = flights_profile.pair(x, y).pearson
            if "year" in (x, y):
                assert r is None
            else:
                assert r == pytest.approx(expected.loc[x, y], abs=1e-9)

    def test_exact_and_near_dependencies(self, flights_profile: colprofile.Profile) -> None:
        for whole, part in [("sched_dep_time", "hour"), ("sched_dep_time", "minute"), ("time_hour", "month")]:
            pair = flights_profile.pair(whole, part)
            determination = pair.x_to_y if pair.x == whole else pair.y_to_x
            assert determination is not None
            assert determination.is_exact
            assert (determination.violating_rows, determination.mu_plus) == (0, 1.0)
            assert determination.uncertainty_coefficient == 1.0

    @pytest.mark.parametrize(("nulls", "violating"), [("ignore", 203), ("value", 1671)])
    def test_tailnum_nearly_determines_carrier(self, nulls: Any, violating: int) -> None:
        result = colprofile.profile(flights_connection(), "flights", columns=["carrier", "tailnum"], nulls=nulls)
        determination = result.pair("carrier", "tailnum").y_to_x
        assert determination is not None
        assert determination.violating_rows == violating

    def test_year_is_constant_and_nothing_is_a_key(self, flights_profile: colprofile.Profile) -> None:
        assert [c.name for c in flights_profile.columns if c.is_constant] == ["year"]
        assert [c.name for c in flights_profile.columns if c.is_key] == []
        pair = flights_profile.pair("year", "dest")
        assert (pair.mutual_information, pair.dependence) == (0.0, None)
        assert "constant" in pair.undefined["dependence"]

    def test_statistics_are_duckdbs(self, flights_profile: colprofile.Profile) -> None:
        for name in ("dep_delay", "distance", "air_time", "arr_time"):
            column = flights_profile[name]
            probabilities = [quantile.probability for quantile in column.quantiles]
            row = (
                flights_connection()
                .execute(
                    f"select min({name}), max({name}), avg({name}), stddev({name}), "
                    f"quantile_disc({name}, {probabilities}) from flights"
                )
                .fetchall()[0]
            )
            assert (column.minimum, column.maximum) == row[:2]
            assert (column.mean, column.standard_deviation) == pytest.approx(row[2:4], rel=1e-12)
            assert [quantile.value for quantile in column.quantiles] == row[4]

    def test_top_values_and_fingerprint(self, flights_profile: colprofile.Profile) -> None:
        counts = flights()["tailnum"].value_counts()
        column = flights_profile["tailnum"]
        assert [top.count for top in column.top_values] == counts.head(10).tolist()
        assert dict(column.fingerprint) == counts.value_counts().to_dict()

    def test_json_holds_to_the_schema(self, flights_profile: colprofile.Profile, tmp_path: Path) -> None:
        import jsonschema

        data = json.loads(flights_profile.to_json(), parse_constant=pytest.fail)
        jsonschema.validate(data, json.loads(schema_path("colprofile.profile").read_text("utf-8")))
        flights_profile.save(tmp_path / "flights.json")
        assert colprofile.Profile.load(tmp_path / "flights.json") == flights_profile


class TestZipCodes:
    def test_zip_code_is_a_key_and_determines_everything(self, zip_codes_profile: colprofile.Profile) -> None:
        assert [column.name for column in zip_codes_profile.columns if column.is_key] == ["zip_code"]
        for column in zip_codes_profile.columns[1:]:
            pair = zip_codes_profile.pair("zip_code", column.name)
            assert pair.x_to_y is not None
            assert pair.x_to_y.is_exact
            # No zip code is repeated, so nothing speaks for a dependence.
            assert pair.dependence == 0.0 or "constant" in pair.undefined["dependence"]

    def test_city_depends_on_state_and_shuffled_columns_do_not(self, zip_codes_profile: colprofile.Profile) -> None:
        assert (zip_codes_profile.pair("city", "state").dependence or 0) > 0.2
        shuffled = zip_codes()[["city", "state"]].copy()
        rng = np.random.default_rng(11)
        for name in shuffled:
            shuffled[name] = rng.permutation(shuffled[name].to_numpy())
        pair = colprofile.profile(shuffled).pair("city", "state")
        assert (pair.mutual_information or 0) > 1  # by chance alone
        assert pair.dependence is not None
        assert pair.dependence < 0.01


def test_a_square_is_seen_where_pearson_sees_nothing() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=50_000)
    frame = pd.DataFrame({"x": x, "y": x**2 + 0.18 * rng.normal(size=x.size), "noise": rng.normal(size=x.size)})
    result = colprofile.profile(frame)
    pair = result.pair("x", "y")
    assert abs(pair.pearson or 0) < 0.05
    assert (pair.dependence or 0) > 0.95
    assert (result.pair("x", "noise").dependence or 0) < 0.01
    assert pair.bins_x == pair.bins_y == 64


cells = st.one_of(st.none(), st.integers(0, 3))
frames = st.integers(0, 40).flatmap(
    lambda n: st.tuples(
        st.lists(cells, min_size=n, max_size=n),
        st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", ""])), min_size=n, max_size=n),
    )
)


@settings(max_examples=60, deadline=None)
@given(frames, st.sampled_from(["ignore", "value"]))
def test_every_pair_figure_equals_the_slow_loop(columns: tuple[list[Any], list[Any]], nulls: Any) -> None:
    table = pa.table({"x": pa.array(columns[0], pa.int8()), "y": pa.array(columns[1], pa.string())})
    pair = colprofile.profile(table, nulls=nulls).pair("x", "y")
    rows = [row for row in zip(*columns, strict=True) if nulls == "value" or None not in row]
    assert pair.rows == len(rows)
    if not rows:
        assert pair.mutual_information is None
        return
    assert pair.mutual_information == pytest.approx(slow_twins.mutual_information(rows), abs=1e-12)
    assert pair.joint_entropy == pytest.approx(slow_twins.entropy(rows), abs=1e-12)
    assert pair.entropy_y_given_x == pytest.approx(slow_twins.conditional_entropy(rows), abs=1e-12)
    given_y = slow_twins.conditional_entropy(slow_twins.exchanged(rows))
    assert pair.entropy_x_given_y == pytest.approx(given_y, abs=1e-12)
    assert pair.distinct_pairs == len(set(rows))
    for determination, directed in [(pair.x_to_y, rows), (pair.y_to_x, slow_twins.exchanged(rows))]:
        assert determination is not None
        assert determination.violating_rows == slow_twins.violating_rows(directed)
        assert determination.mu_plus == pytest.approx(slow_twins.mu_plus(directed), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 8) | st.none(), max_size=60))
def test_column_figures_equal_scipy(values: list[int | None]) -> None:
    column = colprofile.profile(pa.table({"x": pa.array(values, pa.int64())}))["x"]
    filled = [value for value in values if value is not None]
    if not filled:
        assert (column.entropy, column.perplexity, column.minimum) == (None, None, None)
        return
    counts = np.unique(filled, return_counts=True)[1]
    assert column.entropy == pytest.approx(stats.entropy(counts, base=2), abs=1e-12)
    assert column.entropy_interval == (column.entropy, column.entropy)
    assert (column.is_key, column.is_constant) == (
        len(set(values)) == len(values) and None not in values,
        set(values) == {filled[0]},
    )


def undefined_figures(figures: ColumnProfile | PairProfile) -> set[str]:
    """The figures that are None, of which each must have its reason."""
    names = figures.__dataclass_fields__
    told_by_none = {"bins_x", "bins_y", "sampled_rows", "distinct_interval"}  # not binned, not sampled
    return {name for name in names if getattr(figures, name) is None} - told_by_none


HOSTILE: dict[str, Any] = {
    "no rows": pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}),
    "one row": pa.table({"a": [1], "b": ["x"]}),
    "all NULL": pa.table({"a": pa.nulls(5, pa.float64()), "b": pa.nulls(5, pa.string()), "c": pa.nulls(5)}),
    "one column": pa.table({"a": [1, 2, 2]}),
    "strange floats": pa.table(
        {
            "f": [float("nan"), float("-inf"), float("inf"), -0.0, 0.0, None, 1.5],
            "g": [1e308, -1e308, 1e-308, 5e-324, 0.0, 1.0, None],
        }
    ),
    "never together": pa.table({"a": [1, None, 2, None], "b": [None, 1, None, 2]}),
    "infinite dates": "select * from (values (date 'infinity', timestamp '-infinity'), ('2020-01-01', '2020-01-01')) t",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_hostile_tables_give_right_answers(name: str, nulls: Any) -> None:
    source = HOSTILE[name]
    arguments = (duckdb.connect(), source) if isinstance(source, str) else (source,)
    result = colprofile.profile(*arguments, nulls=nulls)
    json.loads(result.to_json(), parse_constant=pytest.fail)
    everything: list[ColumnProfile | PairProfile] = [*result.columns, *result.pairs]
    for figures in everything:
        assert undefined_figures(figures) == set(figures.undefined)
    result.to_html()
    result.columns_frame()
    result.pairs_frame()


def test_every_type_is_counted_as_duckdb_counts_it() -> None:
    connection = duckdb.connect()
    names = every_type(connection)
    result = colprofile.profile(connection, "types")
    assert [column.name for column in result.columns] == names
    selected = ", ".join(f'entropy("{name}"), count(distinct "{name}")' for name in names)
    row = connection.execute(f"select {selected} from types").fetchall()[0]
    for number, column in enumerate(result.columns):
        if column.name != "nothing":
            assert column.entropy == pytest.approx(row[2 * number], abs=1e-9), column.name
            assert column.distinct == row[2 * number + 1], column.name
    kinds = {column.name: column.kind for column in result.columns}
    assert {name for name, kind in kinds.items() if kind == "nested"} == {
        *("list", "array", "struct", "map", "union", "variant")
    }
    assert {name for name, kind in kinds.items() if kind == "temporal"} == {
        *("date", "time", "timetz", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamptz"),
        "interval",
    }


def test_values_are_in_duckdbs_text_form() -> None:
    connection = duckdb.connect()
    names = every_type(connection)
    result = colprofile.profile(connection, "types", pairs=False)
    connection.execute("set timezone = 'UTC'")
    for name in names:
        column = result[name]
        if column.minimum is None or (column.kind in ("numeric", "boolean") and "decimal" not in name):
            continue
        row = connection.execute(f'select min("{name}")::varchar, max("{name}")::varchar from types').fetchall()[0]
        assert (column.minimum, column.maximum) == row, name


def test_intervals_that_are_equal_are_one_value() -> None:
    query = "select * from (values (interval 30 day), (interval 1 month), (interval 720 hour)) t(i)"
    assert colprofile.profile(duckdb.connect(), query)["i"].distinct == 1


def test_a_thousand_columns() -> None:
    rng = np.random.default_rng(0)
    table = pa.table({f"c{i}": rng.integers(0, 2 + i % 50, 50) for i in range(1000)})
    result = colprofile.profile(table, pairs=False)
    assert len(result.columns) == 1000
    some = colprofile.profile(table, columns=[f"c{i}" for i in range(0, 1000, 12)])
    assert len(some.pairs) == 84 * 83 // 2


def test_more_values_than_fit_sixteen_bits_and_several_batches() -> None:
    connection = duckdb.connect()
    columns = "i as key, i % 70000 as wide, (i * 3) % 70000 as other, 'text ' || i % 66000 as text"
    query = f"select {columns} from range(1200000) r(i)"
    result = colprofile.profile(connection, query)
    assert result["key"].is_key
    assert result["wide"].distinct == result["other"].distinct == 70_000
    assert result["text"].distinct == 66_000
    determination = result.pair("wide", "other").x_to_y
    assert determination is not None and determination.is_exact
    bits = connection.execute(
        f"select entropy(wide) + entropy(text) - entropy((wide, text)) from ({query})"
    ).fetchall()[0][0]
    assert result.pair("wide", "text").mutual_information == pytest.approx(bits, abs=1e-9)


def test_floor_bytes_bound_huffman_and_count_the_null_mask() -> None:
    rows = 4096
    table = pa.table({"even": [i % 4 for i in range(rows)], "half": [i % 4 if i % 2 else None for i in range(rows)]})
    result = colprofile.profile(table)
    assert result["even"].floor_bytes == rows * 2 // 8
    assert result["half"].floor_bytes == (rows // 2 * 1 + rows * 1) // 8


def test_options_that_are_not_allowed() -> None:
    frame = pd.DataFrame({"a": [1]})
    refused: list[tuple[dict[str, Any], str]] = [
        ({"nulls": "drop"}, "'ignore' or 'value'"),
        ({"threads": 0}, "1 or more"),
        ({"memory_limit": "much"}, "is not a size"),
        ({"memory_limit": 5}, "too small: give at least 1MB"),
    ]
    for options, words in refused:
        with pytest.raises(ArgumentError, match=words):
            colprofile.profile(frame, **options)
    assert parse_bytes("1 GiB") == 2**30


INTERRUPTED = """
import sys, duckdb, colprofile
connection = duckdb.connect()
connection.execute('set enable_progress_bar = false')
try:
    print("begin", flush=True)
    colprofile.profile(connection, sys.argv[1])
except KeyboardInterrupt:
    print("interrupted", connection.execute("select 42").fetchall()[0][0], flush=True)
    sys.exit(130)
"""


@pytest.mark.parametrize(
    ("query", "after", "delay"),
    [
        (
            "select " + ", ".join(f"hash(i + {n}) % 5000 as c{n}" for n in range(60)) + " from range(1000000) r(i)",
            "counting pairs",
            0.1,
        ),
        (
            "select sum(hash(a.i + b.i) % 7) over (order by a.i) as s from range(30000) a(i), range(30000) b(i)",
            "begin",
            2.0,
        ),
    ],
    ids=["while counting pairs", "while the database works"],
)
def test_ctrl_c_stops_within_a_second_and_leaves_nothing(query: str, after: str, delay: float, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    # The script's own DuckDB spills to .tmp in its folder.
    found = interrupt(INTERRUPTED, query, after=after, delay=delay, env=environment, cwd=tmp_path)
    assert (found.returncode, found.stdout.splitlines()[-1:], found.stderr) == (130, ["interrupted 42"], "")
    assert found.seconds < 3, "a busy machine is given some more than the promised second"
    assert list(temporary.iterdir()) == []
