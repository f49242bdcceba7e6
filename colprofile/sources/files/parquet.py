"""Parquet files, by DuckDB; what their footers tell."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from colprofile.inputs import InputReading
from colprofile.sources.files.hive import as_tree, hive_arguments, partition_remarks, partition_types
from colprofile.sources.files.relation import LocalFile, Relation, column_types
from colprofile.sources.files.union import Described, union_remarks
from colprofile.sources.identifiers import quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of Parquet files: the columns of all of them, by name, with those of their folders."""
    footers = [_footer(file.path) for file in files]
    partitions = partition_types(files)
    paths = as_tree(files, workspace) if partitions else [file.path for file in files]
    hive = hive_arguments(partitions) if partitions else ", hive_partitioning=false"
    groups = _by_schema(files, footers)
    union = ", union_by_name=true" if len(groups) > 1 else ""
    sql = f"read_parquet([{', '.join(map(quote_literal, paths))}]{hive}{union})"
    remarks = _remarks(groups, sql, partitions, workspace.connection) if union else ()
    return Relation(
        sql=sql,
        reading=InputReading(
            format="Parquet", reader="DuckDB", files=len(files), remarks=(*remarks, *partition_remarks(files))
        ),
        names=_names(footers[0], partitions) if len(groups) == 1 else None,
        stored_bytes=lambda: _stored_bytes([footer for footer in footers if footer is not None]),
        expected_rows=lambda: sum(footer.num_rows for footer in footers if footer is not None),
    )


def _footer(path: str) -> Any:
    """Return the metadata of a Parquet file; None where Arrow cannot read it: DuckDB may, or has the better error."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return None


def _by_schema(files: Sequence[LocalFile], footers: Sequence[Any]) -> list[list[LocalFile]]:
    """Return the files in groups that have the same columns; one that Arrow cannot read is apart."""
    import pyarrow as pa

    groups: dict[Any, list[LocalFile]] = {}
    for file, footer in zip(files, footers, strict=True):
        key: Any = file.path
        with contextlib.suppress(pa.ArrowException):
            key = file.path if footer is None else footer.schema.to_arrow_schema().remove_metadata()
        groups.setdefault(key, []).append(file)
    return list(groups.values())


def _remarks(
    groups: Sequence[Sequence[LocalFile]],
    sql: str,
    partitions: Mapping[str, str],
    connection: duckdb.DuckDBPyConnection,
) -> tuple[str, ...]:
    """Return in which columns the files differ."""
    parts = []
    for group in groups:
        own = f"read_parquet({quote_literal(group[0].path)}, hive_partitioning=false)"
        parts.append(Described(column_types(connection, own, group[0].shown), len(group), group[0].shown))
    types = column_types(connection, sql, groups[0][0].shown)
    return union_remarks(parts, {name: kind for name, kind in types.items() if name not in partitions})


def _names(footer: Any, partitions: Mapping[str, str]) -> list[str] | None:
    """Return the columns' own names, which DuckDB changes where two differ in case alone."""
    if footer is None:
        return None
    names = list(footer.schema.to_arrow_schema().names)
    return [*names, *(name for name in partitions if name not in names)]


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
