"""The command line: outputs, exit statuses, one line for what is wrong."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import colprofile
import colprofile.progress
from colprofile import demo
from colprofile.cli import main
from colprofile.progress import Progress, progress_text, waiting_since_now
from tests.support.command_line import run, seen_on_a_terminal
from tests.support.interruption import interrupt


@pytest.fixture
def path(tmp_path: Path) -> str:
    table = pa.table({"zip": [1, 1, 2, 3] * 50, "city": ["a", "a", "b", "c"] * 50, "key": list(range(200))})
    pq.write_table(table, tmp_path / "t.parquet")
    return str(tmp_path / "t.parquet")


def run_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "colprofile", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_terminal_report_fits_a_hundred_columns(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", path]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert max(map(len, output.out.splitlines())) <= 100
    for word in ("entropy", "no missing values", "key is a key", "Strongest pairs", "zip"):
        assert word in output.out
    assert "\x1b" not in output.out


def test_json_goes_to_standard_output_or_a_file(path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", path, "--json", "-"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert main(["profile", path, "--json", str(tmp_path / "out.json")]) == 0
    assert capsys.readouterr().out == ""
    written = json.loads((tmp_path / "out.json").read_text())
    assert [c["entropy"] for c in written["columns"]] == [c["entropy"] for c in shown["columns"]]
    assert shown["provenance"]["command"].startswith("colprofile ")


def test_save_and_html(path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved, page = tmp_path / "saved.json", tmp_path / "report.html"
    assert main(["profile", path, "--save", str(saved), "--html", str(page)]) == 0
    assert capsys.readouterr().out == ""
    assert colprofile.Profile.load(saved)["key"].is_key
    assert page.read_text().startswith("<!doctype html>")


def test_options_reach_the_profile(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--columns", 'key,"city"', "--no-pairs", "--nulls", "value", "--threads", "1", "--memory-limit", "1GB"]
    assert main(["profile", path, *options, "--json", "-"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [c["name"] for c in result["columns"]] == ["key", "city"]
    assert (result["has_pairs"], result["pairs"], result["provenance"]["nulls"]) == (False, [], "value")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["profile", "{path}x"], "Did you mean 't.parquet'"),
        (["profile", "{path}", "--table", "t"], "it has no table 't'"),
        (["profile", "{path}", "--columns", "zpi"], "Did you mean 'zip'"),
        (["profile", "{path}", "--nulls", "drop"], "ignore"),
        (["profile", "{path}", "--threads", "none"], "--threads"),
        (["profile", "{path}", "--memory-limit", "huge"], "is not a size"),
        (["audit", "{path}", "--memory-limit", "1KB"], "too small: give at least 1MB"),
        (["profile", "{path}", "--html", "{folder}"], "it is a folder"),
        (["profile", "{path}", "--json", "{folder}/no/such/out.json"], "folder must exist"),
        (["profile"], "SOURCE"),
        (["profile", "{path}", "--colunms", "zip"], "--colunms"),
        (["prifole", "{path}"], "prifole"),
        (["profile", "new\nline"], r"new\nline"),
    ],
)
def test_unusable_input_is_one_line_and_status_two(
    arguments: list[str], words: str, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [a.replace("{path}", path).replace("{folder}", str(tmp_path)) for a in arguments]
    before = sorted(tmp_path.iterdir())
    assert main(given) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert re.fullmatch(r"colprofile: [^\n]+\n", output.err)
    assert words in output.err
    assert sorted(tmp_path.iterdir()) == before


def test_debug_shows_the_traceback() -> None:
    result = run_process("--debug", "profile", "nowhere.csv")
    assert result.returncode == 1
    assert "Traceback" in result.stderr


def test_version_and_help() -> None:
    version = run_process("--version")
    assert (version.returncode, version.stdout, version.stderr) == (0, f"colprofile {colprofile.__version__}\n", "")
    assert "profile" in run("--help").stdout
    options = run("profile", "--help").stdout
    for option in ("--table", "--columns", "--no-pairs", "--nulls", "--html", "--json", "--save", "--threads"):
        assert option in options


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from colprofile.cli import main; main(['--help']);"
        "heavy = {'numba', 'pandas', 'numpy', 'pyarrow', 'duckdb', 'scipy', 'sqlalchemy', 'jinja2', 'altair'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stderr == "[]\n"


def test_a_profile_does_not_import_what_only_other_sources_need(tmp_path: Path) -> None:
    """It takes longer than the rest of a small table's profile; Arrow imports it when arrays go to numpy and back.

    So it is with what only databases, whole ones too, and engines with workers need.
    """
    path = tmp_path / "mixed.parquet"
    table = duckdb.sql(
        "select i, 'text ' || i % 7 as text, [i % 5, 1] as list, interval (i % 3) hour as span, i / 8 as ratio, "
        "case when i % 4 > 0 then {'k': i % 9} end as struct from range(200) r(i)"
    )
    assert table is not None
    table.write_parquet(str(path))
    script = (
        "import sys; from colprofile.cli import main;"
        f"main(['profile', {str(path)!r}, '--html', {str(path) + '.html'!r}]); main(['audit', {str(path)!r}]);"
        "late = ('pandas', 'sqlalchemy', 'colprofile.sources.partitions.source', 'colprofile.results.database',"
        "'colprofile.verbs.database.run', 'colprofile.verbs.schema.api');"
        "print([name for name in late if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stderr == "[]\n"


def test_a_reader_that_goes_away_is_no_error(path: str) -> None:
    command = f"{sys.executable} -m colprofile profile {path} --json - | head -c 10"
    result = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_standard_error_stays_clean(path: str) -> None:
    result = run_process("profile", path)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is shown from the start, not after a second."""
    monkeypatch.setattr(colprofile.progress, "_PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")


def test_progress_goes_to_a_terminal_only(impatient: None, path: str, capfd: pytest.CaptureFixture[str]) -> None:
    colprofile.profile(path)
    assert capfd.readouterr() == ("", "")
    controller, terminal = os.openpty()
    with os.fdopen(terminal, "w") as file, contextlib.redirect_stderr(file):
        colprofile.profile(path)
    shown = os.read(controller, 100_000).decode(errors="replace")  # on a busy machine it is long, and cut
    os.close(controller)
    assert "reading rows" in shown
    assert capfd.readouterr() == ("", "")


def test_progress_is_shown_elsewhere_when_asked_for(
    impatient: None, path: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    colprofile.profile(path, progress=True)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "reading rows" in shown.err


def test_each_part_of_the_work_shows_its_progress(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    labels: list[str] = []
    monkeypatch.setattr(Progress, "update", lambda self, label, done, total: labels.append(label))
    colprofile.profile(path)
    assert {"reading rows", "counting pairs"} <= set(labels)


def test_work_of_less_than_a_second_shows_no_progress(path: str, capfd: pytest.CaptureFixture[str]) -> None:
    with Progress(is_shown=True) as progress:
        progress.update("counting pairs", 1, 2)
    assert capfd.readouterr() == ("", "")


def test_progress_says_how_many_rows_of_how_many(
    impatient: None, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["profile", path], ["audit", path], ["latent", path], ["drift", path, path]):
        shown = seen_on_a_terminal(partial(main, command))
        assert "reading rows 200 of 200" in shown, command
        assert "opening the data" in shown, command
        capsys.readouterr()


def test_progress_is_shown_in_time_without_any_news(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colprofile.progress, "_PATIENCE", 0.2)

    def work() -> None:
        with Progress(label="opening the data"):
            time.sleep(1.0)

    assert "opening the data" in seen_on_a_terminal(work)


def test_the_second_is_counted_from_the_command_on(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colprofile.progress, "_PATIENCE", 0.3)

    def work() -> None:
        with waiting_since_now():
            time.sleep(0.35)  # what imports take
            with Progress() as progress:
                progress.update("reading rows", 1_200_000, 10_000_000)
        with Progress() as progress:
            progress.update("unseen", 1, 2)

    shown = seen_on_a_terminal(work)
    assert "reading rows 1,200,000 of 10,000,000" in shown
    assert "unseen" not in shown


def test_a_slow_start_is_shown_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colprofile.progress, "_PATIENCE", 0.1)

    def work() -> None:
        with waiting_since_now():
            time.sleep(1.0)
            print("said", file=sys.stderr)

    assert seen_on_a_terminal(work).splitlines() == ["starting …said", ""]
    monkeypatch.setattr(colprofile.progress, "_PATIENCE", 1000.0)
    assert seen_on_a_terminal(work).splitlines() == ["said"]


def test_more_rows_than_expected_have_no_total() -> None:
    with Progress(is_shown=False) as progress:
        progress.update("reading rows", 3, 2)
    assert progress_text("reading rows", 3, None) == "reading rows 3"


INTERRUPTED = """
import sys
from colprofile.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("command", ["profile", "audit", "latent", "drift"])
def test_ctrl_c_leaves_one_line_and_no_file(command: str, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    columns = ", ".join(f"hash(i + {n}) % {100 + 900 * (n % 2)} as c{n}" for n in range(25))
    duckdb.execute(f"copy (select {columns} from range(400_000) r(i)) to '{tmp_path / 't.parquet'}'")
    given = [command, *["t.parquet"] * (2 if command == "drift" else 1), "--save", "out.json", "--html", "out.html"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    found = interrupt(INTERRUPTED, *given, after="reading rows", delay=0.02, env=environment, cwd=tmp_path)
    assert (found.returncode, found.stderr) == (130, "colprofile: interrupted\n")
    assert found.processor_seconds < 2, "what it takes on an idle machine is below a second, and two cores are at work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.parquet", "temporary"]
    assert list(temporary.iterdir()) == []


def test_the_demo_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    assert demo.main(["zipcodes", str(page)]) == 0
    shown = capsys.readouterr()
    assert "zip_code" in shown.out
    assert shown.out.startswith("zipcodes.parquet · ")
    assert "<title>zipcodes.parquet – colprofile</title>" in page.read_text("utf-8")
    assert shown.out.endswith(f"The report is in {page}: open it in a browser.\n")
    assert shown.err == ""
    assert page.stat().st_size > 10_000


@pytest.mark.parametrize("arguments", [[], ["zipcodes"], ["trains", "report.html"]])
def test_the_demo_says_how_it_is_called(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage: python -m colprofile.demo flights|zipcodes REPORT.html")
