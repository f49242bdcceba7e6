"""drift of flights, January to June against July to December: figures against scipy and loops, and what holds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats

import colprofile
from colprofile.errors import ArgumentError, SourceNotFound
from colprofile.results.drift import Drift
from colprofile.sources.base import SourceColumn
from colprofile.sources.open import open_source
from tests.support import slow_twins
from tests.support.tables import flights_with_times

FIRST, SECOND = "select * from flights where month <= 6", "select * from flights where month > 6"


@pytest.fixture(scope="module")
def flights() -> duckdb.DuckDBPyConnection:
    return flights_with_times()


@pytest.fixture(scope="module")
def halves(flights: duckdb.DuckDBPyConnection) -> Drift:
    return colprofile.drift(flights, flights, stale_table=FIRST, fresh_table=SECOND)


def counts_of(connection: duckdb.DuckDBPyConnection, column: str) -> tuple[list[int], list[int]]:
    """Fresh and stale rows over the union of both halves' values, counted by SQL."""
    rows = connection.execute(
        f"select count(*) filter (month > 6), count(*) filter (month <= 6) from flights "
        f"where {column} is not null group by {column}"
    ).fetchall()
    fresh, stale = zip(*rows, strict=True)
    return list(fresh), list(stale)


def test_month_broke_away(halves: Drift) -> None:
    month = halves["month"]
    assert (month.verdict, month.unseen_mass, month.vanished_mass, month.js_divergence) == ("drifted", 1.0, 1.0, 1.0)
    assert set(month.smoothed) == {"kl_divergence", "reverse_kl_divergence", "psi"}


@pytest.mark.parametrize("column", ["dest", "carrier", "origin", "month", "hour", "dep_delay", "distance", "day"])
def test_figures_are_scipys_on_the_same_cells(flights: duckdb.DuckDBPyConnection, halves: Drift, column: str) -> None:
    found = halves[column]
    fresh, stale = (np.array(side, float) for side in counts_of(flights, column))
    p, q = fresh, stale
    if "kl_divergence" in found.smoothed:
        assert (stale[fresh > 0] == 0).any()
        q = stale + 0.5
    assert found.kl_divergence == pytest.approx(scipy.stats.entropy(p, q, base=2), abs=1e-9)
    back = (stale, fresh + 0.5) if "reverse_kl_divergence" in found.smoothed else (stale, fresh)
    assert found.reverse_kl_divergence == pytest.approx(scipy.stats.entropy(*back, base=2), abs=1e-9)
    distance = scipy.spatial.distance.jensenshannon(fresh, stale, base=2)
    assert found.js_divergence == pytest.approx(distance**2, abs=1e-9)
    assert found.entropy == pytest.approx(scipy.stats.entropy(fresh, base=2), abs=1e-9)
    shares_p, shares_q = p / p.sum(), q / q.sum()
    assert found.cross_entropy == pytest.approx(-(shares_p[p > 0] @ np.log2(shares_q[p > 0])), abs=1e-9)
    a, b = (fresh + 0.5, stale + 0.5) if "psi" in found.smoothed else (fresh, stale)
    a, b = a / a.sum(), b / b.sum()
    assert found.psi == pytest.approx(float(((a - b) * np.log(a / b)).sum()), abs=1e-9)
    assert found.unseen_mass == pytest.approx(fresh[stale == 0].sum() / fresh.sum(), abs=1e-12)
    assert found.vanished_mass == pytest.approx(stale[fresh == 0].sum() / stale.sum(), abs=1e-12)
    assert found.cells == len(fresh)
    assert not found.is_lower_bound


def test_small_drift_is_small(halves: Drift) -> None:
    assert all(0 < (halves[name].kl_divergence or 0) < 0.03 for name in ("dest", "carrier", "origin"))
    assert halves["year"].kl_divergence == 0
    assert halves["time_hour"].explanation == "moved"


def test_contributions_add_up_to_kl(halves: Drift) -> None:
    for name in ("origin", "hour"):
        column = halves[name]
        shown = sum(part.bits for part in column.contributions)
        assert shown <= (column.kl_divergence or 0) + 1e-9
    assert sum(part.bits for part in halves["origin"].contributions) == pytest.approx(halves["origin"].kl_divergence)
    top = halves["month"].contributions[0]
    assert (top.value, top.stale_rows, top.stale_share) == (7, 0, 0) and top.fresh_rows > 0


def test_binned_kl_is_a_lower_bound(flights: duckdb.DuckDBPyConnection, halves: Drift) -> None:
    for name in ("flight", "tailnum"):
        fresh, stale = counts_of(flights, name)
        assert halves[name].is_lower_bound
        assert 0 < (halves[name].js_divergence or 0) <= slow_twins.js(fresh, stale)


def test_a_saved_profile_a_profile_and_data_give_the_same(
    flights: duckdb.DuckDBPyConnection, halves: Drift, tmp_path: Path
) -> None:
    saved = colprofile.profile(flights, FIRST, pairs=False)
    saved.save(tmp_path / "stale.json")
    for stale in (saved, tmp_path / "stale.json", str(tmp_path / "stale.json")):
        found = colprofile.drift(stale, flights, fresh_table=SECOND)
        assert found.columns == halves.columns


def test_fresh_data_is_read_once(flights: duckdb.DuckDBPyConnection) -> None:
    saved = colprofile.profile(flights, FIRST, pairs=False)
    opened = open_source(flights, SECOND)
    asked = []
    original = type(opened).batches

    def counted(self: Any, columns: Sequence[SourceColumn]) -> Any:
        asked.append(len(columns))
        return original(self, columns)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(opened), "batches", counted)
        colprofile.drift(saved, flights, fresh_table=SECOND)
    assert asked == [19]


def test_a_result_survives_saving(halves: Drift, tmp_path: Path) -> None:
    halves.save(tmp_path / "d.json")
    assert Drift.load(tmp_path / "d.json") == halves


def test_frames_hold_the_figures(halves: Drift) -> None:
    frame = halves.columns_frame()
    assert list(frame.index) == [c.name for c in halves.columns]
    assert frame.loc["dest", "kl_divergence"] == halves["dest"].kl_divergence
    assert frame.loc["dest", "stale_rows"] == halves.stale_rows
    parts = halves.contributions_frame()
    assert parts["bits"].is_monotonic_decreasing and set(parts["name"]) <= set(frame.index)
    first = parts[parts["name"] == "flight"].iloc[0]
    assert first["kind"] == "bin" and first["low"] < first["high"]


def test_the_gate_stops_what_it_is_told_to(halves: Drift) -> None:
    assert [c.name for c in halves.failures(above=10)] == ["month"]
    assert halves.failures(on="broken") == ()
    assert halves.failures(on="drifted") == halves.drifted
    assert halves.failures() == ()
    assert halves.failures(above=0) == halves.drifted
    with pytest.raises(ArgumentError):
        halves.failures(above=-1)
    with pytest.raises(SourceNotFound, match="'dest'"):
        halves["dset"]


def test_overlays_share_their_bars_and_lose_nothing(halves: Drift) -> None:
    for found in halves.columns:
        overlay = found.overlay
        assert overlay is not None
        assert len(overlay.stale) == len(overlay.fresh)
        for shares, rest in ((overlay.stale, overlay.stale_rest), (overlay.fresh, overlay.fresh_rest)):
            assert sum(shares) + rest == pytest.approx(1)
    moved = halves["time_hour"].overlay
    assert moved is not None and sum(moved.stale[:12]) > 0.95 and sum(moved.fresh[12:]) > 0.95
