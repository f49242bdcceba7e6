"""An audit as text and as a page: what is said, hostile names made harmless, nothing asked of any network."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len

import colprofile
from colprofile.report.audit import summary as audit_summary
from colprofile.report.audit.html import render_fragment, render_html
from colprofile.report.audit.markdown import render_markdown
from colprofile.report.audit.terminal import STYLES, render_terminal
from colprofile.report.markdown import ROWS_SHOWN
from colprofile.results.audit import Audit
from colprofile.results.audit_kinds import KINDS, WORDS
from colprofile.results.search import SearchedLevel, what_was_left_out
from tests.support.markdown import check_markdown

HOSTILE = ["<script>alert(1)</script>", "\x1b[31mred", "two\nlines", "\u202eabc", "n" * 10_000, ""]


@pytest.fixture(scope="module")
def audit() -> Audit:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 40, 900)
    near = x // 4
    near[:3] = 99
    a, b = rng.integers(0, 9, (2, 900))
    frame = pd.DataFrame(
        {
            "x": x,
            "copy": x,
            "tripled": 3 * x + 1,
            "near": [f"n{value}" for value in near],
            "a": a,
            "b": b,
            "ab": [f"v{(i * 5 + j * 3) % 23}" for i, j in zip(a, b, strict=True)],
            "same": 1,
            "none": pd.Series([None] * 900, dtype=object),
            "half": np.where(rng.random(900) < 0.5, np.nan, rng.integers(0, 5, 900)),
            "id": range(900),
        }
    )
    frame["gap"] = frame["half"].isna()
    return colprofile.audit(frame)


@pytest.fixture(scope="module")
def hostile() -> Audit:
    x = np.arange(600) % 37
    frame = pd.DataFrame({name: x * (i + 1) % 37 % (30 - i) for i, name in enumerate(HOSTILE)})
    frame["v"] = [f"<img src=x onerror=alert({value})>" for value in x // 3]
    frame.loc[:2, "v"] = "</script><script>alert(2)</script>"
    frame["w"] = [f"\x1b[2J{value}" for value in x]
    return colprofile.audit(frame)


class TestSearchThatEndedEarly:
    """Every renderer says before any finding what was not looked at; JSON has it among the notes."""

    @pytest.fixture
    def partial(self, audit: Audit) -> Audit:
        levels = (SearchedLevel("exact", 2, 3741, 3741), SearchedLevel("near", 2, 3741, 1204))
        search = replace(audit.search, is_complete=False, levels=levels, ended_by="time")
        return replace(audit, search=search, notes=(*audit.notes, what_was_left_out(search)))

    @pytest.mark.parametrize("render", [render_terminal, render_html, render_markdown, render_fragment])
    def test_it_stands_before_the_findings(self, partial: Audit, render: Callable[[Audit], str]) -> None:
        shown = " ".join(render(partial).replace("\\", "").split())
        place = shown.index("pairs of columns on the left, 1,204 of 3,741 for near ones")
        assert "when its time was up" in shown[:place]
        first = audit_summary.statement(partial.findings[0])[:20]
        assert place < shown.index(first)

    def test_the_terminal_says_it_once(self, partial: Audit) -> None:
        shown = " ".join(render_terminal(partial).split())
        assert shown.count("its time was up") == 1
        assert "minimal exact dependencies were found so far" in shown

    def test_nothing_found_so_far(self, partial: Audit) -> None:
        assert "Nothing redundant was found so far." in render_terminal(replace(partial, findings=()))


class TestTerminal:
    def test_what_to_do_comes_first(self, audit: Audit) -> None:
        shown = render_terminal(audit, width=100, color=False)
        lines = shown.splitlines()
        assert lines[0].startswith("pandas DataFrame · 900 rows × 12 columns, audited in ")
        assert lines[1].startswith(f"{len(audit.findings)} findings: ")
        assert "bits per row are redundant" in " ".join(lines[2:4])
        assert "What to do, most bits first" in lines
        assert "copy repeats x in every row." in shown
        assert "tripled is computed as 3·x + 1 in every row." in shown
        assert "→ make tripled a generated column" in shown
        assert "x determines near except for 3 of 900 rows." in shown
        assert "a and b together determine ab in every row." in shown
        assert "gap is true where half is NULL, and false elsewhere." in shown
        assert "minimal exact dependencies with up to 3 columns on the left" in shown

    @pytest.mark.parametrize("width", [60, 80, 100, 140])
    def test_no_line_is_too_wide(self, audit: Audit, hostile: Audit, width: int) -> None:
        for found in (audit, hostile):
            for line in render_terminal(found, width=width, color=False).splitlines():
                assert cell_len(line) <= width

    def test_hostile_names_cannot_move_the_cursor(self, hostile: Audit) -> None:
        shown = render_terminal(hostile, color=False)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", shown)

    def test_colour_only_where_asked(self, audit: Audit) -> None:
        assert "\x1b[" in render_terminal(audit, color=True)
        assert "\x1b[" not in render_terminal(audit, color=False)

    def test_nothing_found(self) -> None:
        rng = np.random.default_rng(1)
        found = colprofile.audit(pd.DataFrame(rng.integers(0, 300, (200, 2)), columns=["a", "b"]))
        assert "Nothing is redundant: no column repeats or determines another." in render_terminal(found)

    def test_an_interrupted_search_says_so(self, audit: Audit) -> None:
        partial = replace(audit, search=replace(audit.search, is_complete=False))
        assert "Interrupted: only what was found until then is listed." in render_terminal(partial)

    def test_every_kind_has_a_style(self) -> None:
        assert set(STYLES) == set(KINDS) and set(WORDS) < set(KINDS)


class TestMarkdown:
    def test_it_says_what_is_redundant_and_what_to_do(self, audit: Audit) -> None:
        shown = render_markdown(audit)
        assert f"### Audit of `pandas DataFrame`\n\n900 rows × 12 columns · {len(audit.findings)} findings: " in shown
        assert "| duplicate | copy repeats x in every row. | drop copy, or drop x |" in shown
        choice = "make tripled a generated column, or make x a generated column"
        assert f"| computed | tripled is computed as 3·x + 1 in every row. | {choice} |" in shown
        assert len(re.findall(r"^(?:\|[^|]*){3}\| \d+\.\d{3} \|[^|]*\|$", shown, re.MULTILINE)) == sum(
            finding.evidence.bits >= 0.001 for finding in audit.findings
        )
        assert f"| Separate columns | {audit.ledger.bits_apart:,.2f} |" in shown
        assert f"| `{audit.edges[0].x}` | `{audit.edges[0].y}` |" in shown

    def test_hostile_text_stays_text(self, audit: Audit, hostile: Audit) -> None:
        for found in (audit, hostile):
            check_markdown(render_markdown(found))
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in render_markdown(hostile)

    def test_long_lists_are_cut(self, audit: Audit) -> None:
        shown = render_markdown(replace(audit, findings=audit.findings * 40))
        check_markdown(shown)
        assert f"… and {40 * len(audit.findings) - ROWS_SHOWN} more" in shown

    def test_nothing_found_is_said(self) -> None:
        shown = render_markdown(colprofile.audit(pd.DataFrame({"a": [1, 2, 1, 2], "b": [1, 1, 2, 2]})))
        check_markdown(shown)
        assert "Nothing is redundant: no column repeats or determines another." in shown


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "link", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


class TestPage:
    def test_it_holds_findings_graph_matrix_ledger_and_script(self, audit: Audit) -> None:
        page = Page(audit.to_html())
        assert page.open == []
        identifiers = {attributes.get("id") for _, attributes in page.tags}
        assert {"findings", "graph", "matrix", "ledger", "script", "provenance"} <= identifiers
        for finding in audit.findings:
            assert audit_summary.statement(finding) in page.text
        assert "create table" in page.text
        assert f"{audit.ledger.bits_apart:,.2f}" in page.text
        classes = [attributes.get("class") for tag, attributes in page.tags if tag == "path"]
        assert classes.count("near") == sum(len(f.targets) for f in audit.of_kind("near"))
        exact = audit.of_kind("duplicate", "computed", "bijection", "dependency")
        assert classes.count("exact") == sum(len(f.targets) for f in exact) >= 3

    def test_it_asks_for_nothing_and_runs_one_script(self, audit: Audit, hostile: Audit) -> None:
        for found in (audit, hostile):
            page = Page(found.to_html())
            assert [attrs.get("type") for tag, attrs in page.tags if tag == "script"] == ["text/plain", None]
            assert "img" not in [tag for tag, _ in page.tags]
            for _, attributes in page.tags:
                assert not any(name.startswith("on") for name in attributes)
                for name in ("src", "href", "action"):
                    assert (attributes.get(name) or "#").startswith(("#", "data:"))

    def test_the_page_is_written(self, audit: Audit, tmp_path: Path) -> None:
        assert audit.to_html(tmp_path / "audit.html") == (tmp_path / "audit.html").read_text("utf-8")

    def test_the_fragment_shows_the_findings_with_most_bits(self, audit: Audit, hostile: Audit) -> None:
        page = Page(audit._repr_html_())
        assert audit_summary.statement(audit.findings[0]) in page.text
        assert "script" not in [tag for tag, _ in Page(hostile._repr_html_()).tags]

    def test_an_audit_of_a_profile_has_no_script(self) -> None:
        frame = pd.DataFrame({"a": np.arange(300) % 20, "b": np.arange(300) % 20 // 4})
        page = Page(colprofile.audit(colprofile.profile(frame)).to_html())
        assert "script" not in {attributes.get("id") for _, attributes in page.tags}
        assert "need the rows" in page.text
