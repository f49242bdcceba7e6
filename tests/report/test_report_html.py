from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

import colprofile
from colprofile.report import text
from colprofile.report.profile.findings import sentences
from colprofile.report.profile.html import PAIRS_SHOWN, render_fragment, render_html
from colprofile.report.profile.terminal import render_terminal
from colprofile.results.profile import Profile
from colprofile.results.summary import summarise
from tests.support import profiles
from tests.support.pages import Page
from tests.support.profile_parts import table_profile


@pytest.mark.parametrize("name", profiles.ALL)
def test_page_is_whole_and_its_links_lead_somewhere(name: str) -> None:
    page = Page(render_html(profiles.ALL[name]()))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    for link in page.values("href"):
        assert link == "data:," or link.removeprefix("#") in ids
    assert page.values("src") == []
    run = [attrs.get("type") for tag, attrs in page.tags if tag == "script"]
    assert run.count(None) == 1
    assert set(run) <= {None, "application/json", "text/plain"}
    assert [tag for tag, _ in page.tags].count("h1") == 1


@pytest.mark.parametrize("name", profiles.ALL)
def test_fragment_is_whole_and_brings_no_script_or_id(name: str) -> None:
    page = Page(render_fragment(profiles.ALL[name]()))
    assert page.values("id") == page.values("href") == page.values("src") == []
    assert "script" not in {tag for tag, _ in page.tags}
    assert 'profile.to_html("report.html")' in page.text


def test_nothing_is_named_on_a_network() -> None:
    for page in (render_html(profiles.flights_like(200)), render_fragment(profiles.flights_like(200))):
        assert not re.search(r"https?://|@import|url\(|//cdn", page)


def alternatives(selectors: str) -> list[str]:
    """Return the selectors of a list; commas within parentheses separate parts of one of them."""
    found, depth = [""], 0
    for char in selectors:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            found.append("")
        else:
            found[-1] += char
    return found


def test_every_rule_of_the_style_is_below_a_class_made_from_the_style() -> None:
    fragment = render_fragment(profiles.two_rows())
    style = re.search(r"<style>(.*?)</style>", fragment, re.DOTALL)
    root = re.search(r'<div class="(colprofile-[0-9a-f]{8}) fragment"', fragment)
    assert style
    assert root
    flat = re.sub(r"/\*.*?\*/|@media[^{]*\{|\{[^{}]*\}", "\n", style[1])
    selectors = [line.strip() for line in flat.splitlines() if line.strip(" }\n")]
    assert len(selectors) > 50
    single = [one for selector in selectors for one in alternatives(selector)]
    assert [one for one in single if not re.search(rf"\.{root[1]}\b", one)] == []


def test_hostile_names_stay_text() -> None:
    profile = profiles.hostile()
    for page in map(Page, (render_html(profile), render_fragment(profile))):
        assert {tag for tag, _ in page.tags}.isdisjoint({"img", "iframe", "b", "i", "object"})
        assert not any(key.startswith("on") for _, attrs in page.tags for key in attrs)
        for column in profile.columns:
            assert re.sub(r"\s+", " ", text.visible(column.name)) in page.text
    whole = render_html(profile)
    assert "\x1b" not in whole
    assert "\u202e" not in whole
    whole.encode()


def test_long_names_are_cut_with_the_rest_in_the_tooltip() -> None:
    page = Page(render_html(profiles.hostile()))
    assert profiles.LONG[:900] not in page.text
    assert any(profiles.LONG[:900] in title for title in page.values("title"))


def test_every_undefined_figure_says_why() -> None:
    profile = profiles.flights_like(200)
    page = Page(render_html(profile))
    items: list[Any] = [*profile.columns, *profile.pairs]
    reasons = {reason for item in items for reason in item.undefined.values()}
    assert len(reasons) >= 4
    titles = set(page.values("title"))
    for reason in reasons:
        assert f"undefined: {reason}" in page.text
        assert reason in titles


def test_page_says_what_is_exact_and_what_the_floor_means() -> None:
    exact = Page(render_html(profiles.flights_like(200))).text
    assert "Every figure is exact: all rows were counted" in exact
    assert "bound for coding rows independently" in exact
    assert "sorted or correlated data can be stored in less" in exact
    assert "≈" not in exact
    rough = Page(render_html(profiles.estimated())).text
    assert "Every figure is exact" not in rough
    assert "estimated from 400 rows" in rough
    profile = profiles.estimated()
    interval = profile["day"].entropy_interval
    assert interval
    assert f"≈{profile['day'].entropy:.3f}" in rough
    assert f"{interval[0]:.3f} to {interval[1]:.3f}" in rough
    shared = profile.pairs[0].mutual_information_interval
    assert shared
    assert f"{text.power_of_two(shared[0])} to {text.power_of_two(shared[1])}" in rough


def test_findings_are_sentences() -> None:
    profile = profiles.flights_like()
    said = [finding.plain() for finding in sentences(profile)]
    near = profile.pair("tailnum", "carrier").y_to_x
    assert near is not None
    for sentence in (
        "remark holds nothing but NULL.",
        "year is constant: 0 bits, the same value in every row.",
        "flight_id is a key: every value occurs once.",
        "dest and distance determine each other in every row: keep one, the other follows from it.",
        "hour is a function of sched_dep_time: no row contradicts it, so hour could be dropped without loss.",
        f"tailnum nearly determines carrier: {near.violating_rows} of 2,000 rows contradict it.",
        "1 column was skipped; the reasons are given at the end.",
    ):
        assert sentence in said
    assert any(sentence.startswith("comfort is a function of temperature: no row contradicts it") for sentence in said)
    page = Page(render_html(profile)).text
    assert all(re.sub(r"\s+", " ", sentence) in page for sentence in said)


def test_the_planner_is_named_where_there_is_one() -> None:
    profile = profiles.flights_like()
    factor = profile.pair("dest", "distance").planner_factor
    of_table = replace(profile, provenance=replace(profile.provenance, source="postgresql://host/db", table="flights"))
    expected = f"dest = … AND distance = … by a factor of {factor:.1f}."
    assert any(expected in finding.plain() for finding in sentences(of_table))
    of_file = replace(profile, provenance=replace(profile.provenance, source="flights.parquet", table=None))
    assert not any("planner" in finding.plain() for finding in sentences(of_file))


def test_a_column_with_two_determinants_is_told_once() -> None:
    draw = [index * 7919 % 64 for index in range(640)]
    profile = table_profile(
        "t",
        {
            "a": ("INTEGER", "numeric", draw),
            "b": ("INTEGER", "numeric", [value // 16 * 10 + index % 7 for index, value in enumerate(draw)]),
            "low": ("INTEGER", "numeric", [value // 16 for value in draw]),
        },
    )
    said = [finding.plain() for finding in sentences(profile) if finding.kind == "exact"]
    assert said == [
        "low is a function of b and a, each alone: no row contradicts it, so low could be dropped without loss."
    ]


def test_dependencies_that_chance_explains_are_no_finding() -> None:
    draw = [index * 7919 % 640 for index in range(640)]
    for size, exact, left_out in ((64, ["low"], 0), (400, [], 1)):  # of 400 values in 640 rows most occur once
        codes = [value % size for value in draw]
        profile = table_profile(
            "t",
            {
                "code": ("INTEGER", "numeric", codes),
                "low": ("INTEGER", "numeric", [code // (size // 4) for code in codes]),
            },
        )
        summary = summarise(profile)
        assert [dependency.target for dependency in summary.exact] == exact
        assert summary.exact_left_out == left_out


def test_html_json_and_terminal_show_the_same_figures() -> None:
    profile = profiles.flights_like()
    page = Page(render_html(profile)).text
    terminal = render_terminal(profile, width=140, color=False)
    data = json.loads(profile.to_json())
    ledger = data["ledger"]
    for shown in (page, terminal, profile.to_markdown()):
        assert f"{ledger['redundant_bits']:,.2f} of" in shown
        assert f"{ledger['bits_apart']:,.2f} bits" in shown
        assert text.percent(ledger["redundant_share"]) in shown
    for column in data["columns"]:
        if column["entropy"] is not None:
            for shown in (page, terminal):
                assert text.bits(column["entropy"]) in shown
        for shown in (page, terminal):
            assert f"{column['distinct']:,}" in shown
            assert text.size(column["floor_bytes"]) in shown
    for pair in data["pairs"][:7]:
        assert text.factor(pair["planner_factor"]) in page
        for shown in (page, terminal):
            assert text.bits(pair["mutual_information"]) in shown
            assert text.coefficient(pair["dependence"]) in shown


def test_three_hundred_columns_stay_small_and_say_what_is_left_out() -> None:
    profile = profiles.wide(300)
    page = render_html(profile)
    assert len(page.encode()) < 5_000_000
    shown = Page(page).text
    assert f"The {PAIRS_SHOWN} strongest of 44,850 pairs are listed" in shown
    assert "The 60 columns of the strongest pairs are drawn; 240 more are left out" in shown
    fragment = render_fragment(profile)
    assert len(fragment.encode()) < 100_000
    assert "280 more columns not shown." in Page(fragment).text


def test_page_without_pairs_says_how_to_get_them() -> None:
    assert "Pairs were not counted." in Page(render_html(profiles.without_pairs())).text
    assert "There are no pairs" in Page(render_html(profiles.one_column())).text


def test_to_html_writes_the_page(tmp_path: object) -> None:
    profile = profiles.two_rows()
    path = f"{tmp_path}/report.html"
    page = profile.to_html(path)
    with open(path, encoding="utf-8") as stream:
        assert stream.read() == page == profile.to_html()
    assert profile._repr_html_() == render_fragment(profile)


def test_skipped_columns_and_provenance_are_told() -> None:
    profile = profiles.flights_like(200)
    shown = Page(render_html(profile)).text
    assert "shape GEOMETRY the spatial extension is missing" in shown
    assert "colprofile profile flights" in shown
    assert "2025-01-31T12:00:00Z" in shown
    assert f"colprofile {colprofile.__version__}" in shown


def test_nothing_found_is_said() -> None:
    profile: Profile = profiles.no_columns()
    assert "Nothing stands out" in Page(render_html(profile)).text


def test_columns_of_one_name_keep_their_own_anchors_and_drawings() -> None:
    profile = profiles.flights_like(200)
    hour, minute = profile["hour"], profile["minute"]
    both = replace(profile, columns=(hour, replace(minute, name="hour")), pairs=(), joints=(), edges=(), clusters=())
    page = Page(render_html(both))
    ids = page.values("id")
    assert len(ids) == len(set(ids)) and {"c0", "c1"} <= set(ids)
    assert page.values("data-drawing") == ["c0", "c1"]
