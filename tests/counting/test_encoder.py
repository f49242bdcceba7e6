"""Encoders: codes stand for the values, across batches, growth and NULLs; dictionaries give the values back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.counting.encoder import Encoder, RankEncoder, encoder_for
from colprofile.counting.value_texts import blob_text


def encode(values: list[Any], kind: pa.DataType, parts: int = 1) -> tuple[list[int], Encoder]:
    """Codes of all values, fed in several arrays that begin at an offset of a larger buffer."""
    encoder = encoder_for(kind)
    codes: list[int] = []
    for part in np.array_split(np.arange(len(values)), parts):
        whole = pa.array([None, *(values[i] for i in part)], kind)
        codes += encoder.encode(whole.slice(1)).tolist()
    return codes, encoder


def decoded(codes: list[int], encoder: Encoder) -> list[Any]:
    dictionary = encoder.dictionary()
    values = dictionary.values(np.arange(dictionary.size))
    return [None if code == 0 else values[code - 1] for code in codes]


texts = st.lists(st.none() | st.text(max_size=20), max_size=60)
numbers = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=60)


@settings(deadline=None)
@given(texts, st.integers(1, 3))
def test_text_comes_back(values: list[str | None], parts: int) -> None:
    assert decoded(*encode(values, pa.string(), parts)) == values


@settings(deadline=None)
@given(st.lists(st.none() | st.binary(max_size=30), max_size=60))
def test_blobs_come_back_in_duckdbs_text_form(values: list[bytes | None]) -> None:
    assert decoded(*encode(values, pa.binary())) == [None if v is None else blob_text(v) for v in values]


@settings(deadline=None)
@given(numbers, st.integers(1, 3))
def test_integers_come_back(values: list[int | None], parts: int) -> None:
    assert decoded(*encode(values, pa.int64(), parts)) == values


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()])
def test_every_integer_width(kind: pa.DataType) -> None:
    top = 2 ** (kind.bit_width - (not pa.types.is_unsigned_integer(kind))) - 1
    low = 0 if pa.types.is_unsigned_integer(kind) else -top - 1
    values = [low, top, None, 1, top, low]
    codes, encoder = encode(values, kind)
    assert decoded(codes, encoder) == values
    dictionary = encoder.dictionary()
    assert dictionary.values(dictionary.order) == sorted({low, top, 1})


def test_zeros_are_one_value_and_so_are_nans() -> None:
    codes, encoder = encode([0.0, -0.0, float("nan"), -float("nan"), float("inf"), None], pa.float64())
    assert codes == [1, 1, 2, 2, 3, 0]
    dictionary = encoder.dictionary()
    assert dictionary.values(dictionary.order) == [0.0, "inf", "nan"]


def test_floats_are_shown_shortest() -> None:
    assert decoded(*encode([0.1, None], pa.float32())) == [0.1, None]


@pytest.mark.parametrize(
    "kind",
    [
        *(pa.decimal128(9, 2), pa.decimal128(18, 2), pa.decimal128(38, 2), pa.decimal64(18, 2)),
        *(pa.decimal32(9, 2), pa.decimal256(9, 2), pa.decimal256(76, 2)),
    ],
)
def test_decimals(kind: pa.DataType) -> None:
    values = [Decimal("-0.05"), Decimal("12.30"), None, Decimal("-0.05"), Decimal("100.00")]
    codes, encoder = encode(values, kind)
    assert decoded(codes, encoder) == ["-0.05", "12.30", None, "-0.05", "100.00"]
    dictionary = encoder.dictionary()
    assert dictionary.values(dictionary.order) == ["-0.05", "12.30", "100.00"]
    assert dictionary.axis is not None
    assert dictionary.axis.tolist() == [-0.05, 12.3, 100.0]


@pytest.mark.parametrize("kind", [pa.string(), pa.int64()])
def test_growth_keeps_every_code(kind: pa.DataType) -> None:
    values: list[Any] = [i * 7919 % 20_011 for i in range(60_000)]
    if kind == pa.string():
        values = [f"a longer text that does not fit a word {value}" for value in values]
    codes, encoder = encode(values, kind, parts=7)
    assert decoded(codes, encoder) == values
    assert encoder.dictionary().size == 20_011


def test_strings_with_equal_beginnings_and_zero_bytes_differ() -> None:
    values = ["", "\0", "\0\0", "12345678", "123456789", "12345678\0", "1234567", "x" * 100, "x" * 99 + "y"]
    codes, _ = encode(values, pa.string())
    assert codes == list(range(1, 10))


def test_large_strings_and_null_arrays() -> None:
    assert encode(["a", None, "a"], pa.large_string())[0] == [1, 0, 1]
    assert encode([None, None], pa.null())[0] == [0, 0]


def test_enum_labels_keep_their_order_and_may_be_unused() -> None:
    encoder = encoder_for(pa.dictionary(pa.uint8(), pa.string()))
    array = pa.DictionaryArray.from_arrays(pa.array([1, None, 1], pa.uint8()), pa.array(["z", "a", "unused"]))
    assert encoder.encode(array).tolist() == [2, 0, 2]
    assert encoder.dictionary().values(np.arange(3)) == ["z", "a", "unused"]


def test_ranks_carry_their_text() -> None:
    encoder = RankEncoder()
    first = pa.array([{"rank": 2, "text": "b"}, {"rank": None, "text": None}, {"rank": 2, "text": "b"}])
    second = pa.array([{"rank": 1, "text": "a"}, {"rank": 3, "text": "c"}])
    assert encoder.encode(first).tolist() == [2, 0, 2]
    assert encoder.encode(second).tolist() == [1, 3]
    assert encoder.dictionary().values(np.arange(3)) == ["a", "b", "c"]


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeError, match="no encoder"):
        encoder_for(pa.list_(pa.int8()))


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=40, unique=True))
def test_text_is_ordered_by_its_bytes(values: list[str]) -> None:
    _, encoder = encode(values, pa.string())
    dictionary = encoder.dictionary()
    assert dictionary.values(dictionary.order) == sorted(values, key=lambda text: text.encode())


@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize(
    "values",
    [
        [f"{i * 7919 % 1000:03}" for i in range(1000)],
        [float(i * 7919 % 1000) for i in range(1000)],
        [Decimal(i * 7919 % 1000) for i in range(1000)],
        ["é", "e", "", "z", "Z", "zz", "\U0001f600"],
    ],
    ids=["text", "float", "wide decimal", "bytes order"],
)
def test_the_first_values_are_those_of_the_order(values: list[Any], is_last: bool) -> None:
    kind = pa.decimal128(38, 0) if isinstance(values[0], Decimal) else None
    array = pa.array(values, kind)
    encoder = encoder_for(array.type)
    encoder.encode(array)
    dictionary = encoder.dictionary()
    some = np.arange(0, dictionary.size, 2)
    ranked = [p for p in dictionary.order.tolist() if p % 2 == 0]
    if is_last:
        ranked.reverse()
    for limit in (1, 3, some.size, some.size + 5):
        assert dictionary.first(some, limit, is_last=is_last).tolist() == ranked[:limit]
    assert dictionary.first(some[:0], 3, is_last=is_last).tolist() == []
