"""Hashes of values are equal where values are written alike, whatever type holds them."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.counting import value_hashes
from colprofile.counting.decimals import DecimalTextDictionary
from colprofile.counting.dictionary import Dictionary, IntegerDictionary, LabelDictionary, WordDictionary
from colprofile.counting.encoder import encoder_for
from colprofile.counting.marginal import Marginal
from colprofile.counting.saved_values import joined_texts
from colprofile.counting.scratch import Scratch
from colprofile.counting.value_hashes import hashed_values, text_hashes

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?)?")


def slow_form(text: str) -> Any:
    """The twin: what a text is, as its value where it is written as a number or a moment."""
    if NUMBER.fullmatch(text) and not re.fullmatch(r"-0(\.0*)?", text):
        digits = text.lstrip("-").replace(".", "")
        return Decimal(text) if int(digits) < 1 << 64 else text
    if MOMENT.fullmatch(text):
        try:
            whole, _, fraction = text.partition(".")
            moment = datetime.datetime.fromisoformat(whole)
        except ValueError:
            return text
        return moment, int(fraction.ljust(9, "0"))
    return text


def hashes_of(dictionary: Dictionary) -> list[int]:
    """The hash of each value, one at a time."""
    found = []
    for place in range(dictionary.size):
        counts = np.zeros(dictionary.size, np.int64)
        counts[place] = 1
        found += hashed_values(Marginal(0, counts, dictionary)).hashes.tolist()
    return found


def dictionary_of(values: list[Any], kind: pa.DataType) -> Dictionary:
    encoder = encoder_for(kind)
    encoder.encode(pa.array(values, kind))
    return encoder.dictionary()


digits = st.from_regex(r"-?[0-9]{0,3}(\.[0-9]{0,3})?", fullmatch=True)
days = st.from_regex(r"[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]", fullmatch=True)
moments = st.from_regex(r"20[0-9]{2}-0[1-3]-[0-3][0-9] [0-2][0-9]:00:[0-6]0(\.[0-9]{0,2}0{0,2})?", fullmatch=True)
large = st.integers(-(1 << 70), 1 << 70).map(str)
texts = st.one_of(digits, days, moments, large, st.text(max_size=12))


@given(st.lists(texts, min_size=2, max_size=12, unique=True))
def test_texts_have_one_hash_where_they_are_written_as_one_value(words: list[str]) -> None:
    forms = [slow_form(word) for word in words]
    hashes = text_hashes(*joined_texts(words))[0].tolist()
    for i, form in enumerate(forms):
        for j in range(i):
            assert (hashes[i] == hashes[j]) == (form == forms[j] and type(form) is type(forms[j])), (words[i], words[j])


@pytest.mark.parametrize(
    ("values", "kind", "written"),
    [
        ([7, -12, 0, 1 << 62, -(1 << 63)], pa.int64(), ["7", "-12", "0", str(1 << 62), str(-(1 << 63))]),
        ([7, (1 << 64) - 1], pa.uint64(), ["7", str((1 << 64) - 1)]),
        ([7.0, -12.0, 3.5, 0.1, -0.0, 1e15], pa.float64(), ["7", "-12", "3.5", "0.1", "0", "1000000000000000"]),
        ([7.0, 0.1, 16777216.0], pa.float32(), ["7", "0.1", "16777216"]),
        (["7.00", "-3.50", "0.00", "0.05"], pa.decimal128(9, 2), ["7", "-3.5", "0", "0.05"]),
        ([False, True], pa.bool_(), ["0", "1"]),
        ([datetime.date(2013, 1, 31), datetime.date(1969, 2, 28)], pa.date32(), ["2013-01-31", "1969-02-28 00:00:00"]),
        (
            [datetime.datetime(2013, 1, 31), datetime.datetime(1969, 2, 28, 1, 2, 3, 450000)],
            pa.timestamp("us"),
            ["2013-01-31", "1969-02-28 01:02:03.45"],
        ),
    ],
)
def test_values_of_all_types_hash_as_they_are_written(values: list[Any], kind: pa.DataType, written: list[str]) -> None:
    if pa.types.is_decimal(kind):
        values = [Decimal(value) for value in values]
    assert hashes_of(dictionary_of(values, kind)) == hashes_of(LabelDictionary(written))


def test_wide_numbers_hash_as_numbers() -> None:
    wide = 10**30
    expected = hashes_of(LabelDictionary(["7", str(wide), "3.5"]))
    assert hashes_of(IntegerDictionary([7, wide])) == expected[:2]
    assert hashes_of(IntegerDictionary([70, 35], scale=1)) == [expected[0], expected[2]]
    assert hashes_of(DecimalTextDictionary(LabelDictionary(["7.000", "3.50"]))) == [expected[0], expected[2]]


def test_dates_beyond_all_years_and_infinities_differ() -> None:
    words = np.array([2**31 - 1, -(2**31 - 1), 10**6, 10**6 + 1]).view(np.uint64)
    assert len(set(hashes_of(WordDictionary(words, pa.date32())))) == 4


def test_moments_with_a_zone_are_others() -> None:
    noon = [datetime.datetime(2013, 1, 31, 12)]
    zoned, plain = (dictionary_of(noon, pa.timestamp("us", zone)) for zone in ("UTC", None))
    assert hashes_of(zoned) != hashes_of(plain)


@pytest.mark.parametrize(
    ("dictionary", "ends"),
    [
        (LabelDictionary(["7", "-12", "007"]), (None, None)),
        (LabelDictionary(["7", "-12", "3"]), (-12, 7)),
        (dictionary_of([7, 3, 9], pa.int16()), (3, 9)),
        (dictionary_of([7.0, 3.0], pa.float64()), (3, 7)),
        (dictionary_of([7.0, 3.5], pa.float64()), (None, None)),
        (dictionary_of([Decimal("7.00"), Decimal("30.00")], pa.decimal128(9, 2)), (7, 30)),
        (dictionary_of([Decimal("7.00"), Decimal("3.50")], pa.decimal128(9, 2)), (None, None)),
        (dictionary_of([False, True], pa.bool_()), (None, None)),
        (LabelDictionary([]), (None, None)),
    ],
)
def test_smallest_and_largest_of_whole_numbers(dictionary: Dictionary, ends: tuple[int | None, int | None]) -> None:
    found = hashed_values(Marginal(0, np.ones(dictionary.size, np.int64), dictionary))
    assert (found.low, found.high) == ends


def test_values_that_do_not_occur_have_no_hash() -> None:
    words = LabelDictionary(["red", "green", "blue"])
    found = hashed_values(Marginal(0, np.array([2, 0, 1]), words)).hashes.tolist()
    assert found == sorted(hashes_of(LabelDictionary(["red", "blue"])))


def test_many_hashes_go_to_a_file_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    words = WordDictionary(np.arange(5000, dtype=np.uint64), pa.int64())
    marginal = Marginal(0, np.ones(5000, np.int64), words)
    monkeypatch.setattr(value_hashes, "IN_MEMORY", 100)
    monkeypatch.setattr(value_hashes, "AT_ONCE", 700)
    with Scratch(1 << 40) as scratch:
        stored = hashed_values(marginal, scratch)
        assert not stored.hashes.flags.owndata
        assert np.array_equal(stored.hashes, hashed_values(marginal).hashes)
        assert (stored.low, stored.high) == (0, 4999)


def test_labels_that_no_row_has_are_no_extremes() -> None:
    labels = LabelDictionary(["low", "2", "7", "900"])
    found = hashed_values(Marginal(0, np.array([0, 3, 1, 0]), labels))
    assert (found.hashes.size, found.low, found.high) == (2, 2, 7)
    assert hashed_values(Marginal(4, np.array([0, 0, 0, 0]), labels)).low is None
