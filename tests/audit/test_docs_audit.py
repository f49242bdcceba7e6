"""docs/audit.md shows what the program prints. tests/house/test_docs.py runs its examples."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from colprofile.report.audit.terminal import render_terminal
from colprofile.results.audit import Audit
from colprofile.results.audit_kinds import KINDS, word_of

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "audit.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["flights", "zipcodes"])
def test_the_output_is_what_the_program_prints(name: str, flights_audit: Audit, zip_codes_audit: Audit) -> None:
    shown = dict(zip(["flights", "zipcodes"], re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL), strict=False))[name]
    audit = flights_audit if name == "flights" else zip_codes_audit
    amount, unit = re.findall(r"audited in ([0-9.]+) (m?s)", shown)[0]
    seconds = float(amount) / (1000 if unit == "ms" else 1)  # how long it took is no promise
    printed = render_terminal(
        replace(audit, provenance=replace(audit.provenance, duration=seconds)), width=100, color=False
    )
    assert shown == printed


def test_every_kind_has_its_row() -> None:
    words = [word_of(kind).lower().replace(" ", "-") for kind in KINDS]
    assert re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE) == words
