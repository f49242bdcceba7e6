"""What helps in reading a page, in a real Chromium: glossary, sticky headings, long tables, downloads, print."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page

import colprofile
from colprofile import Profile
from colprofile.report.glossary import GLOSSARY
from tests.support import profiles
from tests.support.browser import Open, overflow
from tests.support.tables import flights


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("reading")
    makers: dict[str, Callable[[], Profile]] = {
        "flights": profiles.flights_like,
        "hostile": profiles.hostile,
        "wide": profiles.wide,
        "facts": profiles.facts,
    }

    @cache
    def written(name: str) -> Path:
        path = folder / f"{name}.html"
        makers[name]().to_html(path)
        return path

    return written


def box(page: Page, selector: str) -> dict[str, float]:
    found: dict[str, float] = page.locator(selector).first.evaluate("(e) => e.getBoundingClientRect().toJSON()")
    return found


# ---- the glossary


def test_a_term_shows_its_meaning_to_pointer_and_keyboard(open_file: Open, file: Callable[[str], Path]) -> None:
    report = open_file(file("flights"))
    page = report.page
    mark = page.locator("#columns-table thead a.term", has_text="?").nth(2)
    meaning = page.locator("body > div[aria-hidden]")
    assert not meaning.is_visible()
    mark.hover()
    assert GLOSSARY["entropy"].meaning in meaning.inner_text()
    page.mouse.move(0, 0)
    assert not meaning.is_visible()
    mark.focus()
    assert GLOSSARY["entropy"].meaning in meaning.inner_text()
    frame = meaning.evaluate("(e) => e.getBoundingClientRect().toJSON()")
    assert frame["left"] >= 0
    assert frame["right"] <= 1440
    page.keyboard.press("Escape")
    assert not meaning.is_visible()
    page.keyboard.press("Enter")
    assert page.url.endswith("#term-entropy")
    assert report.complaints == []


def test_the_foot_has_every_term_of_the_page_and_no_other(open_file: Open, file: Callable[[str], Path]) -> None:
    page = open_file(file("flights"), java_script_enabled=False).page
    used = page.locator("a.term").evaluate_all("links => links.map(link => link.hash)")
    assert used
    listed = page.locator(".glossary > div").evaluate_all("entries => entries.map(entry => `#${entry.id}`)")
    assert sorted(set(used)) == sorted(listed)
    words = page.locator("#glossary").inner_text()
    for key in ("entropy", "bit", "dependence", "efficiency", "effective", "floor", "mutual-information", "explained"):
        assert GLOSSARY[key].term in words


# ---- headings, navigation and anchors


@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.parametrize("table", ["columns", "pairs"])
def test_headings_stay_in_view_below_the_navigation(
    open_file: Open, file: Callable[[str], Path], table: str, width: int
) -> None:
    page = open_file(file("flights"), width=width).page
    page.locator(f"#{table}-table tbody tr").nth(8).evaluate("(row) => row.scrollIntoView({block: 'center'})")
    page.evaluate(f"document.querySelector('#{table}-table').closest('.tall')?.scrollBy(0, 40)")
    bar = box(page, "nav")
    assert bar["top"] == 0
    at = "([x, y]) => document.elementFromPoint(x, y)"
    places = [[bar["left"] + 10 + step * 60, bar["height"] / 2] for step in range(5)]
    assert all(page.evaluate(f"{at}.closest('nav') !== null", place) for place in places)
    if width == 1440 or table == "pairs":
        head = box(page, f"#{table}-table thead th")
        place = [head["left"] + 12, max(head["bottom"] - 12, bar["bottom"] + 2)]
        words = page.evaluate(f"{at}?.closest('th')?.textContent ?? ''", place)
        assert words.strip().startswith(("Column", "X"))
    if width == 1440 and table == "columns":
        assert head["top"] >= bar["bottom"] - 1


@pytest.mark.parametrize("width", [375, 768, 1440])
def test_what_the_navigation_leads_to_is_not_covered(open_file: Open, file: Callable[[str], Path], width: int) -> None:
    page = open_file(file("facts"), width=width).page
    links = page.locator("nav a").evaluate_all("links => links.map(link => link.hash)")
    assert links[1:7] == ["#rows", "#alerts", "#columns", "#missing", "#bits", "#pairs"]
    for link in links:
        page.evaluate("(hash) => { location.hash = hash; }", link)
        page.wait_for_timeout(30)
        heading = box(page, f"{link}-heading")
        assert heading["top"] >= box(page, "nav")["bottom"] - 1, link


# ---- long tables


def test_three_hundred_columns_come_fifty_at_a_time_and_are_quick(open_file: Open, file: Callable[[str], Path]) -> None:
    path = file("wide")
    assert path.stat().st_size < 6_000_000
    report = open_file(path)
    page = report.page
    took = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    assert took < 10_000, f"{took} ms to load"
    rows = page.locator("#columns-table tbody:visible")
    assert rows.count() == 50
    page.get_by_role("button", name="Show 50 more").first.click()
    assert rows.count() == 100
    search = page.locator("[data-tools-for=columns-table] input")
    last = page.locator("#columns-table tbody th .name").last.text_content()
    search.fill(last or "")
    assert last in rows.locator("th .name").all_inner_texts()
    search.fill("")
    # A link to a column that is not shown yet shows it.
    page.evaluate("location.hash = '#c299'")
    page.wait_for_timeout(100)
    assert page.locator("#c299").is_visible()
    assert overflow(page) <= 0
    assert report.complaints == []


# ---- downloads


def saved(page: Page, button: str) -> tuple[str, str]:
    """Press a button; return the file's name and its text."""
    with page.expect_download() as started:
        page.locator(button).first.click()
    path = started.value.path()
    return started.value.suggested_filename, Path(path).read_bytes().decode("utf-8-sig")


def test_the_json_is_the_profile(open_file: Open, file: Callable[[str], Path], tmp_path: Path) -> None:
    report = open_file(file("flights"))
    name, content = saved(report.page, "[data-download='']")
    assert name.endswith(".json")
    assert json.loads(content) == profiles.flights_like().to_dict()
    assert len(report.requests) == 1


def test_a_table_is_what_its_data_frame_is(open_file: Open, file: Callable[[str], Path]) -> None:
    profile, page = profiles.flights_like(), open_file(file("flights")).page
    _, content = saved(page, "[data-download='pairs']")
    pairs = pd.read_csv(io.StringIO(content))
    frame = profile.pairs_frame()
    assert len(pairs) == len(frame)
    for column in ("x", "y", "dependence", "mutual_information", "x_to_y_g3", "y_to_x_uncertainty_coefficient"):
        expected = frame[column]
        if column in ("x", "y"):
            assert pairs[column].tolist() == expected.tolist()
        else:
            assert pairs[column].tolist() == pytest.approx(expected.astype(float).tolist(), nan_ok=True)
    _, content = saved(page, "[data-download='columns']")
    columns = pd.read_csv(io.StringIO(content))
    assert columns["name"].tolist() == [column.name for column in profile.columns]
    assert columns["distinct"].tolist() == [column.distinct for column in profile.columns]


def test_no_name_becomes_a_formula_or_another_cell(open_file: Open, tmp_path: Path) -> None:
    names = ["=1+1", "+x", "-x", "@x", "\tx", 'a"b', "a,b", "a\nb", "\r=2", "plain"]
    frame = pd.DataFrame({name: [1, 2, 3, 3] for name in names})
    path = tmp_path / "formula.html"
    colprofile.profile(frame).to_html(path)
    report = open_file(path)
    _, content = saved(report.page, "[data-download='columns']")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["name"].removeprefix("'") for row in rows] == names
    for row in rows:
        assert row["name"][0] not in "=+-@\t\r\n"
    assert [row["rows"] for row in rows] == ["4"] * len(names)
    assert report.complaints == []


def test_sample_rows_have_the_columns_names(open_file: Open, file: Callable[[str], Path]) -> None:
    profile, page = profiles.facts(), open_file(file("facts")).page
    _, content = saved(page, "[data-download='example_rows']")
    head, *rows = csv.reader(io.StringIO(content))
    assert head == [column.name for column in profile.columns]
    assert len(rows) == len(profile.example_rows)


def test_a_profile_of_very_many_pairs_offers_tables_only(open_file: Open, file: Callable[[str], Path]) -> None:
    page = open_file(file("wide")).page
    assert page.locator("[data-download='']").count() == 0
    assert "too large for this page" in page.locator("#provenance").inner_text()
    _, content = saved(page, "[data-download='columns']")
    assert len(pd.read_csv(io.StringIO(content))) == 300


# ---- print


def test_flights_print_on_six_pages(open_file: Open, tmp_path: Path) -> None:
    path = tmp_path / "flights.html"
    profile = colprofile.profile(flights().iloc[:20_000])
    rows = tuple(tuple(column.top_values[0].value for column in profile.columns) for _ in range(10))
    replace(profile, example_rows=rows).to_html(path)
    page = open_file(path).page
    printed = page.pdf(prefer_css_page_size=True, format="A4")
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", printed)
    assert 1 < len(pages) <= 6
