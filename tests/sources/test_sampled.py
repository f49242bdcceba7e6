"""Random rows of a source, for verbs that count whatever they are given."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

import colprofile
from colprofile.errors import ArgumentError
from colprofile.sources.open import open_source
from colprofile.sources.sampled import SampledSource, checked_sample, sample_size

ROWS = 2_000


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame({"row": range(ROWS), "kind": [f"k{i % 5}" for i in range(ROWS)]})


def drawn(frame: pd.DataFrame, size: int | str, seed: int) -> list[int]:
    with SampledSource(open_source(frame), size, seed) as source:
        _, batches = source.batches(source.columns[:1])
        found = [value for batch in batches for value in batch.column(0).to_pylist()]
        assert source.count_rows() == len(found)
        return found


def test_rows_are_drawn_without_replacement_in_their_order(frame: pd.DataFrame) -> None:
    rows = drawn(frame, 300, 1)
    assert len(set(rows)) == 300 and rows == sorted(rows) and set(rows) <= set(range(ROWS))
    assert drawn(frame, 300, 1) == rows != drawn(frame, 300, 2)
    assert len(drawn(frame, "5 %", 1)) == 100


@pytest.mark.parametrize("size", [ROWS, ROWS + 1, "100%"])
def test_a_sample_of_all_rows_is_none(frame: pd.DataFrame, size: int | str) -> None:
    found = colprofile.latent_classes(frame, columns=["kind"], sample_rows=size)
    assert (found.rows, found.provenance.sampled_rows) == (ROWS, None)


@pytest.mark.parametrize(("given", "rows"), [(500, 500), ("10%", 200), ("12.5 %", 250), ("0.0001%", 2)])
def test_sizes(given: int | str, rows: int) -> None:
    assert checked_sample(given) == given
    assert sample_size(given, ROWS) == rows


@pytest.mark.parametrize("given", [1, 0, True, 0.1, "10", "0%", "101%", "nan%", "-1%", "", "%", "ten%"])
def test_what_is_no_size(given: object, frame: pd.DataFrame) -> None:
    for verb in (
        lambda: colprofile.profile(frame, sample_rows=given),  # type: ignore[call-overload]
        lambda: colprofile.latent_classes(frame, sample_rows=given),  # type: ignore[arg-type]
        lambda: colprofile.drift(frame, frame, sample_rows=given),  # type: ignore[call-overload]
    ):
        with pytest.raises(
            ArgumentError, match=r"sample_rows=.* is not allowed: give a whole number of at least 2, or"
        ):
            verb()


def test_a_profile_takes_a_share(frame: pd.DataFrame) -> None:
    by_share, by_rows = (colprofile.profile(frame, sample_rows=size, pairs=False) for size in ("10%", 200))
    assert by_share.columns == by_rows.columns
    assert by_share.provenance.sampled_rows == 200 and by_share.rows == ROWS


def test_drift_of_samples_says_so_and_draws_each_side_by_itself(frame: pd.DataFrame, tmp_path: Path) -> None:
    found = colprofile.drift(frame, frame, sample_rows=400)
    assert (found.stale_rows, found.fresh_rows) == (400, 400)
    assert not found.stale.is_exact and found.fresh.sampled_rows == 400
    assert "The stale side: 400 random rows, not all." in found.notes
    assert found["row"].kl_divergence, "other rows of the same table, so other values of a key"
    assert found["kind"].verdict in ("same", "noise")
    colprofile.profile(frame, pairs=False).save(tmp_path / "saved.json")
    saved = colprofile.drift(tmp_path / "saved.json", frame, sample_rows=400)
    assert (saved.stale_rows, saved.fresh_rows) == (ROWS, 400)
    assert [note for note in saved.notes if "random rows" in note] == ["The fresh side: 400 random rows, not all."]


def test_classes_of_a_sample_are_not_said_of_the_table(frame: pd.DataFrame) -> None:
    found = colprofile.latent_classes(frame, sample_rows="10%")
    assert (found.rows, found.provenance.sampled_rows, found.provenance.is_exact) == (200, 200, False)
    shown = found.to_terminal()
    assert "in the rows drawn, for certain" in shown and "in this table" not in shown
    assert "Fitted to 200 random rows, not all" in shown
    assert type(found).from_dict(found.to_dict()) == found


def test_a_query_that_samples_by_itself_is_refused() -> None:
    connection = duckdb.connect()
    connection.execute("create table t as select i % 7 as x, i % 5 as y from range(2000) r(i)")
    with pytest.raises(ArgumentError, match="sample_rows= of a query that samples by itself"):
        colprofile.latent_classes(connection, "select * from t using sample 50%", sample_rows=100)
