"""SECURITY.md: each promise names tests, and these exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)


def promises() -> list[str]:
    promised = TEXT.partition("## What is promised")[2].partition("## What is not promised")[0]
    return [part for part in re.split(r"^(?=- |### )", promised, flags=re.MULTILINE) if part.startswith("- ")]


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_named_test_exists(file: str, test: str) -> None:
    assert re.search(rf"^ *def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_promise_names_a_test() -> None:
    without = [promise.strip() for promise in promises() if "::test_" not in promise]
    # That a report holds values is no promise, but what has to be known.
    assert [line for line in without if not line.startswith("- A report holds values")] == []
    assert len(promises()) > 15


def test_every_test_of_security_is_named() -> None:
    for path in (ROOT / "tests" / "security").glob("test_*.py"):
        defined = re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(defined) <= {test for file, test in NAMED if file.endswith(f"/{path.name}")}
