"""What is in an opened source, as plain values."""

from __future__ import annotations

from typing import Any

from colprofile.errors import ColprofileError
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.open import open_source


def rows_of(source: Any, table: str | None = None, **inputs: Any) -> list[dict[str, Any]]:
    """Return the rows of a source that DuckDB reads, in order, by the names of their columns."""
    with open_source(source, table, **inputs) as opened:
        assert isinstance(opened, DuckDBSource)
        names = [column.name for column in opened.columns]
        rows = opened.connection.execute(f"select * from {opened.relation}").fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]


def reading_of(source: Any, table: str | None = None, **inputs: Any) -> InputReading:
    """Return how a source was read."""
    with open_source(source, table, **inputs) as opened:
        assert opened.reading is not None
        return opened.reading


def refusal(source: Any, table: str | None = None, **inputs: Any) -> str:
    """Return the one line that says why a source cannot be opened."""
    try:
        with open_source(source, table, **inputs):
            raise AssertionError("it was opened")
    except ColprofileError as error:
        assert "\n" not in str(error)
        return str(error)
