"""drift: verdicts on data whose truth is known, properties of the figures, arguments."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import colprofile
from colprofile.errors import ArgumentError, ColprofileError, ResultError, SourceError, SourceNotFound
from colprofile.results.drift import ColumnDrift
from colprofile.results.histogram import Histogram
from colprofile.verbs.drift.common_bins import CommonBins
from colprofile.verbs.drift.common_cells import align
from tests.support import slow_twins


def compared(stale: Any, fresh: Any, **options: Any) -> ColumnDrift:
    def table(values: Any) -> pa.Table:
        return values if isinstance(values, pa.Table) else pa.table({"x": values})

    found: ColumnDrift = colprofile.drift(table(stale), table(fresh), **options)["x"]
    return found


def test_equal_data_is_the_same_with_zero_bits() -> None:
    found = compared([1, 1, 2, None], [2, 1, 1, None])
    assert (found.verdict, found.kl_divergence, found.p_value, found.smoothed) == ("same", 0.0, 1.0, ())


def test_few_rows_are_noise() -> None:
    found = compared(["a"] * 6 + ["b"] * 4, ["a"] * 4 + ["b"] * 6)
    assert found.verdict == "noise" and (found.kl_divergence or 0) > 0.01


def test_a_rare_new_value_in_few_rows_is_noise_and_in_many_is_drift() -> None:
    assert compared(["a"] * 1000, ["a"] * 999 + ["b"]).verdict in ("same", "noise")
    found = compared(["a"] * 1000, ["a"] * 900 + ["b"] * 100)
    assert (found.verdict, found.unseen_mass) == ("drifted", 0.1)
    assert found.kl_divergence == pytest.approx(slow_twins.kl([900, 100], [1000.5, 0.5]), abs=1e-12)


def test_the_smoothing_constant_is_the_users() -> None:
    found = compared(["a"] * 1000, ["a"] * 900 + ["b"] * 100, smoothing=2)
    assert found.kl_divergence == pytest.approx(slow_twins.kl([900, 100], [1002, 2]), abs=1e-12)


def test_many_rare_values_all_replaced_are_drift_that_pooling_hides() -> None:
    stale = [f"a{i % 400}" for i in range(8000)]
    fresh = [f"b{i % 400}" for i in range(8000)]
    assert compared(stale, fresh).verdict == "drifted"


def test_nulls_that_appear_are_drift() -> None:
    found = compared(["a", "b"] * 500, (["a", "b"] * 500)[:900] + [None] * 100)
    assert found.verdict == "drifted" and "NULL" in found.reasons[0]
    assert (found.null_bits or 0) > 0.1 and found.smoothed == ("null_bits",)


def test_a_first_null_is_drift_however_few_there_are() -> None:
    values = ["a", "b"] * 50_000
    found = compared(values, values[:-30] + [None] * 30)
    assert found.verdict == "drifted" and (found.null_bits or 0) < 0.01


def test_all_null_on_the_fresh_side() -> None:
    found = compared(pa.array(["a", "b"] * 50), pa.array([None] * 100, pa.string()))
    assert found.verdict == "drifted" and found.kl_divergence is None
    assert found.undefined["kl_divergence"] == "the fresh side has no value"


def test_no_rows() -> None:
    empty = pa.table({"x": pa.array([], pa.int64())})
    found = compared(pa.table({"x": [1, 2]}), empty)
    assert found.verdict == "drifted" and found.reasons == ("the fresh side has no rows",)
    assert compared(empty, empty).verdict == "same"
    assert compared(empty, pa.table({"x": [1, 2]})).reasons == ("the stale side has no rows",)


def test_columns_gone_retyped_and_added_are_findings() -> None:
    stale = pd.DataFrame({"a": [1, 2], "gone": [1, 2], "retyped": [1, 2], "wider": [1, 2]})
    fresh = pd.DataFrame({"a": [1, 2], "retyped": ["1", "2"], "wider": [1.0, 2.0], "new": [True, False]})
    found = colprofile.drift(stale, fresh)
    assert {c.name: c.verdict for c in found.columns} == {
        "a": "same",
        "gone": "broken",
        "retyped": "broken",
        "wider": "same",
        "new": "added",
    }
    assert "BIGINT to VARCHAR" in found["retyped"].reasons[0]
    assert "BIGINT to DOUBLE" in found["wider"].reasons[0] and found["wider"].kl_divergence == 0
    assert found.verdict == "broken" and [c.name for c in found.broken] == ["gone", "retyped"]


@pytest.mark.parametrize(
    ("stale", "fresh"),
    [
        ("1::integer", "1.0::double"),
        ("1.5::decimal(5,2)", "1.5::double"),
        ("1::hugeint", "1::tinyint"),
        ("date '2024-01-05'", "timestamp '2024-01-05 00:00:00'"),
        ("timestamp '2024-01-05 01:02:03'", "timestamptz '2024-01-05 01:02:03+00'"),
        ("'a'", "'a'::enum('b', 'a')"),
    ],
)
def test_equal_values_of_related_types_are_equal(stale: str, fresh: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        old = colprofile.profile(connection, f"select {stale} as x from range(9)", pairs=False)
        for side in (connection, colprofile.profile(connection, f"select {fresh} as x from range(9)", pairs=False)):
            table = f"select {fresh} as x from range(9)" if side is connection else None
            found = colprofile.drift(old, side, fresh_table=table)["x"]
            assert (found.verdict, found.unseen_mass, found.cells) == ("same", 0.0, 1)


def test_a_key_of_text_is_explained() -> None:
    found = compared([f"a{i}" for i in range(5000)], [f"b{i}" for i in range(5000)])
    assert (found.verdict, found.explanation) in (("explained", "key"), ("noise", None))
    found = compared([f"a{i}" for i in range(500)], [f"b{i}" for i in range(700)])
    assert found.verdict in ("explained", "noise")


def test_a_key_that_is_no_key_any_more_is_drift() -> None:
    assert compared([f"a{i}" for i in range(5000)], ["b"] * 2500 + [f"b{i}" for i in range(2500)]).verdict == "drifted"


def test_growing_ids_and_timestamps_are_explained() -> None:
    assert compared(range(5000), range(5000, 9000)).explanation == "moved"
    assert compared(range(5000), range(6000)).explanation == "grown"
    moments = pd.date_range("2024-01-01", periods=9000, freq="min").to_series()
    assert compared(moments[:5000].to_numpy(), moments[5000:].to_numpy()).explanation == "moved"
    assert compared(moments[:5000].to_numpy(), moments.to_numpy()).explanation == "grown"
    days = moments.dt.floor("D")
    assert compared(days[:1440].to_numpy(), days[1440:2880].to_numpy()).explanation == "moved"


def test_few_numbers_that_moved_are_seen_though_each_is_rare() -> None:
    random = np.random.default_rng(5)
    assert compared(random.normal(0, 1, 150), random.normal(1, 1, 150)).verdict == "drifted"
    same = [compared(random.normal(0, 1, 150), random.normal(0, 1, 150)).verdict for _ in range(20)]
    assert same.count("noise") >= 17
    assert compared(range(1000), range(1000, 2000)).explanation == "moved"


def test_a_unit_that_changed_is_no_growing_id() -> None:
    random = np.random.default_rng(0)
    price = random.lognormal(3, 1, 20_000).round(2)
    assert compared(price, price * 100).verdict == "drifted"
    cents = (price * 100).astype(int)
    assert compared(cents, cents * 100).verdict == "drifted"


def test_a_clock_whose_shape_changed_is_drift() -> None:
    moments = pd.date_range("2024-01-01", periods=4000, freq="min").to_numpy()
    later = moments + np.timedelta64(60, "D")
    lopsided = np.concatenate([later[:10], np.repeat(later[-40:], 100)])
    assert compared(moments, lopsided).verdict == "drifted"


def test_sessions_that_come_and_go_are_explained_and_a_heavy_one_is_not() -> None:
    def sessions(mark: str) -> list[str]:
        return [f"{mark}{i // 10}" for i in range(40_000)]

    found = compared(sessions("a"), sessions("b"))
    assert (found.verdict, found.explanation) == ("explained", "turnover")
    assert compared(sessions("a"), sessions("b") + ["robot"] * 4000).verdict == "drifted"


COUNTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12)


def as_histogram(counts: Sequence[int]) -> Histogram:
    there = [(i, count) for i, count in enumerate(counts) if count]
    return Histogram(sum(counts), 0, len(there), tuple(i for i, _ in there), tuple(count for _, count in there))


def column(values: Sequence[Any]) -> pa.Array:
    return pa.array(values, pa.int64())


@given(COUNTS)
@settings(max_examples=60, deadline=None)
def test_kl_is_never_negative_and_zero_only_for_equal_shares(counts: list[tuple[int, int]]) -> None:
    fresh, stale = (list(side) for side in zip(*counts, strict=True))
    assume(sum(fresh) and sum(stale))
    found = compared(*(column([i for i, count in enumerate(side) for _ in range(count)]) for side in (stale, fresh)))
    assert found.kl_divergence is not None and found.kl_divergence >= 0 and math.isfinite(found.kl_divergence)
    is_equal = all(a * sum(stale) == b * sum(fresh) for a, b in zip(fresh, stale, strict=True))
    assert (found.kl_divergence < 1e-15) == is_equal
    expected = slow_twins.kl(fresh, stale)
    if math.isfinite(expected):
        assert found.smoothed == () or "kl_divergence" not in found.smoothed
        assert found.kl_divergence == pytest.approx(expected, abs=1e-9)
    else:
        assert "kl_divergence" in found.smoothed and (found.unseen_mass or 0) > 0


def test_kl_is_not_symmetric() -> None:
    stale, fresh = [1] * 90 + [2] * 10, [1] * 50 + [2] * 50
    assert compared(stale, fresh).kl_divergence != pytest.approx(compared(fresh, stale).kl_divergence)
    assert compared(stale, fresh).kl_divergence == pytest.approx(compared(fresh, stale).reverse_kl_divergence)


@pytest.mark.parametrize("seed", range(6))
def test_coarser_cells_never_raise_divergence(seed: int) -> None:
    """Data processing: bins and buckets can only hide."""
    random = np.random.default_rng(seed)
    stale, fresh = random.zipf(1.3, 30_000) % 6000, random.zipf(1.35, 30_000) % 6000
    for kind in (pa.array(stale), pa.array([f"v{i}" for i in stale])):
        is_text = pa.types.is_string(kind.type)
        found = compared(kind, pa.array([f"v{i}" for i in fresh]) if is_text else pa.array(fresh))
        counts = Counter(stale.tolist()), Counter(fresh.tolist())
        every = sorted(counts[0] | counts[1])
        exact = slow_twins.js([counts[1][i] for i in every], [counts[0][i] for i in every])
        assert found.is_lower_bound
        assert 0 < (found.js_divergence or 0) <= exact + 1e-12


@pytest.mark.parametrize("kind", ["numbers", "texts"])
def test_aligning_keeps_every_row(kind: str) -> None:
    random = np.random.default_rng(1)

    def made(scale: float) -> Histogram:
        values = random.normal(0, scale, 20_000).round(3 if scale > 1 else 2)
        values[:300] = 0.5
        given = [f"{value:.2f}" for value in values] if kind == "texts" else values
        return colprofile.profile(pa.table({"x": given}), pairs=False)["x"].histogram

    histograms = [made(0.5), made(3), made(8), made(30)]
    for stale in histograms:
        for fresh in histograms:
            found = align(stale, fresh)
            assert found.stale.sum() == pytest.approx(stale.filled)
            assert found.fresh.sum() == pytest.approx(fresh.filled)
            assert (found.stale >= 0).all() and (found.fresh >= 0).all()
            tested = found.tested()
            assert tested[0].sum() == pytest.approx(fresh.filled) and tested[1].sum() == pytest.approx(stale.filled)


@pytest.mark.parametrize(
    "options",
    [
        {"tolerance": -1},
        {"tolerance": math.nan},
        {"significance": 0},
        {"significance": 1},
        {"smoothing": 0},
        {"columns": "x"},
    ],
    ids=str,
)
def test_bad_arguments_are_refused_in_one_line(options: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError) as caught:
        compared([1], [1], **options)
    assert "\n" not in str(caught.value)


def test_columns_are_chosen_from_both_sides() -> None:
    stale, fresh = pd.DataFrame({"a": [1], "b": [1]}), pd.DataFrame({"b": [1], "c": [1]})
    found = colprofile.drift(stale, fresh, columns=["c", "b"])
    assert [c.name for c in found.columns] == ["b", "c"]
    with pytest.raises(SourceNotFound, match="'a', 'b', 'c'"):
        colprofile.drift(stale, fresh, columns=["z"])


def test_nothing_in_common_is_one_line() -> None:
    with pytest.raises(SourceError, match="no column in common") as caught:
        colprofile.drift(pd.DataFrame({"a": [1]}), pd.DataFrame({"b\n": [1]}))
    assert "\n" not in str(caught.value)


def test_a_table_of_a_saved_profile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    colprofile.profile(pd.DataFrame({"a": [1]})).save(path)
    with pytest.raises(ArgumentError, match="is not a database: it has no table"):
        colprofile.drift(path, path, stale_table="t")


@pytest.mark.parametrize(
    "content",
    [
        '{"format": "colprofile.profile", "version": 99}',
        '{"format": "colprofile.profile", "ver',
        '{"format": "colprofile.x"}',
    ],
    ids=["newer", "truncated", "other"],
)
def test_damaged_profiles_are_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(content)
    with pytest.raises(ResultError) as caught:
        colprofile.drift(path, pd.DataFrame({"a": [1]}))
    assert "\n" not in str(caught.value)


def test_every_error_is_ours() -> None:
    with pytest.raises(ColprofileError):
        colprofile.drift(object(), pd.DataFrame({"a": [1]}))


def test_a_bin_is_shown_from_where_the_values_begin() -> None:
    """The lowest bin holds its lower edge: what makes it so, one step of a double, is nothing to show."""
    spread = np.sort(np.random.default_rng(3).exponential(size=5000))
    spread[0] = 0.0
    for lowest in (0.0, -3.0, 7.25):
        stale = spread + lowest
        found = compared(stale, 3 * spread + lowest)
        assert found.overlay is not None
        assert found.overlay.edges[0] == lowest
        assert found.overlay.edges[-1] == 3 * spread[-1] + lowest
        piled = compared(stale, np.full(1000, lowest))
        assert (piled.contributions[0].kind, piled.contributions[0].low) == ("bin", lowest)
        below = compared(stale, np.concatenate([stale, stale - 100]))
        [part] = [part for part in below.contributions if part.low is None]
        assert (part.high, part.stale_rows, part.fresh_rows) == (lowest, 0, 5000)
    both = compared(np.zeros(100) + 0.5, np.zeros(100) + 0.5).overlay
    assert both is not None and both.edges == (0.5, 0.5)


def test_edges_are_the_bounds_without_the_step_that_opens_the_first_bin() -> None:
    none = np.empty(0)
    step = float(np.nextafter(0.0, -np.inf))
    assert CommonBins(np.array([step, 2.0]), 0, none, none).edges.tolist() == [0.0, 2.0]
    one_place = CommonBins(np.array([np.nextafter(step, -np.inf), 0.0]), 0, none, none)
    assert one_place.edges.tolist() == [0.0, 0.0]
    assert CommonBins(none, 0, none, none).edges.size == 0
