from __future__ import annotations

import re
import unicodedata

import pytest
from rich.cells import cell_len

from colprofile.report.profile.terminal import render_terminal
from tests.support import profiles


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("name", profiles.ALL)
def test_every_profile_fits_its_width(name: str, width: int) -> None:
    shown = render_terminal(profiles.ALL[name](), width=width, color=False)
    assert max(map(cell_len, shown.splitlines())) <= width
    assert not any(line.endswith(" ") for line in shown.splitlines())
    assert shown.endswith("\n")


def lines_of(shown: str, label: str) -> str:
    """The text after a label, its continuation lines joined."""
    lines = shown.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(label))
    joined = lines[start].removeprefix(label)
    for line in lines[start + 1 :]:
        if not line.startswith("    "):
            break
        joined += " " + line.strip()
    return joined.strip()


def test_flights_shows_what_matters_first() -> None:
    profile = profiles.flights_like()
    shown = render_terminal(profile, width=100, color=False)
    assert shown.startswith("flights · 2,000 rows × 15 columns · ")
    assert " bits per row · exact · 0.35 s\n" in shown
    assert lines_of(shown, "highest entropy").startswith("flight_id 10.966 · day 8.370")
    assert lines_of(shown, "lowest entropy").startswith("is_late 0.910 · carrier 1.6")
    assert lines_of(shown, "constant") == "year"
    assert lines_of(shown, "keys") == "flight_id"
    assert lines_of(shown, "only NULL") == "remark"
    exact = lines_of(shown, "exact dependency")
    for dependency in ("dest ↔ distance", "sched_dep_time → hour", "sched_dep_time → minute"):
        assert dependency in exact
    assert "year" not in exact
    assert "flight_id" not in exact
    rows = profile.pair("tailnum", "carrier").y_to_x
    assert rows is not None
    assert lines_of(shown, "near dependency") == f"tailnum → carrier (except for {rows.violating_rows} rows)"
    assert "shape GEOMETRY: the spatial extension is missing" in shown
    pair = profile.pair("dest", "distance")
    row = next(line for line in shown.splitlines() if re.match(r"dest +distance", line))
    assert f"{pair.mutual_information:.3f}" in row
    assert f"{pair.planner_factor:.1f}×" in row
    assert "x ↔ y exact" in row


def test_columns_are_capped_and_the_rest_named() -> None:
    shown = render_terminal(profiles.wide(1000 // 10), color=False)
    assert "… and 70 more columns; --html, --json or .columns_frame() show them all" in shown
    assert ".pairs_frame() show them all" in shown
    assert len(shown.splitlines()) < 75


def test_a_thousand_columns_stay_readable() -> None:
    shown = render_terminal(profiles.narrow_and_wide(1000), color=False)
    assert len(shown.splitlines()) < 60
    assert "… and 992 more" in lines_of(shown, "constant")


def test_estimates_are_never_shown_as_exact() -> None:
    shown = render_terminal(profiles.estimated(), color=False)
    assert "estimated from 400 rows" in shown
    assert re.search(r"^day .* 7\.\d+–7\.\d+", shown, re.MULTILINE)
    assert re.search(r"^dest +distance +1\.00 +\d+\.\d+–\d+\.\d+", shown, re.MULTILINE)
    assert "≈" not in render_terminal(profiles.flights_like(200), color=False)


def test_without_pairs_says_how_to_get_them() -> None:
    shown = render_terminal(profiles.without_pairs(), color=False)
    assert "not counted" in shown
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
    assert lines_of(render_terminal(profiles.all_null(), color=False), "only NULL") == "a · b · c · d"
    for name in ("all_null", "no_rows"):
        shown = render_terminal(profiles.ALL[name](), color=False)
        row = next(line for line in shown.splitlines() if line.startswith("a "))
        assert "–" in row
