"""docs/audit.md shows what the program prints. tests/house/test_docs.py runs its examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import colprofile
from colprofile.report.audit.terminal import render_terminal
from colprofile.results.audit import KINDS, Audit

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "audit.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["flights", "zipcodes"])
def test_the_output_is_what_the_program_prints(
    name: str, flights_audit: Audit, parquet_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(parquet_files)
    shown = dict(zip(["flights", "zipcodes"], re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL), strict=False))[name]
    audit = flights_audit if name == "flights" else colprofile.audit("zipcodes.parquet")
    printed = render_terminal(audit, width=100, color=False)
    assert shown.splitlines()[1:] == printed.splitlines()[1:]
    without_time = r" · [0-9.]+ m?s$"
    assert re.sub(without_time, "", shown.splitlines()[0]) == re.sub(without_time, "", printed.splitlines()[0])


def test_every_kind_has_its_row() -> None:
    assert re.findall(r"^\| `([a-z_]+)` \|", TEXT, re.MULTILINE) == list(KINDS)
