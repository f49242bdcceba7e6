"""Columns whose values go to files: the same counts, order, histograms and quantiles as in memory, for every type."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from colprofile.counting.cells import Shape
from colprofile.counting.coded import CodedTable
from colprofile.counting.marginal import Marginal
from colprofile.counting.scratch import Scratch
from colprofile.counting.splitters import parts_of_bytes
from colprofile.counting.spooled import SpooledColumn
from colprofile.counting.spooled_values import bytes_of, native_words, ordered_words, values_for
from tests.support.coded_tables import encoded

ROWS = 6000


def corpus() -> pa.Table:
    """Columns of nearly as many values as rows, of every type that is encoded by hashing, some with NULL."""
    rng = np.random.default_rng(5)
    whole = rng.integers(-(2**62), 2**62, ROWS)
    floats = rng.normal(size=ROWS) * 10.0 ** rng.integers(-300, 300, ROWS)
    floats[:9] = [0.0, -0.0, np.nan, -np.nan, np.inf, -np.inf, np.inf, 5e-324, -5e-324]
    texts = ["a\0b", "a", "", "é", "\U0001f600", *(f"https://example.org/{v % 4000}" for v in whole.tolist())][:ROWS]
    is_null = rng.random(ROWS) < 0.2
    return pa.table(
        {
            "int64": pa.array(whole),
            "with nulls": pa.array(whole, mask=is_null),
            "uint64": pa.array(whole.view(np.uint64) * np.uint64(3)),
            "int16": pa.array((whole % 65_536 - 32_768).astype(np.int16)),
            "double": pa.array(floats),
            "float": pa.array(rng.normal(size=ROWS).astype(np.float32), mask=is_null),
            "decimal": pa.array([Decimal(v % 10**9) / 100 for v in whole.tolist()], pa.decimal128(12, 2)),
            "date": pa.array((whole % 80_000 - 40_000).astype("datetime64[D]")),
            "timestamp": pa.array((whole % 10**15).astype("datetime64[us]"), mask=is_null),
            "time": pa.array([datetime.time(h, m, s) for h, m, s in whole[:, None] % (24, 60, 60)], pa.time64("us")),
            "text": pa.array(texts, mask=is_null),
            "blob": pa.array([text.encode()[::-1] + b"\xff" for text in texts]),
            "half one value": pa.array(np.where(rng.random(ROWS) < 0.5, 7, whole)),
            "constant": pa.array(["one value that is longer than a word"] * ROWS),
            "few": pa.array((whole % 3).astype(np.int32)),
            "nothing": pa.nulls(ROWS, pa.int64()),
        }
    )


@pytest.fixture(scope="module")
def pair() -> Any:
    """The corpus in memory and, all that can be, in files, from the first batch on or after some."""
    with encoded(corpus(), 10**10) as whole, encoded(corpus(), 60_000) as spooled:
        assert sum(marginal.dictionary.scratch is not None for marginal in spooled.marginals) >= 10
        yield whole, spooled


def described(marginal: Marginal) -> dict[str, Any]:
    """All that a profile asks a marginal for."""
    like = Shape([*marginal.dictionary.values(marginal.occurring[:3]), "no value"], (), 0)
    return {
        "nulls": marginal.nulls,
        "filled": marginal.filled,
        "distinct": marginal.distinct,
        "fingerprint": [part.tolist() for part in marginal.fingerprint],
        "values": marginal.dictionary.values(marginal.occurring),
        "cumulative": marginal.cumulative.tolist(),
        "extremes": marginal.extremes() if marginal.filled else None,
        "top": marginal.top(10),
        "most": marginal.dictionary.values(marginal.most_frequent(1000)),
        "quantiles": marginal.quantiles(np.array([0.01, 0.5, 0.99])) if marginal.filled else None,
        "span": marginal.span(),
        "moments": marginal.moments() if marginal.span() else None,
        "bars": marginal.bars(np.linspace(-1e6, 1e6, 11)),
        "cells": _listed(marginal.cells()),
        "like few": _listed(marginal.cells(like, room=10)),
        "like all": _listed(marginal.cells(like, room=100_000)),
        "like bins": _listed(marginal.cells(Shape([], (-5.0, 0.0, 1e3), 0), is_open=True)),
        "like buckets": _listed(marginal.cells(Shape([], (), 16))),
        "positions": [
            int(place) >= 0 for place in marginal.dictionary.positions_of(marginal.dictionary.values(np.arange(3)))
        ]
        if marginal.distinct > 2
        else None,
    }


def _listed(cells: Any) -> Any:
    return [cells.values, cells.counts, *(getattr(cells.tail, name).tolist() for name in cells.tail.__dict__)]


@pytest.mark.parametrize("number", range(16), ids=corpus().column_names)
def test_a_column_in_files_is_the_same_as_in_memory(pair: tuple[CodedTable, CodedTable], number: int) -> None:
    whole, spooled = pair
    one, other = whole.marginals[number], spooled.marginals[number]
    assert described(other) == described(one)
    shown = []
    for coded, marginal in ((whole, one), (spooled, other)):
        values = [None, *marginal.dictionary.values(np.arange(marginal.counts.size))]
        shown.append([str(values[code]) for code in coded.codes[number]])
    assert shown[0] == shown[1]
    assert whole.codes[number].dtype == spooled.codes[number].dtype


@pytest.mark.parametrize("room", [1, 10_000, 10**9])
@pytest.mark.parametrize("name", ["double", "text", "with nulls", "nothing", "half one value"])
def test_the_number_of_parts_changes_nothing(name: str, room: int) -> None:
    array = corpus()[name].combine_chunks()
    values = values_for(array.type)
    assert values is not None
    with Scratch(10**12) as scratch:
        column = SpooledColumn(values, scratch, room)
        for begin in range(0, ROWS, 1000):
            column.add(array.slice(begin, 1000))
        dictionary, codes, counts = column.encode()
        found = [None, *dictionary.values(np.arange(dictionary.size))]
        expected = [str(v) for v in _values_in_memory(array)]
        assert [str(found[code]) for code in codes] == expected
        assert counts.tolist() == np.bincount(codes, minlength=dictionary.size + 1).tolist()
        del codes, counts, dictionary


def _values_in_memory(array: pa.Array) -> Sequence[Any]:
    with encoded(pa.table({"v": array}), 10**10) as coded:
        dictionary = coded.marginals[0].dictionary
        values = [None, *dictionary.values(np.arange(dictionary.size))]
        return [values[code] for code in coded.codes[0]]


def test_no_rows_and_no_values() -> None:
    values = values_for(pa.string())
    assert values is not None
    with Scratch(10**12) as scratch:
        dictionary, codes, counts = SpooledColumn(values, scratch, 1000).encode()
        assert (dictionary.size, codes.size, counts.tolist()) == (0, 0, [0])


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64(), pa.float64(), pa.bool_(), pa.date32()])
def test_words_that_are_put_in_order_come_back(kind: pa.DataType) -> None:
    words = np.array([0, 1, 2**63 - 1, 2**63 + 1, 2**64 - 2**53], np.uint64)
    ordered = ordered_words(words, kind)
    if pa.types.is_floating(kind):
        numbers = native_words(ordered, kind).view(np.float64)
        np.testing.assert_array_equal(numbers, words.view(np.float64))
    else:
        assert native_words(ordered, kind).tolist() == words.tolist()


def test_byte_strings_fall_between_splitters_as_they_sort() -> None:
    splitters = sorted([b"", b"a", b"ab", b"b", b"\xff"])
    texts = [b"", b"\0", b"a", b"aa", b"ab", b"abc", b"b", b"z", b"\xff", b"\xff\xff"]
    found = np.empty(len(texts), np.int64)
    strings, edges = (bytes_of(pa.array(items, pa.large_binary())) for items in (texts, splitters))
    parts_of_bytes(*strings, *edges, found)
    assert found.tolist() == [sum(splitter <= text for splitter in splitters) for text in texts]


def test_the_work_stops_where_it_is_asked_to() -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    values = values_for(pa.int64())
    assert values is not None
    with Scratch(10**12) as scratch:
        column = SpooledColumn(values, scratch, 1000)
        column.add(pa.array([1, 2]))
        with pytest.raises(Stopped):
            column.encode(stop)
