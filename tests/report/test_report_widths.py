"""Every report fits every terminal, whatever names and values hold, and whatever its encoding lacks."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.report import characters
from colprofile.results import base
from colprofile.results.base import Result
from colprofile.results.quality import MissingPattern, QualityIssue, TextShape
from tests.support import database_results, planner_reports, profiles

WIDTHS = (20, 25, 32, 41, 50, 59, *range(60, 201, 10), 79, 81, 99, 101, 133)


@cache
def hostile_frame() -> pd.DataFrame:
    """Columns that determine each other, with names and values of every kind that terminals garble."""
    draw = np.random.default_rng(5)
    x = np.arange(600) % 37
    names = [name for name in profiles.HOSTILE_NAMES if name not in ("SELECT", "\ud800 lone")]
    frame = pd.DataFrame({name: x * (i + 1) % 37 % (30 - i) for i, name in enumerate(names)})
    frame["wide 値"] = [f"名前{value}\u3000の値 e\u0301\u0301\u0301\u0301 👩‍👩‍👧‍👦" for value in x // 3]
    frame["right"] = [f"\u202e{value}שלום" for value in x // 5]
    frame["huge"] = draw.choice([1e300, -1e-300, 5e15, 0.5], 600)
    frame["time"] = pd.date_range("1700-01-01", periods=600, freq="D")
    frame["का ক্ষ 👍🏽 ❤️"] = [f"क्षि{value} 🇩🇪 ⚠️" for value in x // 2]
    frame["\u0301\u3164\u115f"] = [f"\u093e{value}\u2800\u302e" for value in x // 4]
    frame["gaps"] = [None if value % 7 == 0 else f"\x1b[2J{value}" for value in x]
    frame["copy"] = frame["right"]
    return frame


@cache
def drifted() -> Result:
    frame = hostile_frame()
    changed = frame.iloc[200:].copy()
    changed["right"] = "\u202enew"
    changed["wide 値"] = changed["wide 値"].where(changed.index % 3 == 0, "値" * 100)
    changed["huge"] = changed["huge"].astype(str)
    return colprofile.drift(frame, changed.drop(columns=["copy"]))


MADE: dict[str, Callable[[], Result]] = {
    **{f"profile of {name}": made for name, made in profiles.ALL.items()},
    "counted profile": cache(lambda: colprofile.profile(hostile_frame())),
    "sampled profile": cache(lambda: colprofile.profile(hostile_frame(), sample_rows=200)),
    "wide profile": cache(lambda: profiles.wide(60)),
    "audit": cache(lambda: colprofile.audit(hostile_frame())),
    "audit of nothing": cache(lambda: colprofile.audit(pd.DataFrame({"a": [1.5, 2.5]}).iloc[:0])),
    "drift": drifted,
    "drift of nothing": cache(lambda: colprofile.drift(hostile_frame().iloc[:0], hostile_frame().iloc[:0])),
    "latent": cache(lambda: colprofile.latent_classes(hostile_frame(), max_classes=3, restarts=1)),
    "planner": planner_reports.wrong,
    "fine planner": planner_reports.fine,
    **{f"{verb} of a database": made for verb, made in database_results.ALL.items()},
}


def most_cells(line: str) -> int:
    """Cells of a line in the terminal that gives it most: for spacing marks, and for variation selectors."""
    cells = 0
    for char in line:
        category = unicodedata.category(char)
        if category in ("Mn", "Me", "Cf"):
            cells += char == "\ufe0f"
        else:
            cells += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return cells


@pytest.mark.parametrize("name", MADE)
def test_no_line_is_wider_than_the_terminal(name: str) -> None:
    result = MADE[name]()
    for width in WIDTHS:
        lines = result.to_terminal(width=width, color=False).split("\n")
        assert max(map(most_cells, lines)) <= width, (width, max(lines, key=most_cells))
        assert not any(line.endswith(" ") for line in lines)


@pytest.mark.parametrize("name", MADE)
def test_nothing_moves_the_cursor_or_is_invisible(name: str) -> None:
    for width in (40, 100, 200):
        shown = MADE[name]().to_terminal(width=width, color=False)
        assert not [char for char in shown if char != "\n" and unicodedata.category(char)[0] == "C"]
        assert not characters.BLANKS & set(shown)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
def test_what_the_encoding_lacks_is_replaced_and_still_fits(name: str, encoding: str) -> None:
    for width in (33, 60, 100, 200):
        shown = MADE[name]().to_terminal(width=width, color=False, encoding=encoding)
        shown.encode(encoding)
        assert max(map(most_cells, shown.split("\n"))) <= width


def test_ascii_shows_bars_as_signs_and_names_as_escapes() -> None:
    shown = profiles.hostile().to_terminal(width=200, color=False, encoding="ascii")
    assert "###" in shown
    assert "\\u05e9\\u05dc\\u05d5\\u05dd" in shown  # שלום, which a question mark for each letter would hide
    assert "█" not in shown


def test_more_columns_appear_as_there_is_room() -> None:
    flights = profiles.flights_like()

    def headings(width: int) -> list[str]:
        lines = flights.to_terminal(width=width, color=False).splitlines()
        return lines[lines.index("Columns") + 1].split()

    seen = [headings(width) for width in range(60, 201)]
    one_word = {
        "column",
        "type",
        "missing",
        "distinct",
        "histogram",
        "mean",
        "std",
        "bits",
        "effective",
        "floor",
        "stored",
    }
    assert all(one_word & set(narrow) <= set(wide) for narrow, wide in pairwise(seen))
    assert seen[0][:3] == ["column", "missing", "distinct"]
    assert {"type", "min", "median", "max", "histogram", "bits"} <= set(headings(110))
    assert {"mean", "std", "effective", "floor", "stored"} <= set(headings(200))


@pytest.mark.parametrize("width", [60, 100, 140, 200])
def test_a_legend_explains_only_what_is_shown(width: int) -> None:
    shown = profiles.flights_like().to_terminal(width=width, color=False)
    part = shown[shown.index("\nColumns\n") : shown.index("\nStrongest pairs\n")].replace("\n", " ")
    heading = part[: part.index("flight_id")]
    for word in ("bits", "of maximum", "effective", "floor"):
        assert (f" {word}: " in part) == (word in heading)


@pytest.mark.parametrize(
    ("columns", "is_terminal", "width"),
    [(None, False, 100), ("72", False, 72), ("72", True, 72), ("999", True, 200), ("nonsense", False, 100)],
)
def test_show_takes_the_terminals_width(
    monkeypatch: pytest.MonkeyPatch, columns: str | None, is_terminal: bool, width: int
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((0, 0)))
    assert base.terminal_width() == width


def with_quality(profile: Any) -> Any:
    """A profile with what is counted of the data's quality, which old saved profiles lack."""
    return replace(
        profile,
        duplicate_rows=12,
        missing_patterns=(MissingPattern((), profile.rows - 12), MissingPattern(("remark",), 12)),
        quality=(QualityIssue("placeholder", "high", ("carrier",), 24, 0.012, (("N/A", 24),), (3, 9)),),
        columns=tuple(replace(c, text=TextShape(1, 4, 9, (("A9", 7),))) for c in profile.columns),
    )


def test_plain_facts_come_first() -> None:
    shown = with_quality(profiles.flights_like()).to_terminal(width=100, color=False)
    first = shown.split("\n\n")[0].replace("\n", " · ")
    assert first.split(" · ") == [
        "flights",
        "2,000 rows",
        "15 columns: 9 numeric, 2 categorical, 2 text, 1 time, 1 boolean",
        "7.0 % of the values missing, in 3 columns",
        "12 duplicate rows (0.6 %)",
        "1 column skipped",
        "every row counted in 0.35 s",
    ]
    assert shown.index("Findings") < shown.index("Columns") < shown.index("Strongest pairs")


def test_old_profiles_say_nothing_of_what_was_not_counted() -> None:
    shown = profiles.flights_like().to_terminal(color=False)
    assert "duplicate" not in shown
    assert "no duplicate rows" in replace(profiles.flights_like(), duplicate_rows=0).to_terminal(color=False)
