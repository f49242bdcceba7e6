"""Tables that come as Arrow record batches, put into a DuckDB file of the workspace, where each scan finds them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.base import SourceColumn
from colprofile.sources.connection_errors import raise_interruption
from colprofile.sources.duckdb import first_line, readable_errors, unregister
from colprofile.sources.files.arrow_columns import (
    ArrowColumn,
    UnreadableColumn,
    arrow_columns,
    empty_array,
    readable_array,
    readable_texts,
)
from colprofile.sources.files.content import compression_of, open_unpacked
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.files.union import Described, union_remarks
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.workspace import Workspace
from colprofile.stopping import watched

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class BatchedFile:
    """A file that is read batch by batch.

    Attributes
    ----------
    shown
        How the user named it.
    schema
        Of its batches. Names may repeat.
    batches
        Opens the file and yields its batches, as often as it is called.
    """

    shown: str
    schema: pa.Schema
    batches: Callable[[], Iterator[pa.RecordBatch]]


def plain_path(file: LocalFile, workspace: Workspace) -> str:
    """Return the path of a file without compression: its own, or that of an unpacked copy in the workspace.

    Raises
    ------
    SourceError
        It cannot be unpacked.
    """
    with readable_errors(file.shown), open(file.path, "rb") as opened:
        if compression_of(opened.read(8)) is None:
            return file.path
    copy = workspace.new_path(file.suffix)
    try:
        with open_unpacked(file.path) as packed, open(copy, "wb") as out:
            for piece in watched(iter(lambda: packed.read(1 << 20), b"")):
                out.write(piece)
    except (OSError, EOFError, ValueError) as error:
        raise SourceError(f"cannot unpack {shorten(file.shown, 200)!r}: {error}") from error
    return os.fspath(copy)


def stored_relation(files: Sequence[BatchedFile], workspace: Workspace, reading: InputReading) -> Relation:
    """Return the relation of files, all of one table, after copying their rows batch by batch.

    Columns of several files are matched by name. Those that DuckDB cannot hold are skipped, with a reason.

    Raises
    ------
    SourceError
        A file is damaged, there are no columns, or two files have types for a column that do not go together.
    """
    shown = shorten(files[0].shown, 200)
    schema = _common_schema(files)
    if not len(schema):
        raise SourceError(f"{shown!r} has no columns: there is nothing to profile")
    found = arrow_columns(schema, workspace.connection)
    while columns := [column for column in found if isinstance(column, ArrowColumn)]:
        mended: set[str] = set()
        try:
            table, rows = _stored(columns, _aligned(files, schema, columns, mended), workspace)
            break
        except UnreadableColumn as error:  # not known before its values are seen: again, without it
            skipped = error.column.skipped(str(error))
            found = [skipped if column is error.column else column for column in found]
    else:
        reasons = "; ".join(
            f"{shorten(item.name)!r}: {item.reason}" for item in found[:3] if isinstance(item, SourceColumn)
        )
        raise SourceError(f"no column of {shown!r} can be read: {reasons}")
    names = [column.name for column in columns]
    remarks = [*_differences(files, schema), *(column.remark for column in columns if column.remark)]
    remarks += [
        f"{shorten(name)!r} has texts that are not UTF-8: such bytes are read as \\xff." for name in sorted(mended)
    ]
    return Relation(
        sql=table,
        reading=replace(reading, remarks=(*reading.remarks, *remarks)),
        names=names if names != [column.sql_name for column in columns] else None,
        columns=[None if isinstance(column, ArrowColumn) else column for column in found],
        expected_rows=lambda: rows,
    )


def _common_schema(files: Sequence[BatchedFile]) -> pa.Schema:
    import pyarrow as pa

    first = files[0].schema
    if all(file.schema.equals(first) for file in files):
        return first
    for file in files:
        if len(set(file.schema.names)) < len(file.schema.names):
            raise SourceError(f"{shorten(file.shown, 200)!r} has two columns of one name: give it alone")
    schema = first
    for file in files[1:]:
        try:
            schema = pa.unify_schemas([schema, file.schema], promote_options="permissive")
        except pa.ArrowException as error:
            raise SourceError(
                f"{shorten(file.shown, 200)!r} does not go with {shorten(files[0].shown, 200)!r}: {error}"
            ) from error
    return schema


def _differences(files: Sequence[BatchedFile], schema: pa.Schema) -> tuple[str, ...]:
    """Return in which columns files differ."""
    groups: dict[pa.Schema, list[BatchedFile]] = {}
    for file in files:
        groups.setdefault(file.schema.remove_metadata(), []).append(file)
    if len(groups) == 1:
        return ()
    parts = [Described(_types(own), len(group), group[0].shown) for own, group in groups.items()]
    return union_remarks(parts, _types(schema))


def _types(schema: pa.Schema) -> dict[str, str]:
    return {field.name: str(field.type) for field in schema}


def _aligned(
    files: Sequence[BatchedFile], schema: pa.Schema, columns: Sequence[ArrowColumn], mended: set[str]
) -> Iterator[pa.RecordBatch]:
    """Yield batches of the columns under their names in SQL; names with mended texts are added to ``mended``."""
    import pyarrow as pa

    target = pa.schema([(column.sql_name, column.type) for column in columns])
    for file in files:
        is_same = file.schema.equals(schema)
        places = [column.position if is_same else file.schema.get_field_index(column.name) for column in columns]
        with readable_errors(file.shown):
            for batch in watched(file.batches()):
                arrays = [
                    pa.nulls(batch.num_rows, column.type) if place < 0 else _converted(batch.column(place), column)
                    for column, place in zip(columns, places, strict=True)
                ]
                for number, column in enumerate(columns):
                    text = readable_texts(arrays[number])
                    if text is not None:
                        arrays[number] = text
                        mended.add(column.name)
                yield pa.record_batch(arrays, schema=target)


def _converted(array: pa.Array, column: ArrowColumn) -> pa.Array:
    import pyarrow as pa

    try:
        if array.type != column.own:
            array = array.cast(column.own)
        return readable_array(array)
    except (pa.ArrowException, NotImplementedError, TypeError) as error:
        raise UnreadableColumn(column, f"Arrow's {column.own} cannot be converted: {first_line(error)}") from error


def _stored(columns: Sequence[ArrowColumn], batches: Iterable[pa.RecordBatch], workspace: Workspace) -> tuple[str, int]:
    """Put batches into a DuckDB file of the workspace, for which memory need not have room; return table and rows."""
    import pyarrow as pa

    connection: Any = workspace.connection
    path = workspace.new_path(".duckdb")
    database = quote_identifier(f"colprofile_{path.stem}")
    table = f"{database}.main.rows"
    schema = pa.schema([(column.sql_name, column.type) for column in columns])
    name = workspace.register(pa.table([empty_array(column.type) for column in columns], schema=schema))
    rows = 0
    try:
        connection.execute(f"attach {quote_literal(os.fspath(path))} as {database}")
        connection.execute(f"create table {table} as select * from {name}")
        connection.execute("begin")
        for batch in batches:
            connection.register(name, batch)
            connection.execute(f"insert into {table} select * from {name}")
            rows += batch.num_rows
        connection.execute("commit")
    except BaseException as error:
        with contextlib.suppress(duckdb.Error):
            connection.execute("rollback")
        with contextlib.suppress(duckdb.Error):
            connection.execute(f"detach {database}")
        if not isinstance(error, duckdb.Error):
            raise
        raise_interruption(error)
        _blame(columns, batch, error)
        raise SourceError(f"DuckDB cannot take the rows: {first_line(error)}") from error
    finally:
        unregister(connection, name)
    return table, rows


def _blame(columns: Sequence[ArrowColumn], batch: pa.RecordBatch, error: duckdb.Error) -> None:
    """Raise UnreadableColumn for the first column of a batch that DuckDB fails to read by itself."""
    import pyarrow as pa

    for column, values in zip(columns, batch.columns, strict=True):
        try:
            duckdb.from_arrow(pa.table({"x": values}), connection=duckdb.connect()).fetchall()
        except duckdb.Error as own:
            raise UnreadableColumn(column, f"DuckDB cannot read its values: {first_line(own)}") from error
