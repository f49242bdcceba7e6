"""What comes into view is drawn by Vega-Lite: its specifications, its library, and the drawings in a real Chromium."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import altair
import pytest

from colprofile.errors import ArgumentError
from colprofile.report import vega
from colprofile.report.profile import drawings
from colprofile.report.profile.graph import graph
from colprofile.report.profile.heatmaps import heat_maps
from colprofile.report.profile.html import render_html
from colprofile.results.profile import Profile
from colprofile.results.summary import summarise
from tests.support import profiles
from tests.support.browser import Open, overflow, see_everything, until


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("charts") / "flights.html"
    profiles.flights_like().to_html(path)
    return path


@pytest.mark.parametrize("name", vega.SPECIFICATIONS)
def test_specifications_are_what_altair_takes(name: str) -> None:
    path = Path(vega.__file__).parent / "assets" / f"{name}.vl.json"
    altair.Chart.from_dict({**json.loads(path.read_text("utf-8")), "data": {"values": []}})
    assert "$schema" not in vega.specifications()[name]


def test_the_packed_library_is_what_vl_convert_gives() -> None:
    import vl_convert

    packed = gzip.decompress((Path(vega.__file__).parent / "assets" / vega.PACKED).read_bytes()).decode()
    assert vega.LICENCE in packed.splitlines()[0]
    version = vl_convert.get_vega_version()
    assert re.search(rf'"{re.escape(version)}"', packed), f"make vega: vl-convert has Vega {version} now"


def test_data_cannot_end_its_element() -> None:
    shown = str(vega.embedded({"x": "</script><!--<script>&"}))
    assert not set(shown) & set("<>&")
    assert json.loads(shown) == {"x": "</script><!--<script>&"}


def test_every_value_is_drawn_as_far_as_there_is_room() -> None:
    profile = profiles.flights_like()
    by_name = dict(zip((c.name for c in profile.columns), drawings.column_data(profile.columns), strict=True))
    assert by_name["carrier"] is None
    hour = by_name["hour"]
    assert hour is not None
    assert (hour["spec"], sum(hour["n"])) == ("values", 2000)
    day = by_name["day"]
    assert day is not None
    assert (day["spec"], day["type"], len(day["v"])) == ("values", "temporal", profile["day"].distinct)
    minute = by_name["minute"]
    assert minute is not None
    assert (minute["spec"], len(minute["e"]) - len(minute["n"])) == ("bins", 1)
    many = drawings.column_data(profile.columns * 40)
    shown = sum(len(drawn["v"]) for drawn in many if drawn and drawn["spec"] == "values")
    assert drawings.POINTS_SHOWN - drawings.VALUES_SHOWN < shown <= drawings.POINTS_SHOWN


def test_heat_maps_shade_each_column_of_cells_by_its_rows() -> None:
    profile = profiles.flights_like()
    maps = heat_maps(profile)
    found = next(m for m in maps if {m.x, m.y} == {"sched_dep_time", "hour"})
    assert (found.x, found.y) == ("sched_dep_time", "hour")
    # An exact dependency has one dark cell a value; only the rest is spread.
    dark = dict(found.shades)[10]
    assert dark.count("M") >= 15
    assert all(len(column) == len(found.y_labels) for column in found.data["n"])
    assert sum(map(sum, found.data["n"])) == 2000


def test_the_graph_holds_each_column_once_and_says_what_it_leaves_out() -> None:
    profile = profiles.flights_like()
    found = graph(profile, summarise(profile), 60)
    assert found is not None
    assert len(found.nodes) == len(found.branches) + 1 + (len(found.nodes) - 1 - len(profile.edges))
    assert len({node.y for node in found.nodes}) == len(found.nodes)
    assert any(arc.title == "dest and distance determine each other" for arc in found.arcs)
    assert any(arc.title == "sched_dep_time determines hour" for arc in found.arcs)
    cut = graph(profile, summarise(profile), 4)
    assert cut is not None
    assert (len(cut.branches), cut.left_out) == (3, len(profile.edges) - 3)
    assert graph(replace(profile, edges=()), summarise(profile), 60) is None


def test_the_matrix_stands_in_clusters_and_can_be_larger() -> None:
    profile = profiles.wide(90)
    small, large = render_html(profile), render_html(profile, matrix_columns=90)
    assert "30 more are left out: to_html(matrix_columns=120) or --matrix-columns 120 draws more." in small
    assert "more are left out: to_html" not in large
    order = [name for members in profile.clusters for name in members]
    labels = re.findall(r'text-anchor="end" dominant-baseline="central">(measurement_\d+)<', large)
    assert labels == order
    with pytest.raises(ArgumentError, match="give 2 or more"):
        render_html(profile, matrix_columns=1)


def test_a_page_without_drawings_carries_no_library() -> None:
    assert len(render_html(profiles.all_null())) < 85_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_comes_into_view_is_drawn(open_file: Open, flights: Path, scheme: str) -> None:
    report = open_file(flights, color_scheme=scheme)
    page = report.page
    assert page.evaluate("typeof window.vegaEmbed") == "undefined"
    assert page.locator(".joint .still").first.is_visible()
    page.locator("#j0").scroll_into_view_if_needed()
    page.wait_for_selector("#j0 .live svg")
    assert not page.locator("#j0 .still").is_visible()
    assert page.locator(".joint.drawn").count() < page.locator(".joint").count()
    see_everything(page)
    assert page.locator(".joint.drawn").count() == page.locator(".joint").count() > 3
    assert overflow(page) <= 0
    assert report.complaints == []
    assert len(report.requests) == 1


def test_a_cell_tells_its_figures(open_file: Open, flights: Path) -> None:
    profile = profiles.flights_like()
    page = open_file(flights).page
    figure = page.locator(".joint", has_text="tailnum").first
    figure.scroll_into_view_if_needed()
    figure.locator(".live svg path[aria-roledescription]").first.hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    told = page.locator("#vg-tooltip-element").inner_text()
    shown = re.search(r"^rows:?\s*([\d,]+)$", told, re.MULTILINE)
    assert shown, told
    counts = {count for joint in profile.joints for row in joint.counts for count in row}
    assert int(shown[1].replace(",", "")) in counts
    assert "rows if independent" in told


def test_a_column_opens_with_a_drawing_to_zoom(open_file: Open, flights: Path) -> None:
    page = open_file(flights).page
    row = page.locator("#columns-table tbody", has=page.locator("th .name", has_text="dep_delay"))
    assert row.locator(".live").count() == 0
    row.locator("summary").click()
    row.locator(".live svg").wait_for()
    axis = row.locator(".live svg g.mark-text.role-axis-label").first
    before = axis.text_content()
    box = row.locator(".live svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.wheel(0, -400)
    for _ in range(100):
        if axis.text_content() != before:
            return
        page.wait_for_timeout(50)
    pytest.fail("the axis did not move")


def test_another_theme_draws_again(open_file: Open, flights: Path) -> None:
    page = open_file(flights, color_scheme="light").page
    page.locator("#j0").scroll_into_view_if_needed()
    page.wait_for_selector("#j0 .live svg")
    colour = "getComputedStyle(document.querySelector('#j0 .live svg .background, #j0 .live svg path.background')).fill"
    light = page.evaluate(colour)
    page.locator("[data-theme-toggle]").click()
    until(page, f"{colour} !== {json.dumps(light)}")


def test_print_and_no_script_show_the_static_drawings(open_file: Open, flights: Path) -> None:
    page = open_file(flights).page
    page.locator("#j0").scroll_into_view_if_needed()
    page.wait_for_selector("#j0 .live svg")
    page.emulate_media(media="print")
    assert page.locator("#j0 .still").is_visible()
    assert not page.locator("#j0 .live").is_visible()
    bare = open_file(flights, java_script_enabled=False).page
    assert bare.locator("#j0 svg.heat").is_visible()
    assert bare.locator("svg.tree").is_visible()


def test_hostile_names_stay_text_in_drawings(open_file: Open, tmp_path: Path) -> None:
    hostile: Profile = profiles.hostile()
    hostile.to_html(tmp_path / "hostile.html")
    report = open_file(tmp_path / "hostile.html")
    see_everything(report.page)
    for cell in report.page.locator(".live svg path[aria-roledescription]").all()[:40]:
        cell.dispatch_event("mousemove")
    assert report.page.locator("main img, main iframe, #vg-tooltip-element img").count() == 0
    assert report.complaints == []
    assert len(report.requests) == 1


def test_three_hundred_columns_paint_soon(open_file: Open, tmp_path: Path) -> None:
    profiles.wide(300).to_html(tmp_path / "wide.html")
    page = open_file(tmp_path / "wide.html").page
    paint = page.evaluate(
        """() => performance.getEntriesByType("paint").find(e => e.name === "first-contentful-paint")?.startTime"""
    )
    assert paint is not None
    assert page.locator("#columns-table tbody").count() == 300
