"""The report in a real Chromium: it runs, it asks for nothing, and it fits the screens people have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from colprofile.report.profile.html import render_fragment, render_html
from tests.support import profiles
from tests.support.browser import Open, Opened, overflow

MAKERS = {**profiles.ALL, "wide": profiles.wide}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of every profile, written once."""
    folder = tmp_path_factory.mktemp("reports")
    for name, make in MAKERS.items():
        profile = make()
        (folder / f"{name}.html").write_text(render_html(profile), "utf-8")
        page = f"<!doctype html><meta charset='utf-8'><title>notebook</title><body>{render_fragment(profile)}</body>"
        (folder / f"{name}_fragment.html").write_text(page, "utf-8")
    return folder


@pytest.fixture
def opened(open_file: Open, folder: Path) -> Open:
    def open_report(name: str, **options: Any) -> Opened:
        return open_file(folder / f"{name}.html", **options)

    return open_report


def visible_names(page: Page, table: str) -> list[str]:
    return page.locator(f"#{table} tbody th .name:visible").all_inner_texts()


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("width", [375, 1440])
def test_page_is_quiet_asks_for_nothing_and_fits(opened: Open, name: str, width: int) -> None:
    report = opened(name, width=width)
    page = report.page
    assert overflow(page) <= 0
    expand = page.locator("[data-expand]")
    if expand.count():
        expand.click()
        assert overflow(page) <= 0
        # An open column's details fit the window, though the table around them scrolls sideways.
        widest = page.evaluate("Math.max(...[...document.querySelectorAll('.details')].map(d => d.offsetWidth))")
        assert 200 < widest <= width
    assert report.complaints == []
    assert [url for url in report.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in report.requests if url.startswith("file:")]) == 1


@pytest.mark.parametrize("name", ["flights_like", "hostile", "all_null"])
@pytest.mark.parametrize("width", [375, 1000])
def test_fragment_is_quiet_and_fits(opened: Open, name: str, width: int) -> None:
    report = opened(f"{name}_fragment", width=width)
    assert overflow(report.page) <= 0
    assert report.complaints == []
    assert len(report.requests) == 1


def test_hostile_names_run_nothing(opened: Open) -> None:
    report = opened("hostile")
    assert report.page.title().startswith("<script>document.title='owned'</script>")
    assert report.page.title().endswith("– colprofile")
    assert report.page.locator("main img, main script, main iframe").count() == 0
    assert report.complaints == []


def test_policy_stops_what_escaping_might_miss(opened: Open) -> None:
    report = opened("two_rows")
    report.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'owned'";
            document.body.append(script);
            const image = "<img src='https://example.org/x.png' onerror='document.title = 1'>";
            document.body.insertAdjacentHTML("beforeend", image);
        }"""
    )
    report.page.wait_for_timeout(200)
    assert "two.csv" in report.page.title()
    assert any("Content Security Policy" in complaint for complaint in report.complaints)


def test_columns_sort_by_any_heading(opened: Open) -> None:
    profile = profiles.flights_like()
    page = opened("flights_like").page
    heading = page.locator("#columns-table th", has_text="Entropy, bits")
    heading.get_by_role("button").click()
    by_entropy = sorted((c for c in profile.columns if c.entropy is not None), key=lambda c: -(c.entropy or 0.0))
    assert heading.get_attribute("aria-sort") == "descending"
    # What has no figure stays last, whichever way the rest goes.
    assert visible_names(page, "columns-table") == [*(c.name for c in by_entropy), "remark"]
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    upward = visible_names(page, "columns-table")
    assert upward[0] == "year"
    assert upward[-1] == "remark"
    names = page.locator("#columns-table th", has_text="Column")
    names.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") is None
    assert visible_names(page, "columns-table") == sorted(c.name for c in profile.columns)


def test_details_move_with_their_column(opened: Open) -> None:
    page = opened("flights_like").page
    page.locator("#columns-table th", has_text="Entropy, bits").get_by_role("button").click()
    first = page.locator("#columns-table tbody").first
    assert first.locator("th .name").inner_text() == "flight_id"
    assert first.locator(".values bdi").all_inner_texts() == ["0", "999", "1999"]


def test_pairs_sort_and_search(opened: Open) -> None:
    page = opened("flights_like").page
    page.locator("#pairs-table th", has_text="Pearson").get_by_role("button").click()
    figures = page.locator("#pairs-table tbody td:nth-child(4)").evaluate_all(
        "cells => cells.map(cell => cell.dataset.key)"
    )
    known = [float(figure) for figure in figures if figure]
    assert known == sorted(known, reverse=True)
    assert figures[: len(known)] == [figure for figure in figures if figure]
    search = page.locator("[data-tools-for=pairs-table] input")
    search.fill("DEST dist")
    assert visible_names(page, "pairs-table") == ["dest"]
    assert page.locator("[data-tools-for=pairs-table] output").inner_text() == "1 of 105"
    search.fill("nothing like it")
    assert visible_names(page, "pairs-table") == []
    search.fill("")
    assert len(visible_names(page, "pairs-table")) == 105


def test_search_finds_columns_by_name_or_type(opened: Open) -> None:
    page = opened("flights_like").page
    search = page.locator("[data-tools-for=columns-table] input")
    search.fill("boolean")
    assert visible_names(page, "columns-table") == ["is_late"]
    search.fill("TIME")
    assert visible_names(page, "columns-table") == ["sched_dep_time"]


def test_evidence_leads_to_its_pair_even_when_it_is_searched_away(opened: Open) -> None:
    page = opened("flights_like").page
    search = page.locator("[data-tools-for=pairs-table] input")
    search.fill("temperature")
    finding = page.locator(".findings li", has_text="determine each other")
    finding.get_by_role("link", name="evidence").click()
    target = page.locator("tr:target")
    assert target.locator(".name").all_inner_texts() == ["dest", "distance"]
    assert target.is_visible()
    assert search.input_value() == ""


def test_a_name_leads_to_its_column_and_opens_it(opened: Open) -> None:
    page = opened("flights_like").page
    page.locator("#pairs-table tbody .name", has_text="comfort").first.click()
    target = page.locator("tbody:target")
    assert target.locator("th .name").inner_text() == "comfort"
    assert target.locator("details").evaluate("details => details.open") is True


def test_details_open_from_the_keyboard(opened: Open) -> None:
    page = opened("flights_like").page
    details = page.locator("#columns-table details").first
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.evaluate("details => details.open") is True
    assert details.locator("h3", has_text="Quantiles").is_visible()
    page.keyboard.press("Enter")
    assert details.evaluate("details => details.open") is False


def test_all_details_open_and_close(opened: Open) -> None:
    page = opened("flights_like").page
    button = page.locator("[data-expand]")
    count = "[...document.querySelectorAll('details')].filter(d => d.open).length"
    button.click()
    assert page.evaluate(count) == 15
    assert button.inner_text() == "Close all details"
    button.click()
    assert page.evaluate(count) == 0


def ground(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_theme_follows_the_system_until_chosen_and_is_remembered(opened: Open) -> None:
    assert ground(opened("two_rows", color_scheme="light").page) == "rgb(255, 255, 255)"
    page = opened("two_rows", color_scheme="dark").page
    dark = ground(page)
    assert dark == "rgb(21, 24, 29)"
    toggle = page.locator("[data-theme-toggle]")
    assert toggle.inner_text() == "Theme: auto"
    toggle.click()
    assert (toggle.inner_text(), ground(page)) == ("Theme: dark", dark)
    toggle.click()
    assert (toggle.inner_text(), ground(page)) == ("Theme: light", "rgb(255, 255, 255)")
    page.reload()
    assert (toggle.inner_text(), ground(page)) == ("Theme: light", "rgb(255, 255, 255)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["flights_like", "flights_like_fragment"])
def test_text_stands_out_from_its_ground(opened: Open, name: str, scheme: str) -> None:
    page = opened(name, color_scheme=scheme).page
    # Contrast as WCAG 2.1 defines it, of every element with text of its own against the nearest ground behind it.
    weak = page.evaluate(
        """() => {
            const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
                .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
            const behind = (element) => {
                for (let at = element; at; at = at.parentElement) {
                    const colour = parse(getComputedStyle(at).backgroundColor);
                    if (colour.length === 3 || colour[3] > 0) return colour;
                }
                return [255, 255, 255];
            };
            const report = document.querySelector("[data-colprofile]");
            return [...report.querySelectorAll("*")]
                .filter((e) => !e.closest("svg") && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
                .filter((e) => e.checkVisibility())
                .map((e) => {
                    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
                    return [e.className || e.tagName, (a + 0.05) / (b + 0.05)];
                })
                .filter(([, contrast]) => contrast < 4.5);
        }"""
    )
    assert weak == []


def test_readable_without_a_script(opened: Open) -> None:
    page = opened("flights_like", java_script_enabled=False).page
    assert len(page.locator("#columns-table tbody").all()) == 15
    assert page.locator("#pairs-table tbody tr").count() == 105
    assert not page.locator(".tools").first.is_visible()
    assert not page.locator("[data-theme-toggle]").is_visible()
    page.locator("#columns-table summary").first.click()
    assert page.locator("#columns-table .details").first.is_visible()


def test_matrix_tells_its_figures(opened: Open) -> None:
    profile = profiles.flights_like()
    page = opened("flights_like").page
    pair = profile.pair("dest", "distance")
    bits = pair.mutual_information
    cells = page.locator("svg.matrix rect.d10 title", has_text="dest × distance")
    assert set(cells.all_text_contents()) == {f"dest × distance: {pair.dependence:.2f}, {bits:.3f} bits shared"}
    boxes = page.locator("svg.matrix text").evaluate_all(
        """texts => texts.map(text => {
            const [box, frame] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
            return box.left >= frame.left - 1 && box.right <= frame.right + 1 && box.top >= frame.top - 1;
        })"""
    )
    assert boxes
    assert all(boxes), "a label is cut off"


def test_prints_all_rows(opened: Open) -> None:
    page = opened("flights_like").page
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    box = page.locator(".scroll.tall").evaluate("box => [box.scrollHeight, box.clientHeight]")
    assert box[0] == box[1]
    assert page.pdf().startswith(b"%PDF")
