"""Names of statistics, and what a script makes of hostile text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from colprofile.results.planner import _comment
from colprofile.verbs.planner.advice import NAME_BYTES, statistics_name


@given(st.text(), st.lists(st.text(), min_size=2, max_size=4))
def test_a_name_is_short_plain_and_never_taken(table: str, columns: list[str]) -> None:
    taken: list[str] = []
    for _ in range(3):
        name = statistics_name(table, columns, taken)
        assert len(name.encode()) <= NAME_BYTES
        assert name.isascii() and name.replace("_", "a").isalnum() and name == name.lower()
        assert not name[0].isdigit()
        assert name not in taken
        taken.append(name)


def test_long_names_that_differ_at_their_ends_stay_different() -> None:
    long = "c" * 80
    assert statistics_name("t", [f"{long}1", "b"], []) != statistics_name("t", [f"{long}2", "b"], [])


@given(st.text())
def test_a_comment_is_one_line(text: str) -> None:
    comment = _comment(text)
    assert comment.startswith("--")
    assert len(comment.splitlines()) == 1
