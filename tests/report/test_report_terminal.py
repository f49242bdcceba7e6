from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pandas as pd
import pytest

import colprofile
from colprofile.report import text
from colprofile.report.profile.findings import sentences
from colprofile.report.profile.terminal import render_terminal
from tests.support import profiles


def row_of(shown: str, name: str) -> str:
    """The row of a column in the table of columns."""
    lines = shown.splitlines()
    return next(line for line in lines[lines.index("Columns") :] if line.startswith(name))


def findings_of(shown: str) -> str:
    """The findings on one line."""
    return " ".join(shown[shown.index("Findings") : shown.index("\nColumns")].split())


def test_flights_shows_what_matters_first() -> None:
    profile = profiles.flights_like()
    shown = render_terminal(profile, width=140, color=False)
    assert shown.startswith("flights · 2,000 rows · 15 columns: ")
    assert " · every row counted in 0.35 s\n" in shown
    found = findings_of(shown)
    for sentence in sentences(profile):
        assert f"{sentence.severity} {sentence.plain()}" in found
    assert re.search(r"^year +INTEGER +0 % +1 +2013 +2013 +2013 ", row_of(shown, "year"))
    assert re.search(r"^day +DATE +0 % +\d+ +2013-01-01 … (2013-\d\d-\d\d … )?2013-12-31 ", row_of(shown, "day"))
    top = profile["carrier"].top_values[0]
    assert f" {top.value} {text.percent(top.share)} · " in row_of(shown, "carrier")
    assert re.search(r"^remark +VARCHAR +100 % +0 +–", row_of(shown, "remark"))
    assert f" {profile['dest'].entropy:.3f} " in row_of(shown, "dest")
    assert "shape: the spatial extension is missing" in shown
    pair = profile.pair("dest", "distance")
    row = next(line for line in shown.splitlines() if re.match(r"dest +distance", line))
    assert row.split() == ["dest", "distance", f"{pair.dependence:.2f}", "–", "x", "↔", "y", "exact", row.split()[-1]]
    assert row.endswith(f"{pair.mutual_information:.3f}")


def test_the_planners_factor_is_for_databases() -> None:
    profile = profiles.flights_like()
    assert "planner" not in render_terminal(profile, width=200, color=False).split("Strongest pairs")[1]
    stored = replace(profile, provenance=replace(profile.provenance, table="flights"))
    pair = profile.pair("dest", "distance")
    shown = render_terminal(stored, width=200, color=False).split("Strongest pairs")[1]
    assert f"{pair.planner_factor:.1f}×" in shown


def test_columns_are_capped_and_the_rest_named() -> None:
    shown = render_terminal(profiles.wide(1000 // 10), color=False)
    assert "… and 70 more columns; --columns A,B shows those that you name, --html and --json all" in shown
    assert ".pairs_frame() show them all" in shown
    assert len(shown.splitlines()) < 70


def test_a_thousand_columns_stay_readable() -> None:
    shown = render_terminal(profiles.narrow_and_wide(1000), color=False)
    assert len(shown.splitlines()) < 70
    assert "and 994 more are constant" in findings_of(shown)


def test_estimates_are_never_shown_as_exact() -> None:
    shown = render_terminal(profiles.estimated(), color=False)
    assert "estimated from 400 random rows" in shown
    assert "every row counted" not in shown
    assert re.search(r" 7\.\d+–7\.\d+", row_of(shown, "day"))
    assert re.search(r"^dest +distance +\d\.\d\d .*\d+\.\d+–\d+\.\d+$", shown, re.MULTILINE)
    assert "exact" not in shown[shown.index("Strongest pairs") :]
    assert "≈" not in render_terminal(profiles.flights_like(200), color=False)


def test_a_sample_says_what_it_does_not_know() -> None:
    frame = pd.DataFrame({"x": [i % 50 for i in range(4000)], "y": [None if i % 4 else "a" for i in range(4000)]})
    shown = render_terminal(colprofile.profile(frame, sample_rows=1000), width=100, color=False)
    assert "estimated from 1,000 random rows" in shown
    lines = shown.splitlines()
    rows = lines[lines.index("Columns, as in the sample") :]
    assert re.search(r"^x +BIGINT +≈0 % +≥50 ", rows[2])
    assert re.search(r"^y +VARCHAR +≈\d\d\.\d % +≥1 +a ≈100 %", rows[3])
    assert "exact" not in shown


def test_without_pairs_says_how_to_get_them() -> None:
    shown = render_terminal(profiles.without_pairs(), color=False)
    assert "pairs not counted" in shown
    assert "Strongest pairs" not in shown


@pytest.mark.parametrize("color", [False, True])
def test_hostile_names_bring_no_control_characters(color: bool) -> None:
    shown = render_terminal(profiles.hostile(), color=color)
    if color:
        shown = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    # Rich's own colours are gone now; the names hold other escapes, which must not have come through.
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in shown if char != "\n")
    assert "[red]markup[/red]" in shown
    assert "line\\nbreak" in shown
    assert "\\u202egnp.exe" in shown
    assert ":smile:" in shown
    shown.encode()


def test_hostile_escapes_do_not_survive_in_colour() -> None:
    shown = render_terminal(profiles.hostile(), color=True)
    assert "\x1b]0;" not in shown
    assert "\x1b[2J" not in shown
    assert "\x1b[31mred" not in shown


def test_colour_only_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = profiles.two_rows()
    assert "\x1b[" in render_terminal(profile, color=True)
    assert "\x1b" not in render_terminal(profile, color=False)
    assert "\x1b" not in render_terminal(profile)  # standard output is captured, no terminal
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in render_terminal(profile, color=True)


def test_all_null_and_no_rows_have_dashes_not_zeros() -> None:
    shown = render_terminal(profiles.all_null(), color=False)
    assert "a, b, c and d hold nothing but NULL." in findings_of(shown)
    assert "100 % of the values missing, in 4 columns" in shown
    for name in ("all_null", "no_rows"):
        shown = render_terminal(profiles.ALL[name](), color=False)
        assert "–" in row_of(shown, "a ")
