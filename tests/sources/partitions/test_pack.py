"""What workers pack: the rows come back, and the groups of nested values are those of a slow readable twin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.sources.partitions.pack import coded, groups_of, packed

FLOATS = st.sampled_from([0.0, -0.0, 1.5, -1.5, math.inf, math.nan])


def types(depth: int = 2) -> st.SearchStrategy[pa.DataType]:
    """Types of Arrow, nested up to ``depth`` deep."""
    plain = st.sampled_from([pa.int8(), pa.float64(), pa.string(), pa.bool_(), pa.binary(), pa.null()])
    if not depth:
        return plain
    inner = types(depth - 1)
    return st.one_of(
        plain,
        inner.map(pa.list_),
        inner.map(pa.large_list),
        inner.map(lambda kind: pa.list_(kind, 2)),
        inner.map(pa.list_view),
        inner.map(lambda kind: pa.map_(pa.string(), kind)),
        st.lists(inner, max_size=3).map(lambda kinds: pa.struct([(f"f{i}", kind) for i, kind in enumerate(kinds)])),
    )


def values(kind: pa.DataType) -> st.SearchStrategy[Any]:
    """Values of a type, of which some are equal, and some NULL."""
    if pa.types.is_null(kind):
        return st.none()
    if pa.types.is_integer(kind):
        some: st.SearchStrategy[Any] = st.integers(-1, 2)
    elif pa.types.is_floating(kind):
        some = FLOATS
    elif pa.types.is_boolean(kind):
        some = st.booleans()
    elif pa.types.is_string(kind):
        some = st.sampled_from(["", "a", "b", "'\n"])
    elif pa.types.is_binary(kind):
        some = st.sampled_from([b"", b"a", b"\0"])
    elif pa.types.is_map(kind):
        some = st.lists(st.tuples(st.sampled_from("ab"), values(kind.item_type)), max_size=2)
    elif pa.types.is_fixed_size_list(kind):
        some = st.lists(values(kind.value_type), min_size=2, max_size=2)
    elif pa.types.is_struct(kind):
        some = st.fixed_dictionaries({field.name: values(field.type) for field in kind})
    else:
        some = st.lists(values(kind.value_type), max_size=2)
    return st.none() | some


@st.composite
def arrays(draw: st.DrawFn) -> pa.Array:
    """Arrays that are slices of longer ones."""
    kind = draw(types())
    array = pa.array(draw(st.lists(values(kind), min_size=1, max_size=12)), kind)
    begin = draw(st.integers(0, len(array) - 1))
    return array.slice(begin, draw(st.integers(1, len(array) - begin)))


def key(value: Any) -> Any:
    """What is the same for equal values alone: NaN is one value, and so are 0.0 and −0.0."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    if isinstance(value, dict):
        return tuple((name, key(part)) for name, part in value.items())
    if isinstance(value, list | tuple):
        return ("parts", *map(key, value))
    return (type(value).__name__, value)


def keys(array: pa.Array) -> list[Any]:
    return [key(value) for value in array.to_pylist()]


def numbered(items: list[Any]) -> list[int]:
    """The number of each item, in order of first appearance."""
    numbers: dict[Any, int] = {}
    return [numbers.setdefault(item, len(numbers)) for item in items]


def unsigned(array: pa.Array) -> pa.Array:
    """The same values without −0.0, which may be a group of its own."""
    return pa.array([_unsigned(value) for value in array.to_pylist()], array.type)


def _unsigned(value: Any) -> Any:
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, dict):
        return {name: _unsigned(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_unsigned(part) for part in value)
    return value


@settings(deadline=None, max_examples=100)
@given(arrays())
def test_groups_are_those_of_the_slow_twin(array: pa.Array) -> None:
    array = unsigned(array)
    codes, first = groups_of(array)
    assert numbered(codes.tolist()) == numbered(keys(array))
    assert [codes.tolist().index(number) for number in range(len(first))] == first.tolist()


@settings(deadline=None, max_examples=100)
@given(arrays())
def test_groups_never_join_what_differs(array: pa.Array) -> None:
    """Slices of longer arrays, and −0.0: what is one value may have two groups, never the other way round."""
    codes, _ = groups_of(array)
    assert len(set(zip(codes.tolist(), keys(array), strict=True))) == len(set(codes.tolist()))


@settings(deadline=None, max_examples=60)
@given(arrays(), st.lists(st.integers(1, 4), min_size=1, max_size=4), st.sampled_from([1, 100, 1 << 20]))
def test_the_rows_come_back(array: pa.Array, lengths: list[int], blob_bytes: int) -> None:
    batch = pa.RecordBatch.from_arrays([array, pa.array(np.arange(len(array)))], ["c0", "c1"])
    batches, begin = [batch.slice(0, 0)], 0
    for length in [*lengths, len(array)]:
        batches.append(batch.slice(begin, length))
        begin += length
    found, numbers = [], []
    for blob in packed(iter(batches), blob_bytes=blob_bytes):
        for rows, data in zip(*(part.to_pylist() for part in blob.columns), strict=True):
            table = pa.ipc.open_stream(data).read_all()
            assert table.num_rows == rows
            found += [key(value) for value in table.column(0).to_pylist()]
            numbers += table.column(1).to_pylist()
    assert (found, numbers) == (keys(array), list(range(len(array))))


def test_what_lies_behind_null_lists_does_not_matter() -> None:
    lists = pa.ListArray.from_arrays(
        pa.array([0, 2, 4, 5], pa.int32()), pa.array([1, 2, 3, 4, 5]), mask=pa.array([True, True, False])
    )
    outer = pa.StructArray.from_arrays([lists], ["a"])
    assert groups_of(lists)[0].tolist() == groups_of(outer)[0].tolist() == [0, 0, 1]
    assert coded(lists).to_pylist() == [None, None, [5]]
    assert coded(outer).to_pylist() == [{"a": None}, {"a": None}, {"a": [5]}]


def test_members_of_unions_stay_apart() -> None:
    members = [pa.array([1, 1, 1, 2]), pa.array([1, 1, 1, 1], pa.int8())]
    array = pa.UnionArray.from_sparse(pa.array([0, 1, 0, 0], pa.int8()), members)
    assert numbered(groups_of(array)[0].tolist()) == [0, 1, 0, 2]
    assert numbered(groups_of(array.slice(1))[0].tolist()) == [0, 1, 2]


def test_long_tensors_stay_apart() -> None:
    """As Python shows them, only their ends differ or not."""
    values = np.zeros((3, 3_000))
    values[1, 1_500] = 1
    tensors = pa.FixedShapeTensorArray.from_numpy_ndarray(values)
    array = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), tensors)
    assert numbered(groups_of(array)[0].tolist()) == [0, 1, 0]


@pytest.mark.parametrize("distinct", [1, 128, 129, 30_000])
def test_indices_are_as_narrow_as_can_be(distinct: int) -> None:
    found = coded(pa.array(np.arange(3 * distinct) % distinct))
    assert found.type.index_type == (pa.int8() if distinct <= 128 else pa.int16())
    assert len(found.dictionary) == distinct


def test_what_hardly_repeats_is_sent_as_it_is() -> None:
    assert coded(pa.array(range(100))).type == pa.int64()
