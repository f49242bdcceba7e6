"""Latent classes in the terminal, as a page and a fragment, and from the command line; hostile text stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import colprofile
from colprofile.cli import main
from colprofile.report.latent.curve import curve
from colprofile.report.latent.markdown import render_markdown
from colprofile.report.latent.summary import typical_text
from colprofile.report.latent.terminal import render_terminal
from colprofile.results.joint import CategoryKind
from colprofile.results.latent import Typical
from colprofile.values import Value
from tests.support.markdown import check_markdown

HOSTILE = "<script>document.title='owned'</script>\x1b[31m{{ 7 * 7 }}\n"


@pytest.fixture(scope="module")
def result() -> colprofile.LatentClasses:
    frame = pd.DataFrame(
        {
            "fur": ["cat", "dog"] * 100,
            "says": ["meow", "woof"] * 100,
            "weight": [4 + i % 7 / 10 if i % 2 == 0 else 20 + i % 31 / 3 + i / 100 for i in range(200)],
            HOSTILE: [HOSTILE, "tame"] * 100,
            "always": [1] * 200,
        }
    )
    return colprofile.latent_classes(frame, max_classes=4, bins=4)


@pytest.fixture(scope="module")
def single() -> colprofile.LatentClasses:
    return colprofile.latent_classes(pd.DataFrame({"a": ["x", "y"] * 50, "b": ["p", "p", "q", "q"] * 25}))


class Elements(HTMLParser):
    """Counts elements and collects what is written outside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if not self.tags or self.tags[-1] not in ("script", "style"):
            self.texts.append(data)


@pytest.mark.parametrize("width", [60, 100, 140])
def test_no_line_of_the_terminal_report_is_too_wide(result: colprofile.LatentClasses, width: int) -> None:
    shown = render_terminal(result, width=width, color=False)
    assert max(len(line) for line in shown.split("\n")) <= width
    assert "\x1b" not in shown


def test_the_terminal_report_says_what_was_found(result: colprofile.LatentClasses) -> None:
    shown = render_terminal(result, width=120, color=False)
    assert "2 kinds of rows: at least " in shown
    assert re.search(r"Redundant, at least +\d\.\d{3}  in this table, for certain", shown)
    assert re.search(r"fur +>99\.9 % +█{10} +1\.000 +1\.000", shown)
    assert "cat (2.0×)" in shown
    assert "skipped: always: it has only one value" in shown
    assert re.search(r"2 +2\.\d{3}  █+  highest ELBO", shown)


def test_one_class_is_said_plainly(single: colprofile.LatentClasses) -> None:
    shown = render_terminal(single, color=False)
    assert "One kind of row: no redundancy that latent classes can show" in shown
    assert "highest ELBO" not in shown


def test_the_page_is_whole_and_runs_nothing_but_our_script(result: colprofile.LatentClasses, tmp_path: Path) -> None:
    page = result.to_html(tmp_path / "latent.html")
    assert (tmp_path / "latent.html").read_text("utf-8") == page
    found = Elements(page)
    assert found.tags.count("script") == 2  # one runs, one is the packed result
    assert page.count("<script>") == 1
    text = " ".join(found.texts)
    for words in (
        "2 kinds of rows",
        "Number of classes",
        "by iteration, bits per row",
        "Explained by the class",
        "fur",
        "weight",
    ):
        assert words in text
    assert "{{ 7 * 7 }}" in text
    assert "it has only one value" in text


def test_the_page_draws_the_elbo_by_iteration(result: colprofile.LatentClasses) -> None:
    page = replace(result, trace=(-4.0, -2.5, -2.0)).to_html()
    assert 'd="M0 31L50 8.5L100 1"' in page
    assert "The ELBO rises from −4.000 to −2.000" in page
    assert "<title>The ELBO" not in replace(result, trace=(-2.0,)).to_html()


def test_the_page_of_one_class_renders(single: colprofile.LatentClasses) -> None:
    assert "Nothing stands out" in single.to_html()
    assert "nothing stands out" in single._repr_html_()


def test_the_markdown_shows_bounds_classes_and_columns(result: colprofile.LatentClasses) -> None:
    shown = render_markdown(result)
    check_markdown(shown)
    assert "· 2 kinds of rows: at least " in shown
    assert f"| Redundant, at least | {result.table_redundancy:.3f} | in this table, for certain |" in shown
    assert re.search(r"^\| 1 \| 50\.0 % \| 100 \| .*`fur` `(cat|dog)` \(2\.0×\)", shown, re.MULTILINE)
    assert f"| 2 | {result.candidates[1].redundancy_bits:.3f} | highest ELBO |" in shown
    assert "| `fur` | VARCHAR | 1.000 | 1.000 | &gt;99.9 % |" in shown
    assert "- skipped: `always`: it has only one value" in shown


def test_the_markdown_of_one_class_has_no_table_of_classes(single: colprofile.LatentClasses) -> None:
    shown = render_markdown(single)
    check_markdown(shown)
    assert "One kind of row" in shown and "| typical |" not in shown and "highest ELBO" not in shown


def test_the_fragment_is_compact_and_escaped(result: colprofile.LatentClasses) -> None:
    fragment = result._repr_html_()
    assert "<script" not in fragment
    assert fragment.count("<tr>") == 3
    assert "&lt;script&gt;" in fragment


@pytest.mark.parametrize(
    ("kind", "value", "low", "high", "shown"),
    [
        ("value", "cat", None, None, "cat"),
        ("value", True, None, None, "true"),
        ("value", "", None, None, '""'),
        ("range", None, 1, 3, "1 … 3"),
        ("range", None, 2.5, 2.5, "2.5"),
        ("rest", None, None, None, "other values"),
        ("null", None, None, None, "NULL"),
    ],
)
def test_typical_values_in_words(kind: CategoryKind, value: Value, low: Value, high: Value, shown: str) -> None:
    assert typical_text(Typical("a", kind, value, low, high, 0.5, 0.25, 2.0, 0.5)) == shown


class TestCommand:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "animals.csv"
        rows = "".join(f"{'cat,meow' if i % 2 else 'dog,woof'},{i % 3}\n" for i in range(300))
        path.write_text("fur,says,day\n" + rows)
        return path

    def test_the_terminal(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["latent", str(path), "--columns", "fur,says", "--max-classes", "3"]) == 0
        shown = capsys.readouterr()
        assert "2 kinds of rows" in shown.out
        assert shown.err == ""

    def test_files(self, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        page, saved, json = (tmp_path / name for name in ("a.html", "a.json", "b.json"))
        asked = ["latent", str(path), "--html", str(page), "--save", str(saved), "--json", str(json)]
        assert main([*asked, "--restarts", "1", "--seed", "3", "--nulls", "value"]) == 0
        assert capsys.readouterr().out == ""
        found = colprofile.LatentClasses.load(saved)
        assert (found.restarts, found.seed, found.provenance.nulls) == (1, 3, "value")
        assert colprofile.LatentClasses.load(json) == found
        assert "colprofile latent" in page.read_text("utf-8")
        assert found.provenance.command is not None

    def test_bad_input_is_one_line(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["latent", str(path), "--max-classes", "0"]) == 2
        assert capsys.readouterr().err == (
            "colprofile: --max-classes 0 is not allowed: give a whole number from 1 to 64\n"
        )


def test_the_curve_stands_on_true_axes(result: colprofile.LatentClasses) -> None:
    """A search that skips numbers of classes leaves as much room between its points as it skips."""
    kinds = sorted(result.candidates, key=lambda candidate: candidate.classes)[:3]
    assert len(kinds) == 3
    spread = [replace(kind, classes=classes) for kind, classes in zip(kinds, (1, 2, 6), strict=True)]
    drawn = curve(replace(result, candidates=tuple(spread)))
    one, two, six = (x for x, _, _, _ in drawn.points)
    assert six - two == pytest.approx(4 * (two - one), abs=0.5)
    bits = [candidate.redundancy_bits for candidate in spread]
    heights = [y for _, y, _, _ in drawn.points]
    assert sorted(range(3), key=lambda i: bits[i]) == sorted(range(3), key=lambda i: -heights[i])
    assert [label for _, label in drawn.x_ticks] == ["1", "2", "3", "4", "5", "6"]
