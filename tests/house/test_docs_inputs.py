"""docs/inputs.md says what the code reads: its tables are made from the registry of formats and from the options."""

from __future__ import annotations

from dataclasses import fields

import pytest

from colprofile.sources.files.formats import FORMATS
from colprofile.sources.options import SIGNS, InputOptions
from tests.support.input_tables import PAGE, tables, with_tables


def test_the_tables_are_up_to_date() -> None:
    page = PAGE.read_text("utf-8")
    assert with_tables(page) == page, "run python -m tests.support.input_tables"


def test_the_tables_are_complete() -> None:
    found = tables()
    for format in FORMATS:
        assert f"| {format.name} |" in found["formats"]
        assert all(f"`{suffix}`" in found["formats"] for suffix in format.suffixes)
    for field in fields(InputOptions):
        row = next(line for line in found["options"].splitlines() if f"`{field.name}=`" in line)
        assert f"--{field.name.replace('_', '-')}" in row
        assert all(cell.strip() for cell in row.split("|")[1:-1]), row


def test_a_page_without_a_table_is_no_page() -> None:
    with pytest.raises(ValueError, match="'formats' 0 times"):
        with_tables("nothing")


def test_spelled_signs_are_listed() -> None:
    page = PAGE.read_text("utf-8")
    assert [name for name in SIGNS if name.isalpha() and f"`{name}`" not in page] == []
