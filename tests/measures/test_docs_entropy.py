"""The examples of docs/entropy.md run and print what the page says."""

from __future__ import annotations

import doctest
from pathlib import Path


def test_the_examples_of_the_page_about_entropy_run() -> None:
    path = Path(__file__).resolve().parents[2] / "docs" / "entropy.md"
    done = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert done.attempted > 20
    assert done.failed == 0
