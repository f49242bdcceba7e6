"""Parquet files, by DuckDB; what their footers tell."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import first_line, readable_errors
from colprofile.sources.files.batches import BatchedFile, stored_relation
from colprofile.sources.files.hive import as_tree, hive_arguments, partition_remarks, partition_types, read_by_partition
from colprofile.sources.files.relation import LocalFile, Relation, column_types, name_error
from colprofile.sources.files.union import Described, union_remarks
from colprofile.sources.flatten import flattened
from colprofile.sources.frames.arrow_columns import column_names
from colprofile.sources.identifiers import quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

_MOST_DIGITS = 38


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of Parquet files: the columns of all of them, by name, with those of their folders."""
    footers = [_footer(file) for file in files]
    for file, footer in zip(files, footers, strict=True):
        _check(file, footer, workspace.connection)
    if any(footer is not None and has_wide_decimals(_schema(footer)) for footer in footers):
        return read_by_partition(read_by_arrow, files, workspace, options)
    partitions = partition_types(files)
    paths = as_tree(files, workspace) if partitions else [file.path for file in files]
    hive = hive_arguments(partitions) if partitions else ", hive_partitioning=false"
    groups = _by_schema(files, footers)
    union = ", union_by_name=true" if len(groups) > 1 else ""
    sql = f"read_parquet([{', '.join(map(quote_literal, paths))}]{hive}{union})"
    remarks = _remarks(groups, sql, partitions, workspace.connection) if union else ()
    notes = (note for footer in footers[:1] if footer is not None for note in _durations(_schema(footer)))
    relation = Relation(
        sql=sql,
        reading=InputReading(
            format="Parquet",
            reader="DuckDB",
            files=len(files),
            remarks=(*remarks, *partition_remarks(files), *notes),
        ),
        names=_names(footers[0], partitions) if len(groups) == 1 else None,
        stored_bytes=lambda: _stored_bytes([footer for footer in footers if footer is not None]),
        expected_rows=lambda: sum(footer.num_rows for footer in footers if footer is not None),
    )
    return flattened(relation, workspace.connection, options.flatten)


def _check(file: LocalFile, footer: Any, connection: duckdb.DuckDBPyConnection) -> None:
    """Raise SourceError where DuckDB cannot read a file that Arrow cannot read either, or one without columns."""
    if footer is not None:
        if not footer.num_columns:
            raise SourceError(f"{shorten(file.shown, 200)!r} has no columns: there is nothing to profile")
        return
    try:
        connection.sql(f"select * from read_parquet({quote_literal(file.path)}) limit 0")
    except duckdb.Error as error:
        raise SourceError(
            f"cannot read {shorten(file.shown, 200)!r}: {first_line(error).rstrip(': ')}; it may be damaged or cut off"
        ) from error


def read_by_arrow(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of Parquet files of types that DuckDB would round, by Arrow."""
    reading = InputReading(format="Parquet", reader="pyarrow", files=len(files))
    relation = stored_relation([_batched(file) for file in files], workspace, reading)
    return flattened(relation, workspace.connection, options.flatten)


def _batched(file: LocalFile) -> BatchedFile:
    import pyarrow.parquet as pq

    with readable_errors(file.shown):
        opened = pq.ParquetFile(file.path)
    return BatchedFile(shown=file.shown, schema=opened.schema_arrow, batches=opened.iter_batches)


def _schema(footer: Any) -> Any:
    """Return the Arrow schema of a file; None where Arrow has none for it."""
    import pyarrow as pa

    try:
        return footer.schema.to_arrow_schema()
    except pa.ArrowException:
        return None


def has_wide_decimals(schema: Any) -> bool:
    """Whether a schema has decimals of more digits than DuckDB's, which it would read as floats."""
    import pyarrow as pa

    def is_wide(kind: Any) -> bool:
        if pa.types.is_decimal(kind):
            return bool(kind.precision > _MOST_DIGITS)
        return any(is_wide(kind.field(i).type) for i in range(kind.num_fields))

    return schema is not None and any(is_wide(schema.field(i).type) for i in range(len(schema)))


def _durations(schema: Any) -> Iterator[str]:
    """Yield a sentence for each column of durations, which are numbers in the file."""
    import pyarrow as pa

    if schema is None:
        return
    for position, name in enumerate(column_names(schema)):
        kind = schema.field(position).type
        if pa.types.is_duration(kind):
            yield f"{shorten(name)!r} has durations: they are read as whole numbers, in {kind.unit}."


def _footer(file: LocalFile) -> Any:
    """Return the metadata of a Parquet file; None where Arrow cannot read it: DuckDB may, or has the better error."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(file.path)
    except UnicodeDecodeError as error:
        raise name_error(error, file.shown) from error
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
    names = column_names(footer.schema.to_arrow_schema())
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
