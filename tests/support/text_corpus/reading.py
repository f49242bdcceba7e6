"""What ``open_source`` reads in a file, as plain Python values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from colprofile.inputs import InputReading
from colprofile.sources.base import SourceColumn
from colprofile.sources.open import open_source


def read(path: Path, options: Mapping[str, Any]) -> tuple[list[str], list[tuple[Any, ...]], InputReading]:
    """Return names, rows and how they were read."""
    with open_source(path, **options) as source:
        schema, batches = source.batches(source.columns)
        table = pa.Table.from_batches(list(batches), schema)
        columns = [_values(*pair) for pair in zip(source.columns, table.columns, strict=True)]
        rows = list(zip(*columns, strict=True))
        assert source.count_rows() == len(rows)
        assert source.reading is not None
        return [column.name for column in source.columns], rows, source.reading


def _values(column: SourceColumn, array: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = array.to_pylist()
    if column.is_integer_text:  # wider than Arrow's integers
        return [None if value is None else int(value) for value in values]
    return values
