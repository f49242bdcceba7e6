"""encode_packed: rows that come as dictionary arrays have the codes of their values, whatever the dictionaries hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.counting.encoder import encode_packed, encoder_for

INDICES = [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.int64()]


@st.composite
def packed_parts(draw: st.DrawFn) -> list[pa.DictionaryArray]:
    """Slices of dictionary arrays with NULL, repeated and unused values in their dictionaries."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        labels = draw(st.lists(st.none() | st.sampled_from(["", "a", "b", "c"]), min_size=1, max_size=5))
        places = draw(st.lists(st.none() | st.integers(0, len(labels) - 1), max_size=12))
        indices = pa.array([0, *places], draw(st.sampled_from(INDICES)))
        parts.append(pa.DictionaryArray.from_arrays(indices, pa.array(labels, pa.string())).slice(1))
    return parts


@settings(deadline=None)
@given(packed_parts())
def test_codes_stand_for_the_values(parts: list[pa.DictionaryArray]) -> None:
    encoder = encoder_for(pa.string())
    codes = [code for part in parts for code in encode_packed(encoder, part).tolist()]
    expected = [None if value is None else str(value) for part in parts for value in _plain(part).to_pylist()]
    dictionary = encoder.dictionary()
    values = dictionary.values(np.arange(dictionary.size))
    assert [None if code == 0 else values[code - 1] for code in codes] == expected


def _plain(part: pa.DictionaryArray) -> pa.Array:
    return part.dictionary.take(part.indices)


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1.5, 0.0, -0.0, float("nan")], pa.float64()), ([True, False], pa.bool_()), ([b"", b"\0"], pa.binary())],
)
def test_equal_values_of_different_dictionaries_have_one_code(values: list[Any], kind: pa.DataType) -> None:
    encoder = encoder_for(kind)
    plain = encoder.encode(pa.array(values, kind)).tolist()
    backwards = pa.DictionaryArray.from_arrays(pa.array(range(len(values)), pa.int8()), pa.array(values[::-1], kind))
    assert encode_packed(encoder, backwards).tolist() == plain[::-1]


def test_an_empty_dictionary_is_for_nulls_alone() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([None, None], pa.int8()), pa.array([], pa.string()))
    assert encode_packed(encoder_for(pa.string()), array).tolist() == [0, 0]


def test_values_that_no_row_has_get_no_code() -> None:
    encoder = encoder_for(pa.float64())
    array = pa.DictionaryArray.from_arrays(pa.array([2, 0, None, 2]), pa.array([1.5, float("nan"), 2.5, 1e300]))
    assert encode_packed(encoder, array).tolist() == [2, 1, 0, 2]
    assert encoder.dictionary().values(np.arange(2)) == [1.5, 2.5]
