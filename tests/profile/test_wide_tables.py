"""Tables of very many columns: work that grows with the columns and not with their square, and what is left out."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import colprofile
from colprofile.counting import dictionary, marginal
from colprofile.errors import ArgumentError
from colprofile.report.downloads import Downloads
from colprofile.report.profile import html
from colprofile.results.profile import Profile
from colprofile.verbs.profile import pairs_from_samples, session
from colprofile.verbs.profile.quality.table import are_copies

ROWS = 33


def wide(columns: int, seed: int = 0) -> pa.Table:
    """Return a table of numbers, texts and dates, some of them NULL, some of them the same in every row."""
    generator = np.random.default_rng(seed)
    days = [date(2024, 1, 1) + timedelta(days=day) for day in range(400)]
    makers: list[Callable[[], list[Any]]] = [
        lambda: generator.integers(0, 1000, ROWS).tolist(),
        lambda: generator.normal(size=ROWS).round(3).tolist(),
        lambda: [("red", "green", "blue", "N/A", "Red")[k] for k in generator.integers(0, 5, ROWS)],
        lambda: [f"id{k}" for k in generator.integers(0, 10**6, ROWS)],
        lambda: [days[k] for k in generator.integers(0, 400, ROWS)],
        lambda: [7] * ROWS,
    ]
    made = {}
    for j in range(columns):
        values = makers[j % len(makers)]()
        made[f"c{j}"] = [None if j % 7 == 3 and row % 5 == j % 5 else value for row, value in enumerate(values)]
    return pa.table(made)


class _Name(str):
    """A name that counts how often it is compared with another."""

    __slots__ = ()
    __hash__ = str.__hash__
    compared = 0

    def __eq__(self, other: object) -> bool:
        _Name.compared += 1
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other


def _with_counting_names(profile: Profile) -> Profile:
    return replace(
        profile,
        columns=tuple(replace(column, name=_Name(column.name)) for column in profile.columns),
        quality=tuple(replace(issue, columns=tuple(map(_Name, issue.columns))) for issue in profile.quality),
    )


def test_summary_and_reports_compare_names_a_few_times_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "downloads", lambda *_, **__: Downloads("", "", ()))
    profile = _with_counting_names(colprofile.profile(wide(300), pairs=False))
    _Name.compared = 0
    assert profile.findings
    are_copies(profile, ROWS, 3)
    profile.to_terminal()
    profile.to_markdown()
    profile.to_html()
    assert _Name.compared <= 20 * len(profile.columns)


def test_columns_of_a_wide_table_are_those_of_a_narrow_one() -> None:
    table = wide(600)
    names = [f"c{j}" for j in (0, 1, 2, 3, 4, 5, 590, 597)]
    whole = colprofile.profile(table, pairs=False)
    narrow = colprofile.profile(table.select(names), pairs=False)
    assert [whole[name] for name in names] == list(narrow.columns)
    kept = {issue for issue in whole.quality if len(issue.columns) == 1 and issue.columns[0] in names}
    assert kept == {issue for issue in narrow.quality if len(issue.columns) == 1}


@pytest.mark.parametrize("seed", range(3))
def test_few_values_are_described_as_many_are(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    table = wide(24, seed)
    odd = pa.array([float("nan"), float("inf"), -0.0, 0.0, None] * 6 + [1e300, -1e300, 5e-324])
    table = table.append_column("odd", odd).append_column("none", pa.nulls(ROWS, pa.float64()))
    table = table.append_column(
        "wide decimal", pa.array([None if k % 9 == 1 else k * 10**20 for k in range(ROWS)], pa.decimal128(38, 2))
    )
    few = colprofile.profile(table)
    monkeypatch.setattr(dictionary, "FEW", 0)
    monkeypatch.setattr(marginal, "FEW", 0)
    many = colprofile.profile(table)
    assert (few.columns, few.quality, few.pairs) == (many.columns, many.quality, many.pairs)


def test_pairs_that_would_take_hours_are_left_out_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_PAIRS", 45)
    table = wide(11)
    profile = colprofile.profile(table)
    assert not profile.has_pairs
    assert profile.notes == (
        "Pairs were left out: 11 columns have 55, and at most 45 are counted. Name up to 10 columns to have their "
        "pairs.",
    )
    assert len(colprofile.profile(table, columns=[f"c{j}" for j in range(10)]).pairs) == 45
    assert not colprofile.profile(table, pairs=False).notes


@pytest.mark.parametrize(
    "verb",
    [
        lambda table: colprofile.profile(table, top_pairs=3),
        lambda table: colprofile.profile(table, min_dependence=0.5),
        lambda table: colprofile.profile(table, precision=0.1),
    ],
)
def test_too_many_pairs_that_were_asked_for_are_refused(
    monkeypatch: pytest.MonkeyPatch, verb: Callable[[pa.Table], Any]
) -> None:
    monkeypatch.setattr(session, "MOST_PAIRS", 45)
    message = "11 columns have 55 pairs, and at most 45 are counted: name up to 10 columns with columns="
    with pytest.raises(ArgumentError, match=f"^{message}$"):
        verb(wide(11))


def test_pairs_that_nothing_rules_out_are_counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    settle = pairs_from_samples.settle_pairs

    def spied(of: Any, table: Any, count: Any) -> Any:
        def count_and_note(pairs: Any) -> Any:
            counted.append(len(pairs))
            return count(pairs)

        return settle(of, table, count_and_note)

    monkeypatch.setattr("colprofile.verbs.profile.count_table.settle_pairs", spied)
    table = wide(20)
    best = colprofile.profile(table, top_pairs=3)
    assert counted == [190]
    assert best.pairs == colprofile.profile(table).pairs[:3]


def test_a_page_lists_what_it_has_room_for_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = colprofile.profile(wide(40), pairs=False)
    assert len(profile.quality) > 2
    whole = profile.to_html()
    assert "columns are listed" not in whole and "alerts are listed" not in whole
    monkeypatch.setattr(html, "COLUMNS_SHOWN", 12)
    monkeypatch.setattr(html, "ALERTS_SHOWN", 2)
    page = profile.to_html()
    assert len(page) < len(whole)
    assert "The first 12 columns are listed" in page
    assert "The 2 most severe alerts are listed" in page
    assert 'id="c11"' in page and 'id="c12"' not in page
    packed = re.search(r'id="result"[^>]*>([^<]*)<', page)
    assert packed is not None
    carried = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    assert [column["name"] for column in carried["columns"]] == [f"c{j}" for j in range(12)]
    assert [len(row) for row in carried["example_rows"]] == [12] * 10
