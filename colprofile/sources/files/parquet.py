"""Parquet files, by DuckDB; what their footers tell."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from colprofile.inputs import InputReading
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.identifiers import quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of Parquet files."""
    paths = [file.path for file in files]
    footers = functools.cache(lambda: _footers(paths))
    return Relation(
        sql=f"read_parquet([{', '.join(map(quote_literal, paths))}])",
        reading=InputReading(format="Parquet", reader="DuckDB", files=len(files)),
        names=_names(paths),
        stored_bytes=lambda: _stored_bytes(footers()),
        expected_rows=lambda: sum(footer.num_rows for footer in footers()),
    )


def _names(paths: Sequence[str]) -> list[str] | None:
    """Return the columns' own names, which DuckDB changes where two differ in case alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(paths[0]).names)
    except (pa.ArrowException, OSError):
        return None  # DuckDB's own error about the file is the better one


def _footers(paths: Sequence[str]) -> list[Any]:
    """Return the metadata of Parquet files."""
    import pyarrow.parquet as pq

    return [pq.read_metadata(path) for path in paths]


def _stored_bytes(footers: Sequence[Any]) -> dict[str, int]:
    """Return compressed bytes by column, nested leaves added up."""
    stored: dict[str, int] = {}
    for metadata in footers:
        schema = metadata.schema.to_arrow_schema()
        owners = [field.name for field in schema for _ in range(_leaves(field.type))]
        if len(owners) != metadata.num_columns:
            return {}
        for group in range(metadata.num_row_groups):
            row_group = metadata.row_group(group)
            for number, owner in enumerate(owners):
                size = row_group.column(number).total_compressed_size
                stored[owner] = stored.get(owner, 0) + size
    return stored


def _leaves(arrow_type: Any) -> int:
    import pyarrow as pa

    if pa.types.is_map(arrow_type):
        return _leaves(arrow_type.key_type) + _leaves(arrow_type.item_type)
    if pa.types.is_nested(arrow_type):
        return sum(_leaves(arrow_type.field(i).type) for i in range(arrow_type.num_fields))
    return 1
