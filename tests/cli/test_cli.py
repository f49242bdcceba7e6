"""The command line: outputs, exit statuses, one line for what is wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import colprofile
from colprofile.cli import main


@pytest.fixture
def path(tmp_path: Path) -> str:
    table = pa.table({"zip": [1, 1, 2, 3] * 50, "city": ["a", "a", "b", "c"] * 50, "key": list(range(200))})
    pq.write_table(table, tmp_path / "t.parquet")
    return str(tmp_path / "t.parquet")


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "colprofile", *arguments]
    return subprocess.run(command, capture_output=True, text=True, **options)  # type: ignore[call-overload]


def test_the_terminal_report_fits_a_hundred_columns(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", path]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert max(map(len, output.out.splitlines())) <= 100
    for word in ("entropy", "constant", "keys", "key", "Strongest pairs", "zip"):
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
    options = ["--columns", 'key,"city"', "--no-pairs", "--nulls", "value", "--threads", "1", "--memory-limit", "1MB"]
    assert main(["profile", path, *options, "--json", "-"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [c["name"] for c in result["columns"]] == ["key", "city"]
    assert (result["has_pairs"], result["pairs"], result["provenance"]["nulls"]) == (False, [], "value")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["profile", "{path}x"], "Did you mean 't.parquet'"),
        (["profile", "{path}", "--table", "t"], "leave table out"),
        (["profile", "{path}", "--columns", "zpi"], "Did you mean 'zip'"),
        (["profile", "{path}", "--nulls", "drop"], "ignore"),
        (["profile", "{path}", "--threads", "none"], "--threads"),
        (["profile", "{path}", "--memory-limit", "huge"], "is not a size"),
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
    result = run("--debug", "profile", "nowhere.csv")
    assert result.returncode == 1
    assert "Traceback" in result.stderr


def test_version_and_help() -> None:
    assert run("--version").stdout == f"colprofile {colprofile.__version__}\n"
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


def test_a_profile_does_not_import_pandas(tmp_path: Path) -> None:
    """It takes longer than the rest of a small table's profile; Arrow imports it when arrays go to numpy and back."""
    path = tmp_path / "mixed.parquet"
    duckdb.sql(
        "select i, 'text ' || i % 7 as text, [i % 5, 1] as list, interval (i % 3) hour as span, i / 8 as ratio, "
        "case when i % 4 > 0 then {'k': i % 9} end as struct from range(200) r(i)"
    ).write_parquet(str(path))
    script = (
        "import sys; from colprofile.cli import main;"
        f"main(['profile', {str(path)!r}, '--html', {str(path) + '.html'!r}]);"
        "print('pandas' in sys.modules, file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stderr == "False\n"


def test_a_reader_that_goes_away_is_no_error(path: str) -> None:
    command = f"{sys.executable} -m colprofile profile {path} --json - | head -c 10"
    result = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_standard_error_stays_clean(path: str) -> None:
    result = run("profile", path)
    assert (result.returncode, result.stderr) == (0, "")


def test_progress_goes_to_a_terminal_only(path: str, tmp_path: Path) -> None:
    script = (
        "import sys, duckdb, colprofile; c = duckdb.connect(); c.execute('set enable_progress_bar = false');"
        "q = 'select ' + ', '.join(f'hash(i + {n}) % 3000 as c{n}' for n in range(40)) + ' from range(600000) r(i)';"
        "colprofile.profile(c, q, progress=None if len(sys.argv) == 1 else True)"
    )
    quiet = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (quiet.stdout, quiet.stderr) == ("", "")
    shown = subprocess.run(
        [sys.executable, "-c", script, "show"],
        capture_output=True,
        text=True,
        env={**os.environ, "FORCE_COLOR": "1", "TERM": "xterm"},
    )
    assert shown.stdout == ""
    assert "counting pairs" in shown.stderr


def test_the_demo_runs(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "colprofile.demo", "zipcodes", str(tmp_path / "report.html")],
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "zip_code" in result.stdout
    assert (tmp_path / "report.html").stat().st_size > 10_000
