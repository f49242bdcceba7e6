"""Lengths, patterns and folded forms of texts, against readable loops."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from colprofile.counting.placeholders import CLEAR, POSSIBLE, placeholder_hashes
from colprofile.counting.saved_values import joined_texts
from colprofile.counting.texts import (
    LEADING_ZERO,
    MIXED_CASE,
    OUTER_SPACE,
    count_patterns,
    pattern_of,
    scan_texts,
)
from tests.support import slow_twins

TEXTS = st.lists(st.text(st.sampled_from("aAbZ09 -.\tßÄä日本٣😀\udcff"), max_size=9), min_size=1, max_size=40)


@given(TEXTS)
@example(["", " ", "İx", "ǅ", "\u2028", "\ud800"])
def test_scan_says_what_loops_say(texts: list[str]) -> None:
    texts = [
        text.encode("utf-8", "surrogateescape" if "\udcff" in text else "replace").decode("utf-8", "surrogateescape")
        for text in texts
    ]
    scan = scan_texts(*joined_texts(texts))
    assert scan.lengths.tolist() == [len(text) for text in texts]
    for hashes, slow in ((scan.patterns, slow_twins.pattern), (scan.folded, slow_twins.folded)):
        forms = defaultdict(set)
        for value, text in zip(hashes.tolist(), texts, strict=True):
            forms[value].add(slow(text))
        assert all(len(members) == 1 for members in forms.values())
        assert len(forms) == len({slow(text) for text in texts})
    assert [pattern_of(text) for text in texts] == [slow_twins.pattern(text) for text in texts]
    assert ((scan.flags & OUTER_SPACE) > 0).tolist() == [text != text.strip() for text in texts]


def test_flags() -> None:
    scan = scan_texts(*joined_texts(["007", "0", "0.5", "McD", "MCD", "x00", "-01"]))
    assert (scan.flags & LEADING_ZERO).astype(bool).tolist() == [True, False, False, False, False, False, False]
    assert (scan.flags & MIXED_CASE).astype(bool).tolist() == [False, False, False, True, False, False, False]


def test_patterns_are_counted_by_rows() -> None:
    texts = ["AB 1", "CD 22", "x", "EF 3"]
    found = count_patterns(scan_texts(*joined_texts(texts)), np.array([5, 1, 2, 0]))
    rows = {pattern_of(texts[place]): amount for place, amount in zip(found.example, found.rows.tolist(), strict=True)}
    assert rows == {"A 9": 6, "a": 2}


def test_no_texts() -> None:
    scan = scan_texts(np.zeros(1, np.int64), np.empty(0, np.uint8))
    assert count_patterns(scan, np.zeros(0, np.int64)).rows.tolist() == []


def test_placeholders_are_written_in_small_letters_and_once() -> None:
    texts = [*CLEAR, *POSSIBLE]
    assert [text.lower() for text in texts] == texts
    clear, possible = placeholder_hashes()
    assert len({*clear.tolist(), *possible.tolist()}) == len(texts)
