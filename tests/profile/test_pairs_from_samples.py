"""Profiles from samples: what is promised is what an exact profile has."""

from __future__ import annotations

import functools
import math
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

import colprofile
from colprofile.counting.sampling import RowDraw
from colprofile.errors import ArgumentError, SourceError, SourceNotFound
from colprofile.report.profile.findings import sentences
from colprofile.report.profile.terminal import render_terminal
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.sources.duckdb import unregister
from colprofile.sources.open import open_source
from colprofile.verbs.profile import pairs_from_samples as anytime
from colprofile.verbs.profile import round_costs
from colprofile.verbs.profile.count_table import encoded, pair_counter
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.profile.pairs_from_samples import FIRST_ROWS, LAST_SHARE
from colprofile.verbs.profile.sampling import Sampling
from colprofile.verbs.profile.session import counting_session
from tests.support.command_line import run

ROWS = 600_000
SHAPES = """
    hash(i, 1) % 40 as a,
    case when hash(i, 2) % 10 < 8 then hash(i, 1) % 40 // 4 else hash(i, 3) % 10 end as near,
    case when hash(i, 4) % 10 < 3 then hash(i, 1) % 40 // 2 else hash(i, 5) % 20 end as far,
    case when hash(i, 6) % 5 > 0 then hash(i, 7) % 12 end as holes,
    case when hash(i, 8) % 7 > 0 then hash(i, 7) % 12 // 3 end as holes_too,
    (hash(i, 9) % 30000)::varchar as wide,
    hash(i, 10) % 100000 as number,
    (hash(i, 10) % 100000) // 1000 + hash(i, 11) % 20 as rough,
    hash(i, 12) % 2 = 0 as coin,
    5 as constant,
    i as key
"""


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"create table t as select {SHAPES} from range({ROWS}) as r(i)")
        yield connection


@pytest.fixture(scope="module")
def exact(con: duckdb.DuckDBPyConnection) -> Any:
    return functools.cache(lambda nulls: colprofile.profile(con, "t", nulls=nulls))


def names(pairs: tuple[PairProfile, ...]) -> list[tuple[str, str]]:
    return [(pair.x, pair.y) for pair in pairs]


def assert_true(found: Profile, exact: Profile) -> None:
    """Every interval holds the exact figure, and every figure without a width is it."""
    for pair in found.pairs:
        wanted = exact.pair(pair.x, pair.y)
        if pair.mutual_information_interval is None or wanted.mutual_information is None:
            assert pair.mutual_information is None
            continue
        low, high = pair.mutual_information_interval
        assert low - 1e-9 <= wanted.mutual_information <= high + 1e-9, (pair.x, pair.y)
        assert pair.mutual_information is not None and low <= pair.mutual_information <= high
        if pair.sampled_rows is None:
            assert pair == wanted
        else:
            assert pair.x_to_y is None and "sample of" in pair.undefined["x_to_y"]
    for column in found.columns:
        wanted_column = exact[column.name]
        if column.sampled_rows is None:
            assert column == wanted_column
        elif column.entropy_interval is not None:
            assert (
                column.entropy_interval[0] - 1e-9 <= (wanted_column.entropy or 0) <= column.entropy_interval[1] + 1e-9
            )
        if column.distinct_interval is not None:
            assert column.distinct_interval[0] <= wanted_column.distinct <= column.distinct_interval[1]


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("wanted", [1, 5, 9])
def test_the_top_is_that_of_an_exact_profile(
    con: duckdb.DuckDBPyConnection, exact: Any, wanted: int, nulls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(round_costs, "_DECISION_COST", 1)  # rounds are worth it even of a table so small
    found = colprofile.profile(con, "t", top_pairs=wanted, nulls=nulls)
    assert names(found.pairs) == names(exact(nulls).pairs[:wanted])
    assert_true(found, exact(nulls))
    assert found.provenance.is_exact and found.ledger is None and found.edges == ()
    [note] = [note for note in found.notes if note.startswith("Of ")]
    shown = "the strongest is shown" if wanted == 1 else f"the {wanted} strongest are shown"
    assert f"Of 55 pairs {shown}: " in note and "were left out from samples of up to" in note


@pytest.mark.parametrize("least", [0.05, 0.3, 0.9999, 1.0])
def test_all_above_a_threshold_come_out(
    con: duckdb.DuckDBPyConnection, exact: Any, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(round_costs, "_DECISION_COST", 1)
    found = colprofile.profile(con, "t", min_dependence=least)
    wanted = [pair for pair in exact("ignore").pairs if (pair.dependence or 0) >= least]
    assert names(found.pairs) == names(tuple(wanted))
    assert_true(found, exact("ignore"))


MIXED = 20_000


def mixed(seed: int) -> pa.Table:
    """Return a table with columns of every kind, some of which depend on each other."""
    rng = np.random.default_rng([seed, 3])
    normal, other, text = rng.normal(size=MIXED), rng.normal(size=MIXED), rng.integers(0, 30, MIXED)
    strength = rng.uniform(0.2, 0.98)
    hours = rng.integers(0, 2_000, MIXED)
    key = rng.permutation(MIXED)
    is_null = rng.random(MIXED) < rng.uniform(0, 0.4)
    return pa.table(
        {
            "normal": normal,
            "linear": strength * normal + np.sqrt(1 - strength**2) * other,
            "square": pa.array(np.round(normal**2 * 9).astype(int), mask=is_null),
            "text": pa.array([f"v{i}" for i in text]),
            "by_text": text % 7 + rng.normal(size=MIXED) * strength,
            "time": pa.array(hours * 3_600_000_000, pa.timestamp("us")),
            "hour": pa.array(hours % 24, mask=rng.random(MIXED) < 0.02),
            "key": key,
            "name": pa.array([f"k{i}" for i in np.where(rng.random(MIXED) < 0.1, 0, key)]),
            "holes": pa.array(hours % 24 // 5 + rng.integers(0, 3, MIXED), mask=is_null & (hours % 24 > 12)),
            "group": key // 4_000 + rng.integers(0, 2, MIXED),
            "coin": rng.integers(0, 2, MIXED),
        }
    )


def sample_small_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make rounds worth their cost in tables so small that they can be counted often."""
    for name, value in {"FIRST_ROWS": 1_500, "LAST_SHARE": 3}.items():
        monkeypatch.setattr(anytime, name, value)
    for name, value in {"_DECISION_COST": 0, "_NARROW_COST": 1_000}.items():
        monkeypatch.setattr(round_costs, name, value)


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("seed", range(2))
def test_what_comes_out_is_what_counting_everything_gives(
    seed: int, nulls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample_small_tables(monkeypatch)
    table = mixed(seed)
    wanted = colprofile.profile(table, nulls=nulls)
    every: list[dict[str, Any]] = [
        {"top_pairs": 3},
        {"top_pairs": 12},
        {"min_dependence": 0.6},
        {"min_dependence": 0.2},
    ]
    for options in every:
        found = colprofile.profile(table, nulls=nulls, seed=seed, **options)
        strong = [pair for pair in wanted.pairs if (pair.dependence or 0) >= options.get("min_dependence", 0)]
        assert found.pairs == tuple(strong[: options.get("top_pairs")])
        [note] = [note for note in found.notes if note.startswith("Of ")]
        assert "left out from samples" in note or options in ({"top_pairs": 12}, {"min_dependence": 0.2})


@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_a_pair_is_ruled_out_wrongly_no_more_often_than_promised(nulls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sample_small_tables(monkeypatch)
    delta, trials = 0.5, 16
    counting = Counting(nulls=nulls, sampling=Sampling(min_dependence=0.5))
    with counting_session(mixed(9), None, counting, Reading(progress=False)) as session:
        schema, batches = session.source.batches(session.columns)
        with encoded(session, schema, batches, lambda rows: None) as table:
            count = pair_counter(session, table)
            missed = np.zeros(66, int)
            below = 0
            for seed in range(trials):
                rounds = anytime._Rounds(session, table, count)
                rounds.drawn, rounds.delta = RowDraw(table.rows, seed), delta
                if not seed:
                    exact = np.array([pair.dependence or 0.0 for pair in count(rounds.pairs)])
                size = (300, 3_000)[seed % 2]
                rounds.draw(size, rounds.pairs)
                bounds = [
                    rounds._upper(pair, size, least)
                    for pair, least in zip(rounds.pairs, np.maximum(exact, 0.3), strict=True)
                ]
                missed += np.array(bounds) < exact - 1e-9
                below += sum(high < 1.0 for high in bounds)
    assert below > 30 * trials
    assert (missed <= stats.binom.ppf(0.9999, trials, delta)).all()


def test_both_limits_together(con: duckdb.DuckDBPyConnection, exact: Any) -> None:
    least = exact("ignore").pairs[5].dependence
    found = colprofile.profile(con, "t", top_pairs=9, min_dependence=least)
    assert names(found.pairs) == names(exact("ignore").pairs[:6])
    [note] = [note for note in found.notes if note.startswith("Of ")]
    assert f"the 6 strongest with a dependence of at least {least:g} are shown: " in note
    none = colprofile.profile(con, "t", columns=["coin", "rough"], min_dependence=0.9)
    assert any(note.startswith("Of 1 pairs none has a dependence of at least 0.9") for note in none.notes)


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("precision", [1.0, 0.2])
def test_intervals_are_as_narrow_as_asked(
    con: duckdb.DuckDBPyConnection, exact: Any, precision: float, nulls: Any
) -> None:
    found = colprofile.profile(con, "t", precision=precision, nulls=nulls)
    assert_true(found, exact(nulls))
    assert len(found.pairs) == 55
    sampled = [pair for pair in found.pairs if pair.sampled_rows]
    assert len(sampled) >= (10 if precision == 1.0 else 5)
    for pair in sampled:
        assert pair.mutual_information_interval is not None and pair.sampled_rows is not None
        assert pair.mutual_information_interval[1] - pair.mutual_information_interval[0] <= precision
        assert FIRST_ROWS <= pair.sampled_rows <= ROWS // LAST_SHARE
    assert not found.provenance.is_exact
    assert found.provenance.sampled_rows == max(pair.sampled_rows or 0 for pair in sampled)
    assert all(column.sampled_rows is None for column in found.columns)


def test_more_precision_takes_more_rows(con: duckdb.DuckDBPyConnection) -> None:
    rough, fine = (colprofile.profile(con, "t", precision=bits) for bits in (2.0, 0.05))
    assert sum(pair.sampled_rows is None for pair in fine.pairs) > sum(
        pair.sampled_rows is None for pair in rough.pairs
    )


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("seed", range(2))
def test_a_sample_bounds_the_whole_table(con: duckdb.DuckDBPyConnection, exact: Any, seed: int, nulls: Any) -> None:
    found = colprofile.profile(con, "t", sample_rows=20_000, seed=seed, nulls=nulls, confidence=0.999)
    assert_true(found, exact(nulls))
    assert found.rows == ROWS
    assert found.provenance.sampled_rows == 20_000 and not found.provenance.is_exact
    assert {column.sampled_rows for column in found.columns} == {20_000}
    assert not any(column.is_key or column.is_constant for column in found.columns)
    key = found["key"]
    assert key.entropy_interval is not None and key.entropy_interval[0] > math.log2(20_000) + 2
    share = found["holes"].null_share
    assert abs(share - 0.2) < 0.02 and found["holes"].rows == ROWS


def test_a_sample_says_what_it_cannot_say(con: duckdb.DuckDBPyConnection) -> None:
    found = colprofile.profile(con, "t", sample_rows=200)
    [note] = [note for note in found.notes if "says nothing" in note]
    told = re.search(
        r"The sample says nothing about 50 pairs .*: a sample of ([0-9,]+) rows .* enough for (\d+) of", note
    )
    assert told is not None
    more = colprofile.profile(con, "t", sample_rows=int(told[1].replace(",", "")), seed=1)
    left = [re.search(r"says nothing about (\d+) pairs?", note) for note in more.notes]
    assert sum(int(found[1]) for found in left if found) <= 50 - int(told[2])
    few = colprofile.profile(con, "select * from t limit 300", sample_rows=200)
    [note] = [note for note in few.notes if "says nothing" in note]
    assert note.endswith("count every row, or estimate all pairs to a precision.")
    assert found["wide"].max_entropy is None and "sample of 200 rows" in found["wide"].undefined["max_entropy"]


def test_the_same_seed_draws_the_same_rows(con: duckdb.DuckDBPyConnection) -> None:
    one, same, other = (colprofile.profile(con, "t", sample_rows=1_000, seed=seed) for seed in (4, 4, 5))
    assert one.columns == same.columns and one.pairs == same.pairs
    assert one["number"].top_values != other["number"].top_values
    # What DuckDB ranks comes out of its window functions in any order.
    nested = (
        "select [a % 5] as list, a, near, (i * 7919) % 1000 * interval 1 day as days from (select *, key as i from t)"
    )
    one, same = (colprofile.profile(con, nested, sample_rows=1_000, seed=4) for _ in range(2))
    assert one.columns == same.columns and one.pairs == same.pairs


def test_a_sample_of_everything_is_exact(con: duckdb.DuckDBPyConnection, exact: Any) -> None:
    found = colprofile.profile(con, "select * from t limit 500", sample_rows=500)
    assert found.provenance.is_exact and found["a"].sampled_rows is None
    few = colprofile.profile(con, "select * from t limit 500", top_pairs=3)
    assert names(few.pairs) == names(colprofile.profile(con, "select * from t limit 500").pairs[:3])


def test_files_frames_and_urls_are_sampled_too(tmp_path: Path, con: duckdb.DuckDBPyConnection, exact: Any) -> None:
    import sqlite3

    path = tmp_path / "t.parquet"
    con.execute(f"copy (select a, near, coin from t limit 50000) to '{path}'")
    wanted = colprofile.profile(path)
    rows = con.execute("select a, near, coin from t limit 50000").fetchall()
    with sqlite3.connect(tmp_path / "t.sqlite") as lite:
        lite.execute("create table t (a integer, near integer, coin integer)")
        lite.executemany("insert into t values (?, ?, ?)", rows)
    lite.close()
    sources: list[tuple[Any, str | None]] = [
        (path, None),
        (con.execute("select a, near, coin from t limit 50000").df(), None),
        (f"sqlite:///{tmp_path / 't.sqlite'}", "t"),
    ]
    for source, table in sources:
        found = colprofile.profile(source, table, sample_rows=5_000, confidence=0.999)
        assert found.rows == 50_000 and found["a"].sampled_rows == 5_000
        bits = found["a"].entropy_interval
        assert bits is not None and bits[0] <= (wanted["a"].entropy or 0) <= bits[1]
        shared = found.pair("a", "near").mutual_information_interval
        assert shared is not None and shared[0] <= (wanted.pair("a", "near").mutual_information or 0) <= shared[1]


def test_reports_frames_and_files_show_the_intervals(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    found = colprofile.profile(con, "t", sample_rows=5_000)
    path = tmp_path / "sample.json"
    found.save(path)
    assert Profile.load(path) == found
    frame = found.columns_frame()
    assert (frame["entropy_lower"] <= frame["entropy_upper"]).all()
    assert (frame["sampled_rows"] == 5_000).all() and (frame["distinct_lower"] <= frame["distinct_upper"]).all()
    assert (found.pairs_frame()["sampled_rows"] == 5_000).all()
    low, high = found["a"].entropy_interval or (0.0, 0.0)
    text = render_terminal(found)
    assert "estimated from 5,000 rows" in text
    assert f"{low:.3f}–{high:.3f}" in text
    page = found.to_html()
    assert f"{low:.3f} to {high:.3f}" in page and "5,000" in page


def test_a_sample_of_nothing_but_null_proves_nothing() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table t as select case when i = 7 then 1 end as rare, 5 as same from range(9999) r(i)"
        )
        found = colprofile.profile(connection, "t", sample_rows=20)
    text = " ".join(render_terminal(found).split())
    assert "A sample proves no key, constant or dependency." in text
    assert "only NULL" not in text and "constant none" not in text
    assert "only NULL" not in found.to_html()


def test_findings_from_a_sample_say_only_what_is_sure(con: duckdb.DuckDBPyConnection) -> None:
    found = colprofile.profile(con, "t", sample_rows=20_000, columns=["a", "near", "wide", "number"])
    said = {
        f"{finding.pair.x} {finding.pair.y}": finding.plain()
        for finding in sentences(found)
        if finding.kind == "planner" and finding.pair is not None
    }
    sure = {f"{pair.x} {pair.y}" for pair in found.pairs if (pair.mutual_information_interval or (0.0,))[0] > 0}
    assert "near wide" not in sure and set(said) <= sure and len(said) == 2
    low = (found.pair("a", "near").mutual_information_interval or (0.0, 0.0))[0]
    assert low > 0.5 and f"share at least {low:.3f} bits" in said["a near"]
    assert f"by a factor of at least {2**low:.1f}" in said["a near"]


def test_pairs_that_were_left_out_are_not_denied(con: duckdb.DuckDBPyConnection) -> None:
    found = colprofile.profile(con, "t", top_pairs=2)
    with pytest.raises(SourceNotFound, match="is not among the strongest, which alone this profile has"):
        found.pair("coin", "constant")


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_tiny_tables(con: duckdb.DuckDBPyConnection, rows: int) -> None:
    query = f"select * from t limit {rows}"
    for options in ({"top_pairs": 3}, {"precision": 0.1}, {"min_dependence": 0.5}, {"sample_rows": 2}):
        found = colprofile.profile(con, query, **options)
        assert found.rows == rows and len(found.columns) == 11


def test_columns_of_nothing_but_null(con: duckdb.DuckDBPyConnection) -> None:
    query = f"select null::integer as nothing, i % 7 as x, i % 3 as y from range({ROWS // 3}) as r(i)"
    wanted = colprofile.profile(con, query)
    for options in ({"top_pairs": 1}, {"precision": 0.5}, {"sample_rows": 4_000}):
        found = colprofile.profile(con, query, **options)
        assert found["nothing"].entropy is None
        assert_true(found, wanted)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top_pairs": 0}, "top_pairs=0 is not allowed: give a whole number of at least 1"),
        ({"top_pairs": True}, "top_pairs=True is not allowed"),
        ({"precision": 0}, "precision=0 is not allowed: give bits, above 0"),
        ({"precision": float("nan")}, "precision=nan is not allowed"),
        ({"min_dependence": 1.5}, "min_dependence=1.5 is not allowed: give a number above 0 and at most 1"),
        ({"sample_rows": 1}, "sample_rows=1 is not allowed: give a whole number of at least 2, or a share"),
        ({"sample_rows": "0%"}, "or a share such as '10%'"),
        ({"sample_rows": 0.1}, "or a share such as '10%'"),
        ({"confidence": 1.0}, "confidence=1.0 is not allowed: give a number above 0 and below 1"),
        ({"seed": -1}, "seed=-1 is not allowed"),
        ({"precision": 0.1, "sample_rows": 10}, "precision= and sample_rows= exclude each other"),
        ({"top_pairs": 1, "precision": 0.1}, "precision= and top_pairs= exclude each other"),
        ({"min_dependence": 0.1, "sample_rows": 10}, "min_dependence= and sample_rows= exclude each other"),
        ({"top_pairs": 1, "pairs": False}, "are about pairs: leave out pairs=False"),
    ],
)
def test_options_that_make_no_sense(con: duckdb.DuckDBPyConnection, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        colprofile.profile(con, "t", **options)


def test_a_sample_of_a_sample_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ArgumentError, match="a query that samples by itself bounds nothing"):
        colprofile.profile(con, "select * from t using sample 10%", sample_rows=100)
    con.execute("create temp view few as select * from t using sample 10%")
    try:
        with pytest.raises(ArgumentError, match="a query that samples by itself bounds nothing"):
            colprofile.profile(con, "few", sample_rows=100)
    finally:
        con.execute("drop view few")


def test_every_row_is_as_likely_as_every_other(con: duckdb.DuckDBPyConnection) -> None:
    """The first rows of a table too, of which DuckDB's reservoir takes a fifth too few; and pairs of rows."""
    query = "(select i from range(20) as r(i))"
    taken = np.zeros((20, 20))
    with open_source(con, query[1:-1]) as source:
        for seed in range(2_000):
            with source.sampled_batches(source.columns, 20, 5, seed) as (_, batches):
                rows = np.concatenate([batch.column(0).to_numpy() for batch in batches])
            taken[np.ix_(rows, rows)] += 1
    assert stats.chisquare(np.diag(taken)).pvalue > 1e-4
    assert stats.chisquare(taken[np.triu_indices(20, 1)]).pvalue > 1e-4
    assert con.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]


def test_what_was_registered_is_forgotten_though_ctrl_c_interrupts() -> None:
    with duckdb.connect() as connection:
        is_over = threading.Event()

        def interrupt() -> None:
            while not is_over.wait(0.0002):
                connection.interrupt()

        for _ in range(20):
            connection.register("drawn", pa.table({"a": [1]}))
            is_over.clear()
            thread = threading.Thread(target=interrupt)
            thread.start()
            unregister(connection, "drawn")
            is_over.set()
            thread.join()
            assert connection.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]


def test_a_table_that_shrinks_meanwhile_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create temp sequence calls")
    query = "select i from range(1000) as r(i), (select nextval('calls') as n) where i < 1000 // n"
    with pytest.raises(SourceError, match="had 1,000 rows when they were counted and fewer"):
        colprofile.profile(con, query, sample_rows=600)


def test_the_sample_is_the_same_rows_in_every_column(con: duckdb.DuckDBPyConnection) -> None:
    query = f"select i as x, i * 2 as y from range({ROWS // 10}) as r(i)"
    found = colprofile.profile(con, query, sample_rows=1_000)
    assert [top.value for top in found["y"].top_values] == [2 * int(top.value) for top in found["x"].top_values]  # type: ignore[arg-type]


def test_confidence_is_for_all_pairs_together(con: duckdb.DuckDBPyConnection) -> None:
    """More columns mean more intervals that have to hold, so each is a little wider."""
    alone = colprofile.profile(con, "t", columns=["a", "near"], sample_rows=5_000)
    among = colprofile.profile(con, "t", sample_rows=5_000)
    intervals = [found.pair("a", "near").mutual_information_interval or (0.0, 0.0) for found in (alone, among)]
    widths = [upper - lower for lower, upper in intervals]
    assert 0 < widths[0] < widths[1]


def test_the_command_line(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> None:
    path = tmp_path / "t.parquet"
    con.execute(f"copy (select a, near, coin from t limit 20000) to '{path}'")
    done = run("profile", str(path), "--sample-rows", "2000", "--confidence", "0.9", "--seed", "3")
    assert done.returncode == 0 and "Estimated from 2,000 of 20,000 rows" in " ".join(done.stdout.split())
    assert "90 % confidence" in " ".join(done.stdout.split())
    done = run("profile", str(path), "--top-pairs", "1")
    assert done.returncode == 0 and "Of 3 pairs the strongest is shown" in " ".join(done.stdout.split())
    done = run("profile", str(path), "--precision", "0.1", "--min-dependence", "0.5")
    assert done.returncode == 2 and "exclude each other" in done.stderr and done.stderr.count("\n") == 1


class TestWhatDoesNotPay:
    """Selecting or estimating pairs is never much slower than counting them all."""

    def test_bounds_that_rule_out_nothing_are_tried_on_a_few_pairs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sample_small_tables(monkeypatch)
        looked_at = []

        def upper(self: Any, pair: Any, size: int, least: float) -> float:
            looked_at.append(pair)
            return 0.9999

        monkeypatch.setattr(anytime._Rounds, "_upper", upper)
        found = colprofile.profile(mixed(0), top_pairs=3)
        assert 0 < len(looked_at) <= 24
        assert found.pairs == colprofile.profile(mixed(0)).pairs[:3]

    def test_pairs_are_counted_in_few_batches(self) -> None:
        rng = np.random.default_rng(0)
        table = pd.DataFrame(rng.integers(0, 4, (50, 30)), columns=[f"c{j}" for j in range(30)])
        counting = Counting(sampling=Sampling(top_pairs=20))
        with counting_session(table, None, counting, Reading(progress=False)) as session:
            schema, batches = session.source.batches(session.columns)
            with encoded(session, schema, batches, lambda rows: None) as coded:
                sizes = []

                def count(pairs: Any) -> Any:
                    sizes.append(len(pairs))
                    return pair_counter(session, coded)(pairs)

                rounds = anytime._Rounds(session, coded, count)
                rounds._count_strongest(rounds.pairs, dict.fromkeys(rounds.pairs, 0.9999), 20, 0.0, {})
        assert sum(sizes) == 435 and len(sizes) <= 5

    def test_intervals_that_stay_too_wide_are_tried_on_a_few_pairs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sample_small_tables(monkeypatch)
        known, looked_at = anytime._Rounds._look, []

        def look(self: Any, pair: Any, size: int) -> Any:
            looked_at.append(pair)
            return known(self, pair, size)

        monkeypatch.setattr(anytime._Rounds, "_look", look)
        found = colprofile.profile(mixed(0), precision=1e-6)
        assert 0 < len(looked_at) <= 24
        assert all(pair.sampled_rows is None for pair in found.pairs)
