"""What workers count is what is counted here: every figure, whatever the order, and nothing where the rows change."""

from __future__ import annotations

import inspect
import json
import struct
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import colprofile
from colprofile.errors import ArgumentError, SourceError
from colprofile.sources.partitions import chunks, count, pack
from colprofile.sources.partitions.shipped import shipped
from colprofile.verbs.profile.on_workers import heads, jobs, pairs
from tests.support.local_engine import LocalEngine, local_source

ROWS = 800


def mixed_table(seed: int, rows: int = ROWS) -> pa.Table:
    """Return columns of many kinds that depend on each other in many ways, some of them NULL together."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 40, rows)
    x = rng.normal(size=rows)
    gone = rng.random(rows) < 0.15
    return pa.table(
        {
            "few": pa.array(a, mask=gone),
            "function of few": (a * 3) % 7,
            "normal": pa.array(np.round(x, 2), mask=rng.random(rows) < 0.3),
            "like normal": pa.array(np.round(x + rng.normal(size=rows), 2), mask=gone),
            "unique": rng.permutation(rows),
            "unique texts": [f"r{i}" for i in rng.permutation(rows)],
            "constant": np.zeros(rows, np.int8),
            "skewed": np.where(rng.random(rows) < 0.7, 5, rng.integers(0, 700, rows)),
            "wide": pa.array(rng.integers(0, 900, rows), mask=rng.random(rows) < 0.05),
            "words": pa.array([f"w{i}" for i in rng.integers(0, 300, rows)], mask=rng.random(rows) < 0.2),
            "doubles": rng.choice([0.0, -0.0, np.nan, -np.inf, 1.5, 2.5, 3.5], rows),
            "nothing": pa.nulls(rows, pa.int32()),
        }
    )


def odd_table(seed: int, rows: int = 700) -> pa.Table:
    """Return columns that only DuckDB can compare, and types with readings of their own."""
    rng = np.random.default_rng(seed)
    numbers = rng.integers(0, 9, rows)
    return pa.table(
        {
            "lists": pa.array([[int(i)] if i else None for i in numbers]),
            "structs": pa.array([{"a": float(i % 3), "b": None if i > 5 else [True]} for i in numbers]),
            "dates": [date(2020, 1, 1) + timedelta(int(i)) for i in rng.integers(0, 200, rows)],
            "decimals": pa.array([Decimal(int(i)) / 4 for i in numbers], pa.decimal128(20, 2)),
            "long decimals": pa.array([Decimal(10**30) + int(i) for i in numbers], pa.decimal128(38, 0)),
            "booleans": pa.array([None if i > 6 else bool(i % 2) for i in numbers]),
            "bytes": pa.array([bytes([i, 0, 255]) for i in numbers]),
            "spans": pa.array([timedelta(seconds=int(i)) for i in numbers]),
            "null": pa.nulls(rows),
        }
    )


def figures(profile: colprofile.Profile) -> dict[str, Any]:
    """Return all that a profile says but how it came to be."""
    found = json.loads(profile.to_json())
    del found["provenance"]
    found["notes"] = [note for note in found["notes"] if "workers" not in note]
    found["pairs"].sort(key=lambda pair: (pair["x"], pair["y"]))
    return found  # type: ignore[no-any-return]


def assert_same(one: Any, other: Any, place: str = "") -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys(), place
        for key in one:
            assert_same(one[key], other[key], f"{place}/{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), place
        for number, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f"{place}/{number}")
    elif isinstance(one, float):
        assert other == pytest.approx(one, rel=1e-9, abs=1e-9), place
    else:
        assert one == other, place


def compare(table: pa.Table, engine: LocalEngine, **options: Any) -> None:
    here = colprofile.profile(local_source(LocalEngine.of(table), "always"), **options)
    there = colprofile.profile(local_source(engine), **options)
    assert any("Counted by the workers" in note for note in there.notes)
    assert engine.kept == 0
    assert_same(figures(here), figures(there))


@pytest.fixture
def few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables and buckets hold so few cells that most pairs are counted in buckets."""
    monkeypatch.setattr(jobs, "TABLE_CELLS", 400)
    monkeypatch.setattr(pairs, "TABLE_CELLS", 400)
    monkeypatch.setattr(jobs, "_BUCKET_CELLS", 1000)


@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_every_figure_is_the_same_by_tables(nulls: str) -> None:
    table = mixed_table(0)
    compare(table, LocalEngine.of(table), nulls=nulls)


@pytest.mark.usefixtures("few_cells")
@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_every_figure_is_the_same_by_buckets(nulls: str) -> None:
    table = mixed_table(1)
    compare(table, LocalEngine.of(table, partitions=4), nulls=nulls)


@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_every_figure_is_the_same_of_odd_types(nulls: str) -> None:
    table = odd_table(2)
    compare(table, LocalEngine.of(table), nulls=nulls)


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_of_small_tables(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(seed)
    cells = int(rng.choice([1, 30, 1000]))
    monkeypatch.setattr(jobs, "TABLE_CELLS", cells)
    monkeypatch.setattr(pairs, "TABLE_CELLS", cells)
    monkeypatch.setattr(jobs, "_BUCKET_CELLS", int(rng.integers(1, 50)))
    monkeypatch.setattr(jobs, "_TOGETHER", int(rng.choice([1, 10**6])))
    rows = int(rng.integers(1, 60))
    columns = {
        f"c{i}": pa.array(rng.integers(0, rng.choice([1, 3, 20, 10**6]), rows), mask=rng.random(rows) < share)
        for i, share in enumerate([0, 0, 0.02, 0.3, 0.9, 1])
    }
    # Unique where its one NULL is a value.
    columns["once"] = pa.array(range(rows), mask=np.arange(rows) == rows // 2)
    table = pa.table(columns)
    for nulls in ("ignore", "value"):
        compare(table, LocalEngine.of(table, partitions=3, rows=7), nulls=nulls)


def test_order_repeated_tasks_and_lost_blobs_change_nothing() -> None:
    table = mixed_table(3, 400)
    options: dict[str, Any] = {"example_rows": False}
    compare(table, LocalEngine.of(table, seed=1, repeats=True), **options)
    lossy = LocalEngine.of(table, seed=2, keeps=False)
    compare(table, lossy, **options)
    assert lossy.looks > 2


@pytest.mark.usefixtures("few_cells")
@pytest.mark.parametrize("look", [1, 2, 3])
def test_a_table_that_changes_is_an_error_and_never_a_wrong_number(look: int) -> None:
    table = mixed_table(4, 300)
    # Each column has the values that it had: only the rows that they are in differ.
    changed = table.set_column(0, "few", pa.concat_arrays(table["few"].chunks).take(pa.array(range(299, -1, -1))))
    engine = LocalEngine.of(*[table] * look, changed, keeps=False)
    with pytest.raises(SourceError, match="the local engine changed while it was read"):
        colprofile.profile(local_source(engine))
    assert engine.kept == 0


def test_rows_that_appear_or_vanish_are_an_error() -> None:
    table = mixed_table(5, 300)
    for other in (table.slice(0, 299), pa.concat_tables([table, table.slice(0, 1)]), table.slice(0, 0)):
        with pytest.raises(SourceError, match="changed while it was read"):
            colprofile.profile(local_source(LocalEngine.of(table, other, keeps=False)))


def test_rows_that_repeat_are_counted() -> None:
    table = pa.concat_tables([mixed_table(6, 200)] * 2)
    profile = colprofile.profile(local_source(LocalEngine.of(table)))
    assert profile.duplicate_rows == 200
    assert [issue.severity for issue in profile.quality if issue.kind == "duplicate_rows"] == ["high"]


def test_no_rows_and_no_pairs() -> None:
    table = mixed_table(7, 50)
    assert_same(
        figures(colprofile.profile(local_source(LocalEngine.of(table.slice(0, 0)), "always"))),
        figures(colprofile.profile(local_source(LocalEngine.of(table.slice(0, 0))))),
    )
    compare(table, LocalEngine.of(table), pairs=False)
    compare(table, LocalEngine.of(table), columns=["wide"])


def test_chosen_by_itself_where_codes_take_too_much_memory() -> None:
    table = pa.table({"a": np.arange(500_000) % 7, "b": np.arange(500_000) % 11})
    fitting = colprofile.profile(local_source(LocalEngine.of(table, rows=100_000), "auto"))
    assert not any("workers" in note for note in fitting.notes)
    engine = LocalEngine.of(table, rows=100_000)
    engine.count_rows = lambda: 10**10  # type: ignore[method-assign]
    found = colprofile.profile(local_source(engine, "auto"))
    assert any("Counted by the workers" in note for note in found.notes)
    assert found.rows == 500_000


def test_too_many_values_are_fetched_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    table = mixed_table(8, 300)
    monkeypatch.setattr(heads, "CODES_BYTES", 1000)
    with pytest.raises(SourceError, match="too many values to be counted by its workers"):
        colprofile.profile(local_source(LocalEngine.of(table)))
    engine = LocalEngine.of(table)
    engine.count_rows = lambda: 10**10  # type: ignore[method-assign]
    found = colprofile.profile(local_source(engine, "auto"))
    assert any("Rows were fetched" in note for note in found.notes)
    assert_same(figures(colprofile.profile(local_source(LocalEngine.of(table), "always"))), figures(found))


def test_an_engine_that_cannot_shuffle_does_not_count() -> None:
    table = mixed_table(9, 30)
    with pytest.raises(ArgumentError, match="fetch='never' cannot be had with the local engine"):
        colprofile.profile(local_source(LocalEngine.of(table, can_shuffle=False)))
    assert colprofile.profile(local_source(LocalEngine.of(table, can_shuffle=False), "auto")).rows == 30


def test_no_bucket_has_many_more_rows_than_another() -> None:
    rng = np.random.default_rng(10)
    x = np.where(rng.random(50_000) < 0.7, 3, rng.integers(1, 5000, 50_000))
    y = rng.integers(1, 3000, 50_000)
    starts = jobs.bucket_starts(np.bincount(x), np.bincount(y), 16)
    cells = x.astype(np.uint64) * np.uint64(int(y.max()) + 1) + y.astype(np.uint64)
    rows = np.bincount(np.searchsorted(starts, cells, side="right") - 1)
    assert rows.size == 16
    assert rows.max() < 1.2 * 50_000 / 16


def test_a_digest_is_of_all_values_and_their_rows() -> None:
    def digest(values: list[Any]) -> int:
        batch = pa.RecordBatch.from_arrays([pa.array(values)], ["c0"])
        [(key, _)] = chunks.blobs_of(chunks.chunks(iter([batch]), blob_bytes=10**6))
        return key

    one = digest(["a", "b", None, "a"])
    assert one == digest(["a", "b", None, "a"])
    others: list[list[Any]] = [["a", "b", "a", None], ["a", "c", None, "a"], ["a", "b", None], [[1], None]]
    assert len({one, *map(digest, others)}) == 5


@pytest.mark.parametrize("numbers", [[], [0], [255, 0], [256], [2**16], [2**32, 1]])
def test_numbers_come_back(numbers: list[int]) -> None:
    given = np.array(numbers, np.uint64)
    assert chunks.bytes_to_numbers(chunks.numbers_to_bytes(given)).tolist() == numbers
    assert chunks.bytes_to_steps(chunks.steps_to_bytes(given)).tolist() == numbers
    parts = [b"", b"x", bytes(9)]
    assert chunks.split(chunks.joined(parts)) == parts


def test_workers_need_nothing_of_this_package() -> None:
    work = shipped(count.summed)
    sources = inspect.getclosurevars(work).nonlocals["sources"]
    assert len(sources) == 3
    assert not [text for text in sources.values() if "from colprofile" in text or "import colprofile" in text]
    batch = pack.blob(1, chunks.joined([struct.pack("<BQQ", count.CROSSES, 7, 2), np.ones(2).tobytes()]))
    [found] = list(work(iter([pa.concat_batches([batch, batch])])))
    header, sums = chunks.split(found.column(1)[0].as_py())
    assert struct.unpack("<QQ", header) == (14, 4)
    assert np.frombuffer(sums).tolist() == [2.0, 2.0]
