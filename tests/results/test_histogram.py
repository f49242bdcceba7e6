"""Histograms: what is listed, binned and hashed, and that parts add up to the whole."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import colprofile
from colprofile.counting.cells import MOST_VALUES, TAIL_CELLS
from colprofile.counting.md5 import md5_buckets
from colprofile.errors import ArgumentError
from colprofile.results.histogram import Histogram, bucket_of
from colprofile.values import axis_position, temporal_number


def histogram(values: Any, like: Any = None, **options: Any) -> Histogram:
    profile = profiled(values, like=like, **options)
    return profile["x"].histogram


def profiled(values: Any, like: Any = None, **options: Any) -> colprofile.Profile:
    table = values if isinstance(values, pa.Table) else pa.table({"x": values})
    found: colprofile.Profile = colprofile.profile(table, pairs=False, like=like, **options)
    return found


def slow_bins(values: list[float], edges: tuple[float, ...]) -> list[int]:
    """The rows of each bin by a loop: (low, high], the first one closed at both ends."""
    counts = [0] * (len(edges) - 1)
    for value in values:
        for i in range(len(counts)):
            if edges[i] < value <= edges[i + 1] or (i == 0 and value == edges[0]):
                counts[i] += 1
                break
        else:
            raise AssertionError(f"{value} lies outside the edges")
    return counts


def as_mapping(h: Histogram) -> dict[Any, int]:
    return dict(zip(h.values, h.counts, strict=True))


def test_up_to_2048_values_are_all_listed() -> None:
    values = [i // 2 for i in range(2 * MOST_VALUES)]
    found = histogram(values)
    assert found.is_complete
    assert as_mapping(found) == Counter(values)
    assert found.distinct == MOST_VALUES


@pytest.mark.parametrize("seed", range(3))
def test_many_numbers_are_cut_into_bins_of_equal_mass(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = [*random.integers(0, 9000, 30_000).tolist(), *[77] * 900, *[8123] * 400]
    found = histogram(values)
    counts = Counter(values)
    listed = {value for value, rows in counts.items() if rows * TAIL_CELLS > len(values)}
    assert set(found.values) == listed
    assert as_mapping(found) == {value: counts[value] for value in listed}
    rest = [value for value in values if value not in listed]
    assert list(found.bin_counts) == slow_bins(rest, found.edges)
    assert max(found.bin_counts) <= 3 * len(rest) / TAIL_CELLS
    assert sum(found.bin_distinct) + len(listed) == found.distinct == len(counts)
    assert not found.bucket_counts


def test_text_beyond_the_limit_goes_to_md5_buckets() -> None:
    texts = [f"ключ-{i % 5000}" for i in range(12_000)] + ["often"] * 500 + [None] * 7
    found = histogram(texts)
    assert as_mapping(found) == {"often": 500}
    expected = [0] * TAIL_CELLS
    for text in texts:
        if text not in (None, "often"):
            expected[int(hashlib.md5(text.encode()).hexdigest()[:8], 16) % TAIL_CELLS] += 1
    assert list(found.bucket_counts) == expected
    assert (found.rows, found.nulls, found.distinct) == (12_507, 7, 5001)


def test_buckets_are_what_any_sql_engine_can_compute() -> None:
    with duckdb.connect() as connection:
        texts = ["", "abc", "naïve", "x" * 200]
        for text in texts:
            query = "select ('0x' || md5(?)[:8])::ubigint % 1024"
            assert connection.execute(query, [text]).fetchall() == [(bucket_of(text, 1024),)]


@given(st.lists(st.binary(max_size=300), max_size=30), st.integers(1, 5000))
def test_md5_of_many_is_hashlibs(texts: list[bytes], buckets: int) -> None:
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    found = md5_buckets(offsets, np.frombuffer(b"".join(texts), np.uint8), buckets)
    assert found.tolist() == [int(hashlib.md5(text).hexdigest()[:8], 16) % buckets for text in texts]


@pytest.mark.parametrize("size", [54, 55, 56, 57, 63, 64, 65, 119, 120, 121, 128, 1000])
def test_md5_at_the_ends_of_blocks(size: int) -> None:
    text = bytes(i % 251 for i in range(size))
    found = md5_buckets(np.array([0, size]), np.frombuffer(text, np.uint8), 1 << 32)
    assert found.tolist() == [int(hashlib.md5(text).hexdigest()[:8], 16)]


def test_nan_and_infinities_are_always_listed() -> None:
    values = [*np.linspace(0, 1, 5000).tolist(), math.nan, math.nan, math.inf, -math.inf]
    found = histogram(values)
    assert as_mapping(found) == {"nan": 2, "inf": 1, "-inf": 1}
    assert sum(found.bin_counts) == 5000


def test_integers_that_share_a_double_share_a_bin() -> None:
    values = [2**60 + i for i in range(4000)]
    found = histogram(values)
    assert sum(found.bin_counts) == 4000
    assert sum(found.bin_distinct) == found.distinct == 4000
    assert list(found.edges) == sorted(set(found.edges))


@pytest.mark.parametrize(
    ("text", "per_second", "number"),
    [
        ("1970-01-01", 1, 0),
        ("1969-12-31 23:59:59", 1, -1),
        ("2013-01-01 05:00:00+00", 1, 1_357_016_400),
        ("00:00:00.000001", 1_000_000, 1),
        ("00:00:00.0000001", 1_000_000, None),
        ("-0001-01-01", 1, -719_893 * 86_400),
        ("12000-01-01", 1, 3_663_382 * 86_400),
        ("2013", 1, None),
        ("12.5", 1, None),
        ("", 1, None),
        ("2013-13-01", 1, None),
        ("today", 1, None),
    ],
)
def test_moments_are_read_from_text(text: str, per_second: int, number: int | None) -> None:
    assert temporal_number(text, per_second) == number


def test_places() -> None:
    assert axis_position(True) == 1.0 and axis_position(10**400) == math.inf and math.isnan(axis_position(None))


# Values found again in another table's dictionary


READ_BACK = {
    "int": pa.array([1, -5, 2**62, None]),
    "uint": pa.array([1, 2**64 - 1], pa.uint64()),
    "float": pa.array([0.1, math.nan, -0.0, math.inf, -math.inf, 1e300]),
    "float32": pa.array([0.1, 16_777_216.0, 1e-30], pa.float32()),
    "bool": pa.array([True, False]),
    "date": pa.array([0, -1, 20_000], pa.date32()),
    "timestamp": pa.array([0, -1, 1_357_016_400_000_001], pa.timestamp("us")),
    "nanoseconds": pa.array([0, 1, 1_357_016_400_000_000_001], pa.timestamp("ns")),
    "zoned": pa.array([0, 5_000_000], pa.timestamp("us", "UTC")),
    "time": pa.array([0, 86_399_999_999], pa.time64("us")),
    "text": pa.array(["", "a", "ü", "\x00", "'"]),
    "blob": pa.array([b"", b"a\x00\xff\\'\"", b"\xc3\xbc"]),
    "enum": pa.array(["b", "a", "b"]).dictionary_encode(),
    "struct": pa.array([{"a": 1}, {"a": 2}]),
    "list": pa.array([[1], [1, 2], []]),
}


@pytest.mark.parametrize("name", READ_BACK)
def test_a_histogram_is_found_again_in_the_same_data(name: str) -> None:
    table = pa.table({"x": READ_BACK[name]})
    first = profiled(table)
    assert profiled(table, like=first)["x"].histogram == first["x"].histogram
    found = colprofile.drift(first, table)["x"]
    assert (found.verdict, found.kl_divergence, found.unseen_mass) == ("same", 0.0, 0.0)


@pytest.mark.parametrize(
    "kind", ["decimal(5,2)", "decimal(18,3)", "decimal(38,10)", "hugeint", "interval", "uuid", "bit"]
)
def test_a_histogram_is_found_again_for_types_that_arrow_lacks(kind: str) -> None:
    values = {
        "interval": "(i || ' days')::interval",
        "uuid": "md5(i::varchar)::uuid",
        "bit": "bin(i)::bit",
    }
    with duckdb.connect() as connection:
        expression = values.get(kind, f"(i / 8)::{kind}")
        connection.execute(f"create table t as select {expression} as x from range(50) r(i)")
        first = colprofile.profile(connection, "t", pairs=False)
        found = colprofile.drift(first, connection, fresh_table="t")["x"]
    assert (found.verdict, found.kl_divergence, found.cells) == ("same", 0.0, first["x"].distinct)


# Merging

NUMBERS = st.lists(st.one_of(st.none(), st.integers(0, 5), st.integers(-(10**12), 10**12)), max_size=60)
TEXTS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "ß"]), st.text(max_size=3)), max_size=60)
COLUMNS = st.one_of(
    st.tuples(NUMBERS, NUMBERS, st.just(pa.int64())),
    st.tuples(TEXTS, TEXTS, st.just(pa.string())),
)


@given(COLUMNS)
@settings(max_examples=40, deadline=None)
def test_parts_that_list_everything_add_up_to_the_whole(parts: Any) -> None:
    one, other, kind = parts
    texts = [v for v in [*one, *other] if isinstance(v, str)]
    if any("\ud800" <= c <= "\udfff" for text in texts for c in text):
        return
    first, second, whole = (histogram(pa.array(values, kind)) for values in (one, other, [*one, *other]))
    assert first.merge(second) == whole
    assert second.merge(first) == whole


@pytest.mark.parametrize("seed", range(4))
def test_parts_with_bins_add_up_on_the_first_ones_bins(seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = random.normal(0, 1, 6000), random.normal(1, 2, 9000)
    other[:800] = 0.25
    first = profiled(one)
    second = profiled(other, like=first)["x"].histogram
    both = first["x"].histogram.merge(second)
    expected = histogram(np.concatenate([one, other]), like=first)
    assert (both.rows, both.values, both.counts) == (15_000, expected.values, expected.counts)
    assert both.bin_counts == expected.bin_counts
    assert both.edges == expected.edges
    assert both.distinct_lowest is not None
    assert both.distinct_lowest <= expected.distinct <= both.distinct


@pytest.mark.parametrize("seed", range(4))
def test_parts_with_buckets_add_up_wherever_they_were_cut(seed: int) -> None:
    random = np.random.default_rng(seed)
    one = [f"u{i}" for i in random.zipf(1.2, 9000) % 4000]
    other = [f"u{i}" for i in random.integers(0, 3000, 9000)]
    first, second, whole = histogram(one), histogram(other), histogram(one + other)
    both = first.merge(second)
    assert first.values and not whole.is_complete
    assert (both.rows, both.nulls) == (whole.rows, whole.nulls)
    assert buckets_of_everything(both) == buckets_of_everything(whole)
    assert both.distinct_lowest is not None
    assert both.distinct_lowest <= whole.distinct <= both.distinct
    assert first.merge(second) == second.merge(first)


def buckets_of_everything(h: Histogram) -> list[int]:
    total = list(h.bucket_counts)
    for value, count in zip(h.values, h.counts, strict=True):
        total[bucket_of(value, len(total))] += count
    return total


def test_merging_refuses_bins_that_differ() -> None:
    first, second = histogram(np.arange(5000.0)), histogram(np.arange(5000.0) * 2)
    with pytest.raises(ArgumentError, match="like="):
        first.merge(second)
    text = histogram([f"u{i}" for i in range(5000)])
    with pytest.raises(ArgumentError, match="type changed"):
        first.merge(text)


def test_an_empty_part_changes_nothing() -> None:
    full = histogram([1, 2, 2, None])
    empty = histogram(pa.array([], pa.int64()))
    assert full.merge(empty) == full == empty.merge(full)


def test_like_needs_no_common_column() -> None:
    saved = colprofile.profile(pd.DataFrame({"y": [1, 2]}), pairs=False)
    assert histogram([1, 1], like=saved) == histogram([1, 1])
