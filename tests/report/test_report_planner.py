"""A planner report in the terminal, as a page and on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sqlalchemy as sa
from rich.cells import cell_len

from colprofile import PlannerReport, planner
from colprofile.cli import main
from colprofile.report.planner.html import render_fragment, render_html
from colprofile.report.planner.markdown import render_markdown
from colprofile.report.planner.terminal import render_terminal
from tests.support.markdown import check_markdown
from tests.support.postgres_tables import run_all

HOSTILE = "<script>alert('x')</script>\x1b[31m\n\"q\""


@pytest.fixture(scope="module")
def url(new_postgres_database: Callable[[], sa.URL]) -> sa.URL:
    made = new_postgres_database()
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    run_all(
        made,
        [
            f"create table t (zip int, city int, {quoted} text, day int, lonely int)",
            f"insert into t select i % 600, i % 600 / 10, {quoted}, i / 2000, (random() * 3)::int "
            "from generate_series(1, 20000) i, lateral (select '<b>' || i % 60) as x (" + quoted + ")",
            "analyze t",
            "insert into t select i % 600, i % 600 / 10, '<b>' || i % 60, 10 + i / 2000, (random() * 3)::int "
            "from generate_series(1, 20000) i",
            "create table quiet as select i % 2 as x from generate_series(1, 100) i",
            "analyze quiet",
        ],
    )
    return made


@pytest.fixture(scope="module")
def report(url: sa.URL) -> PlannerReport:
    return planner(url, "t", verify=True, progress=False)


@pytest.fixture(scope="module")
def plain(url: sa.URL) -> PlannerReport:
    return planner(url, "t", progress=False)


def texts(page: str) -> tuple[list[str], set[str]]:
    """Return a page's texts and its tags."""
    found: list[str] = []
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.add(tag)

    Reader().feed(page)
    return found, tags


def test_the_terminal_says_what_is_wrong_and_what_to_do(report: PlannerReport) -> None:
    shown = render_terminal(report, color=False)
    first = shown.splitlines()
    assert first[0].startswith("public.t · PostgreSQL 18")
    assert "40,000 rows" in first[0]
    assert any(line.startswith("1 of 5 columns has wrong estimates; 3 pairs of columns are assumed") for line in first)
    assert shown.index("What to do") < shown.index("\nColumns\n") < shown.index("Pairs that the planner assumes")
    assert re.search(r"^day +stale", shown, re.MULTILINE)
    assert "CREATE STATISTICS public.t_zip_city" in shown
    assert "ANALYZE public.t" in shown
    assert "rolled back" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("which", ["report", "plain"])
def test_no_line_is_wider_than_asked(request: pytest.FixtureRequest, width: int, which: str) -> None:
    shown = render_terminal(request.getfixturevalue(which), width=width, color=False)
    wide = [line for line in shown.splitlines() if cell_len(line) > width]
    # A single word of SQL may be longer than the line.
    assert [line for line in wide if " " in line.strip()] == []


def test_the_picture_marks_where_prediction_and_measurement_meet(report: PlannerReport, plain: PlannerReport) -> None:
    shown = render_terminal(report, color=False)
    assert shown.count("⊗") > 5
    assert "Predicted and measured errors" not in render_terminal(plain, color=False)
    assert "differ by at most 0.0" in shown


def test_colour_is_only_used_where_it_is_wanted(report: PlannerReport) -> None:
    assert "\x1b[" in render_terminal(report, color=True)


def test_the_page_runs_no_name_and_asks_no_network(report: PlannerReport) -> None:
    page = render_html(report)
    found, tags = texts(page)
    assert "<script>alert" not in page
    assert "\x1b" not in page
    assert not re.search(r"(?:src|href)=\"(?!#|data:,)", page)
    assert page.count("<script>") == 1
    assert {"svg", "table", "pre"} <= tags
    assert any("CREATE STATISTICS public.t_zip_city" in text for text in found)


def test_the_page_draws_a_mark_for_every_measured_error(report: PlannerReport, plain: PlannerReport) -> None:
    measured = [point for point in report.errors if point.measured is not None]
    page = render_html(report)
    marks = re.findall(r'<circle class="(column|pair|group)" cx="([\d.]+)" cy="([\d.]+)"', page)
    assert len(marks) == len(measured) > 5
    for _, x, y in marks:
        # Predicted as measured: on the diagonal, whose corners are (56, 508) and (508, 56).
        assert float(x) + float(y) == pytest.approx(56 + 508, abs=1.5)
    assert len(re.findall(r'<circle class="after"', page)) == sum(point.after is not None for point in measured)
    assert "<circle" not in render_html(plain)


def test_the_markdown_shows_wrong_estimates_and_the_advice(report: PlannerReport, plain: PlannerReport) -> None:
    shown = render_markdown(report)
    for found in (report, plain):
        check_markdown(render_markdown(found))
    assert shown.startswith("### Planner statistics of `public.t`\n\nPostgreSQL ")
    day = report["day"]
    assert re.search(rf"\| `day` \| stale \| [\d.,]+× \| {day.kl_divergence:.3f} \|", shown)
    assert "| `zip` | `city` | " in shown
    assert "```sql\n-- Advice for public.t" in shown and "ANALYZE public.t;" in shown
    assert "differ by at most 0.0" in shown and "rolled back" in shown
    assert "EXPLAIN" not in render_markdown(plain).split("#### Advice")[0]


def test_the_fragment_holds_the_advice(report: PlannerReport) -> None:
    page = report._repr_html_()
    assert page == render_fragment(report)
    assert "CREATE STATISTICS" in page and "<script" not in page


def test_a_table_with_nothing_to_do_says_so(url: sa.URL) -> None:
    report = planner(url, "quiet", progress=False)
    shown = render_terminal(report, color=False)
    assert "the statistics are fine" in shown and "nothing to do" in shown
    assert "Nothing to do." in render_html(report)
    markdown = render_markdown(report)
    check_markdown(markdown)
    assert "#### Columns: 0 with wrong estimates, 1 fine" in markdown
    assert "\n\nThe statistics are fine: there is nothing to do.\n\n" in markdown


def test_the_command_prints_the_report(url: sa.URL, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["planner", url.render_as_string(False), "t", "--columns", "zip,city"]) == 0
    assert "Pairs that the planner assumes to be independent" in capsys.readouterr().out


def test_the_command_writes_what_it_is_asked_for(
    url: sa.URL, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["planner", url.render_as_string(False), "t", "--no-pairs"]
    paths = {name: tmp_path / name for name in ("r.html", "r.json", "saved.json", "fix.sql")}
    options = ["--html", "--json", "--save", "--script"]
    asked = [item for pair in zip(options, map(str, paths.values()), strict=True) for item in pair]
    assert main([*given, *asked]) == 0
    assert capsys.readouterr().out == ""
    assert "<!doctype html>" in paths["r.html"].read_text()
    assert json.loads(paths["r.json"].read_text())["format"] == "colprofile.planner"
    loaded = PlannerReport.load(paths["saved.json"])
    assert loaded.script() == paths["fix.sql"].read_text()
    assert loaded["day"].verdict == "stale"
    assert main([*given, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["table"] == "t"
    assert main([*given, "--script", "-"]) == 0
    assert capsys.readouterr().out.endswith(";\n")


def test_the_command_fails_where_it_is_told_to(url: sa.URL, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["planner", url.render_as_string(False), "t", "--no-pairs"]
    assert main([*given, "--fail-above", "1"]) == 1
    assert "wrong by" in capsys.readouterr().err
    assert main([*given, "--fail-above", "50"]) == 0
    assert main([*given, "--columns", "zip", "--fail-above", "0.1"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["t", "--columns", "zpi"], "Did you mean 'zip'"),
        (["tt"], "no table 'tt'"),
        (["t", "--min-bits", "0"], "give bits above 0"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    url: sa.URL, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["planner", url.render_as_string(False), *arguments]) == 2
    shown = capsys.readouterr()
    assert message in shown.err and shown.err.count("\n") == 1 and shown.out == ""
