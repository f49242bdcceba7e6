"""What a profile's page opens with, histograms on which every bar can be seen, and what must be said plainly."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile import Profile
from colprofile.report.charts import HEIGHT
from colprofile.report.profile.histograms import bins, chart, heights
from colprofile.report.profile.html import render_fragment, render_html
from colprofile.report.profile.missing import BARS_SHOWN, missing
from tests.support import profiles
from tests.support.pages import Page


def between(page: str, start: str, end: str) -> str:
    """Return the part of a page from one section's anchor to another's."""
    return page[page.index(f'<section id="{start}"') : page.index(f'<section id="{end}"')]


def words(part: str) -> str:
    """Return what is written in a part of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", part)))


def test_plain_facts_come_first_and_bits_later() -> None:
    page = render_html(profiles.facts())
    sections = re.findall(r'<section id="(\w+)"', page)
    assert sections[:7] == ["overview", "rows", "alerts", "columns", "missing", "bits", "pairs"]
    assert sections[-2:] == ["glossary", "provenance"]
    overview = words(between(page, "overview", "rows"))
    for fact in ("Rows 200 every row counted", "3 numeric", "Missing values", "Duplicate rows 3 1.5 % of all"):
        assert fact in overview
    assert "bits" not in overview


def test_sample_rows_are_shown_as_they_are() -> None:
    profile = profiles.facts()
    page = words(between(render_html(profile), "rows", "alerts"))
    for value in ("K001", "NULL", "</script>", "=1+1"):
        assert value in page
    assert 'id="rows"' not in render_html(replace(profile, example_rows=()))


def test_alerts_name_their_severity_in_words_the_most_severe_first() -> None:
    page = between(render_html(profiles.facts()), "alerts", "columns")
    said = re.findall(r'<span class="severity (\w+)">(\w+)</span>', page)
    assert all(kind == word for kind, word in said)
    ranks = [("high", "medium", "low").index(word) for _, word in said]
    assert ranks == sorted(ranks)
    assert {word for _, word in said} == {"high", "medium", "low"}


def test_a_profile_that_was_saved_before_still_has_a_page() -> None:
    for make in profiles.ALL.values():
        old = json.loads(make().to_json())
        for field in ("duplicate_rows", "missing_patterns", "quality", "example_rows", "findings"):
            old.pop(field, None)
        for column in old["columns"]:
            column.pop("text", None)
        for pair in old["pairs"]:
            pair.pop("spearman", None)
        loaded = Profile.from_dict(old)
        page = render_html(loaded)
        assert "Duplicate rows" not in page
        assert "Spearman" not in words(between(page, "columns", "glossary"))
        render_fragment(loaded)


def test_a_sampled_profile_never_calls_a_figure_exact() -> None:
    frame = pd.DataFrame({"code": np.arange(20_000) % 50, "name": [f"n{i % 50}" for i in range(20_000)]})
    for profile in (profiles.estimated(), colprofile.profile(frame, sample_rows=2_000)):
        assert not profile.provenance.is_exact
        for page in (render_html(profile), render_fragment(profile)):
            # The glossary explains the word, and the foot says that nothing is.
            said = Page(re.sub(r'<dl class="glossary">.*?</dl>', "", page, flags=re.DOTALL)).text
            said = said.replace("none of them is exact", "")
            assert re.findall(r".{0,60}\bexact.{0,40}", said, re.IGNORECASE) == []
            assert "every row counted" not in said


def test_a_partial_list_of_pairs_says_so() -> None:
    whole = profiles.flights_like()
    page = Page(render_html(replace(whole, pairs=whole.pairs[:5]))).text
    assert "5 strongest of 105" in page
    assert "A partial list" in page
    assert "A partial list" not in Page(render_html(whole)).text
    assert "A partial list" not in Page(render_html(profiles.without_pairs())).text


# ---- histograms


def profiled(values: object) -> colprofile.results.column.ColumnProfile:
    return colprofile.profile(pd.DataFrame({"x": values}), pairs=False)["x"]


def test_a_spike_is_cut_off_and_said() -> None:
    column = profiled([0] * 10_000 + [value for value in range(1, 25) for _ in range(40)])
    found = bins(column)
    assert found
    assert found.is_cut
    assert "1 bar is cut off; it has 10,040 rows" in found.notes
    tall = heights(found)
    assert max(tall) == HEIGHT
    assert sorted(tall)[1] > HEIGHT / 2
    drawn = chart(column)
    assert drawn
    assert "cut" in dict(drawn.paths)
    assert "cut off" in drawn.label


def test_a_long_tail_is_on_a_log_scale_and_said() -> None:
    column = profiled([value for value in range(30) for _ in range(int(20_000 / 1.6**value) + 1)])
    found = bins(column)
    assert found
    assert (found.scale, found.notes) == ("log", ("log scale",))
    assert min(height for height in heights(found)) > 1


def test_an_even_histogram_is_neither_cut_nor_on_another_scale() -> None:
    found = bins(profiled(list(range(30)) * 10))
    assert found
    assert (found.scale, found.is_cut, found.notes) == ("linear", False, ())


@pytest.mark.parametrize("far", [[999_999], [-999] * 100, [-999] * 60 + [99_999] * 3])
@pytest.mark.parametrize("values", [100, 5_000])
def test_far_values_do_not_hide_the_middle(far: list[int], values: int) -> None:
    column = profiled([value % values for value in range(20_000)] + [value * values // 100 for value in far])
    found = bins(column)
    assert found
    low, high = found.ends
    assert isinstance(low, (int, float))
    assert isinstance(high, (int, float))
    assert -values < low <= 0.02 * values
    assert 0.98 * values - 1 <= high < 2 * values
    assert sum(count > 0 for count in found.counts) > 20
    said = re.search(r"zoomed to the middle: ([\d,]+) rows? outside of", found.notes[0])
    assert said
    assert int(said[1].replace(",", "")) == 20_000 + len(far) - sum(found.counts)
    assert len(far) <= 20_000 + len(far) - sum(found.counts) < len(far) + 100


def test_times_far_away_do_not_hide_the_others() -> None:
    times = pd.Series(pd.date_range("2020-01-01", periods=5_000, freq="h"))
    times.iloc[::100] = pd.Timestamp("1900-01-01")
    found = bins(profiled(times))
    assert found
    assert str(found.ends[0]).startswith("2020-01-01")
    assert str(found.ends[1]).startswith("2020-07-2")
    assert found.notes[0].startswith("zoomed to the middle: 50 rows outside of 2020-01-01")
    assert sum(count > 0 for count in found.counts) > 20


@pytest.mark.parametrize("last", [300, 13, 2])
def test_the_axis_ends_at_the_data(last: int) -> None:
    column = profiled(list(range(1, last + 1)) * 4)
    drawn = chart(column)
    assert drawn
    assert (drawn.first, drawn.last) == ("1", str(last))
    frame = pd.DataFrame({"id": range(1, last + 1)})
    overlay = colprofile.drift(frame, frame)["id"].overlay
    assert overlay
    assert overlay.ends == (1, last)
    assert float(overlay.edges[-1]) <= last + 1
    assert sum(overlay.stale) == pytest.approx(1)
    page = colprofile.drift(frame, frame).to_html()
    assert f"<span>1</span><span></span><span>{last}</span>" in page


# ---- what is missing


def test_missing_has_a_bar_for_each_column_and_a_row_for_each_pattern() -> None:
    profile = profiles.facts()
    found = missing(profile)
    assert found
    assert [(bar.name, bar.share) for bar in found.bars] == [("size", 0.25), ("weight", 0.25)]
    assert found.columns == ("size", "weight")
    assert [row.rows for row in found.patterns] == [pattern.rows for pattern in profile.missing_patterns]
    assert found.heading(found.patterns[0]) == "nothing missing"
    assert found.heading(found.patterns[1]).startswith("missing: ")
    assert missing(replace(profile, columns=profile.columns[:1])) is None


def test_many_columns_with_null_are_counted_not_drawn() -> None:
    frame = pd.DataFrame({f"c{i}": [None, 1.0, 2.0] for i in range(60)})
    found = missing(colprofile.profile(frame, pairs=False))
    assert found
    assert (len(found.bars), found.left_out) == (BARS_SHOWN, 60 - BARS_SHOWN)
