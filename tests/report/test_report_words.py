"""Terminal, page, Markdown and JSON say the same in the same words."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.report.drift.summary import why
from colprofile.report.profile.findings import sentences
from colprofile.results.base import Result


class Words(HTMLParser):
    """The text of a page, without its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.is_hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.is_hidden = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self.is_hidden:
            self.texts.append(data)


def squeezed(shown: str) -> str:
    """Text without white space, which lines and tags change."""
    return re.sub(r"\s+", "", shown)


def in_html(result: Result) -> str:
    return squeezed("".join(Words(result.to_html()).texts))


def in_markdown(result: Result) -> str:
    """Markdown as it is read: without code marks, escapes and entities."""
    return squeezed(html.unescape(re.sub(r"\\([\\`*_\[\]|~#])", r"\1", result.to_markdown().replace("`", ""))))


def in_terminal(result: Result) -> str:
    return squeezed(result.to_terminal(width=200, color=False))


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """Orders with faults: blanks, sentinels, text that is numbers, duplicates, dependencies and constants."""
    draw = np.random.default_rng(1)
    rows = 2000
    city = draw.choice(["Berlin", "berlin", "Paris", "Rome", "N/A", "?"], rows, p=[0.4, 0.05, 0.3, 0.2, 0.03, 0.02])
    frame = pd.DataFrame(
        {
            "order_id": range(rows),
            "city": city,
            "country": pd.Series(city).str.lower().map({"berlin": "DE", "paris": "FR", "rome": "IT"}),
            "weight": np.where(draw.random(rows) < 0.03, -999, draw.normal(5, 1, rows).round(1)),
            "amount": [f"{value:.2f}" if value < 90 else "n/a" for value in draw.uniform(1, 92, rows)],
            "currency": "EUR",
            "note": pd.Series([None] * rows, dtype=object),
            "<b>tick|`</b>": draw.integers(0, 5, rows),
        }
    )
    return pd.concat([frame, frame.iloc[:20]], ignore_index=True)


def test_a_profiles_findings(orders: pd.DataFrame) -> None:
    profile = colprofile.profile(orders)
    said = [sentence.plain() for sentence in sentences(profile)]
    assert len(said) > 6
    assert any("row 2,001 repeats row 1" in sentence for sentence in said)
    written = {finding["sentence"] for finding in json.loads(profile.to_json())["findings"]}
    shown = [in_html(profile), in_markdown(profile), in_terminal(profile)]
    for sentence in said:
        assert sentence in written or " more " in sentence
        for words in shown:
            assert squeezed(sentence) in words


def test_a_profiles_findings_have_one_order(orders: pd.DataFrame) -> None:
    profile = colprofile.profile(orders)
    said = [squeezed(sentence.plain()) for sentence in sentences(profile)]
    for words in (in_html(profile), in_markdown(profile), in_terminal(profile)):
        places = [words.index(sentence) for sentence in said]
        assert places == sorted(places)


def test_an_audits_findings(orders: pd.DataFrame) -> None:
    audit = colprofile.audit(orders)
    assert len(audit.findings) > 2
    written = {finding["statement"] for finding in json.loads(audit.to_json())["findings"]}
    shown = [in_html(audit), in_markdown(audit), in_terminal(audit)]
    for finding in audit.findings:
        assert finding.statement in written
        for words in shown:
            assert squeezed(finding.statement) in words


def test_what_a_comparison_tells(orders: pd.DataFrame) -> None:
    changed = orders.iloc[500:].assign(city="Rome", extra=1).drop(columns=["note"])
    drift = colprofile.drift(orders, changed)
    told = drift.having("broken", "drifted", "added", "explained")
    assert {column.verdict for column in told} >= {"broken", "drifted", "added"}
    written = {reason for column in json.loads(drift.to_json())["columns"] for reason in column["reasons"]}
    shown = [in_html(drift), in_markdown(drift), in_terminal(drift)]
    for column in told:
        assert set(column.reasons) <= written
        for words in shown:
            assert squeezed(why(column)) in words
