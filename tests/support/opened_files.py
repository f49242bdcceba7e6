"""What ``open_source`` gives for a file: names, types, rows as DuckDB has them, and how it was read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from colprofile.inputs import InputReading
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.open import open_source


class Opened(NamedTuple):
    """A file that was opened, read and closed."""

    names: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    reading: InputReading
    skipped: dict[str, str]

    @property
    def remarks(self) -> str:
        """All remarks as one text."""
        return " ".join(self.reading.remarks)


def opened(source: Path | str | Sequence[Path], **options: Any) -> Opened:
    """Open a file, or several as one table; columns that cannot be read have their reasons in ``skipped``."""
    with open_source(source, **options) as found:
        assert isinstance(found, DuckDBSource)
        assert found.reading is not None
        read = [column for column in found.columns if column.expression is not None]
        rows = found.connection.sql(f"select * from {found.relation}").fetchall()
        return Opened(
            [column.name for column in read],
            [column.type for column in read],
            rows,
            found.reading,
            {column.name: column.reason or "" for column in found.columns if column.expression is None},
        )
