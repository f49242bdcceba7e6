"""colprofile audit on the command line: output, files, exit status."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.cli import main
from colprofile.results.audit import Audit


@pytest.fixture
def parquet(tmp_path: Path) -> str:
    x = np.arange(600) % 30
    path = tmp_path / "stops.parquet"
    pd.DataFrame({"zip": x, "city": [f"c{value // 3}" for value in x], "year": 2013}).to_parquet(path)
    return str(path)


def test_the_terminal_comes_first(parquet: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", parquet]) == 0
    out, err = capsys.readouterr()
    assert "zip determines city in every row." in out
    assert "year is 2013 in every row." in out
    assert err == ""


def test_files(parquet: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = {name: str(tmp_path / name) for name in ("a.html", "a.json", "a.sql")}
    assert (
        main(["audit", parquet, "--html", paths["a.html"], "--json", paths["a.json"], "--script", paths["a.sql"]]) == 0
    )
    assert capsys.readouterr().out == ""
    found = Audit.load(paths["a.json"])
    assert found.finding("zip", "city").kind == "dependency"
    assert found.provenance.command is not None and found.provenance.command.startswith("colprofile")
    assert Path(paths["a.html"]).read_text("utf-8").startswith("<!doctype html>")
    script = Path(paths["a.sql"]).read_text("utf-8")
    connection = duckdb.connect()
    connection.execute(f"create table stops as from '{parquet}'")
    connection.execute(script)
    assert connection.execute("select count(*) from stops_restored").fetchall() == [(600,)]


def test_json_and_scripts_on_standard_output(parquet: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", parquet, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "colprofile.audit"
    assert main(["audit", parquet, "--script", "-", "--dialect", "postgresql"]) == 0
    assert "do $check$ begin" in capsys.readouterr().out
    assert main(["audit", parquet, "--script", "-", "--json", "-"]) == 2
    assert "both want standard output" in capsys.readouterr().err


def test_failing_on_kinds(parquet: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", parquet, "--fail-on", "duplicate,nearly-determined"]) == 0
    assert capsys.readouterr().err == ""
    for word in ("determined", "dependency"):
        assert main(["audit", parquet, "--fail-on", f"duplicate, {word}"]) == 1
        assert capsys.readouterr().err == "colprofile: zip determines city in every row.\n"
    assert main(["audit", parquet, "--fail-on", "redundancy"]) == 2
    assert "'redundancy' is not a kind of finding" in capsys.readouterr().err


def test_options_reach_the_audit(parquet: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--max-determinants", "1", "--nulls", "value", "--columns", "zip,city", "--threads", "1"]
    assert main(["audit", parquet, *options, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["search"]["max_determinants"] == 1
    assert found["provenance"]["nulls"] == "value"
    assert [column["name"] for column in found["columns"]] == ["zip", "city"]


@pytest.mark.parametrize("options", [["--max-determinants", "4"], ["--nulls", "some"], ["--dialect", "oracle"]])
def test_wrong_options(parquet: str, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", parquet, *options]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_saved_profile(parquet: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = str(tmp_path / "saved.json")
    colprofile.profile(parquet).save(saved)
    assert main(["audit", saved]) == 0
    out = capsys.readouterr().out
    assert "zip determines city in every row." in out
    assert "Made from a profile" in out
    assert main(["audit", saved, "--table", "x"]) == 2
    assert "leave out --table" in capsys.readouterr().err


def test_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(tmp_path / "none.parquet")]) == 2
    assert "no file" in capsys.readouterr().err


def test_interrupted_and_partial(
    parquet: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import os
    import signal

    from colprofile.counting.dependencies.near import NearSearch

    def interrupted(search: NearSearch, determinants: int) -> None:
        if determinants == 2:
            os.kill(os.getpid(), signal.SIGINT)
            assert search.workers.stop.wait(10)
        original(search, determinants)

    original = NearSearch.search
    monkeypatch.setattr(NearSearch, "search", interrupted)
    assert main(["audit", parquet, "--partial"]) == 130
    out = capsys.readouterr().out
    assert "zip determines city in every row." in out
    assert "Interrupted" in out
