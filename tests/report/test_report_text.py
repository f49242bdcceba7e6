from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from colprofile.report import text

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=80)


@given(ANY_TEXT, st.integers(1, 70))
def test_visible_is_one_line_of_shapes_and_no_longer_than_allowed(name: str, width: int) -> None:
    shown = text.visible(name, width)
    assert 1 <= len(shown) <= max(width, 2)
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in shown)
    shown.encode()


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60))
def test_plain_names_are_shown_as_they_are(name: str) -> None:
    assert text.visible(name) == name


def test_a_long_name_costs_no_more_than_a_short_one() -> None:
    assert text.visible("\x1b" * 10_000_000, 5) == "\\x1b…"


def test_towers_of_marks_are_cut() -> None:
    tower = "e" + "\u0301" * 50
    assert text.visible(tower).startswith("e\u0301\u0301\u0301\\u0301")


@given(st.floats(0, 1))
def test_percent_never_rounds_to_all_or_nothing(share: float) -> None:
    shown = text.percent(share)
    assert (shown == "0 %") == (share == 0)
    assert (shown == "100 %") == (share == 1)


@given(st.floats(-1, 1))
def test_coefficient_never_rounds_to_one(value: float) -> None:
    assert text.coefficient(value).endswith("1.00") == (abs(value) == 1)
    assert text.coefficient(value) != "−0.00"


@given(st.integers(0, 10**24))
def test_sizes_have_three_digits_and_grow(amount: int) -> None:
    shown, unit = text.size(amount).split()
    assert len(shown.replace(".", "")) <= 3 or unit == "EB"
    scale = 1000 ** ["B", "kB", "MB", "GB", "TB", "PB", "EB"].index(unit)
    assert abs(float(shown) * scale - amount) <= 0.0051 * amount + 1e-9
