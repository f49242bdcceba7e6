"""Tables that come as Arrow record batches, put into a DuckDB file of the workspace, where each scan finds them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.arrow import ArrowColumn, arrow_columns, as_type, empty_array, readable_texts
from colprofile.sources.duckdb import readable_errors
from colprofile.sources.files.content import compression_of, open_unpacked
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.workspace import Workspace

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
            shutil.copyfileobj(packed, out, 1 << 20)
    except (OSError, EOFError, ValueError) as error:
        raise SourceError(f"cannot unpack {shorten(file.shown, 200)!r}: {error}") from error
    return os.fspath(copy)


def stored_relation(files: Sequence[BatchedFile], workspace: Workspace, reading: InputReading) -> Relation:
    """Return the relation of files, all of one table, after copying their rows batch by batch.

    Columns of several files are matched by name. Those that DuckDB has no type for are skipped, with a reason.

    Raises
    ------
    SourceError
        A file is damaged, there are no columns, or two files have types for a column that do not go together.
    """
    schema = _common_schema(files)
    columns, skipped = arrow_columns(schema, workspace.connection)
    if not schema.names:
        raise SourceError(f"{shorten(files[0].shown, 200)!r} has no columns: there is nothing to profile")
    if not columns:
        raise SourceError(
            f"no column of {shorten(files[0].shown, 200)!r} can be read: {shorten(skipped[0].name)!r}: "
            f"{skipped[0].reason}"
        )
    target = _new_table(workspace)
    mended: set[str] = set()
    rows = 0
    for batch in _created(target, columns, _aligned(files, schema, columns, mended), workspace):
        rows += batch.num_rows
    names = [column.name for column in columns]
    remarks = [column.remark for column in columns if column.remark]
    remarks += [f"{shorten(name)!r} has texts that are not UTF-8: such bytes are read as \\xff." for name in mended]
    return Relation(
        sql=target,
        reading=replace(reading, remarks=(*reading.remarks, *remarks)),
        names=names if names != [column.sql_name for column in columns] else None,
        skipped=skipped,
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


def _new_table(workspace: Workspace) -> str:
    """Return the quoted name for a table in a DuckDB file of its own: pages that are not needed go to disk."""
    path = workspace.new_path(".duckdb")
    database = quote_identifier(f"colprofile_{path.stem}")
    workspace.connection.execute(f"attach {quote_literal(os.fspath(path))} as {database}")
    return f"{database}.main.rows"


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
            for batch in file.batches():
                arrays = [
                    pa.nulls(batch.num_rows, column.type) if place < 0 else as_type(batch.column(place), column.type)
                    for column, place in zip(columns, places, strict=True)
                ]
                for number, column in enumerate(columns):
                    text = readable_texts(arrays[number])
                    if text is not None:
                        arrays[number] = text
                        mended.add(column.name)
                yield pa.record_batch(arrays, schema=target)


def _created(
    target: str, columns: Sequence[ArrowColumn], batches: Iterable[pa.RecordBatch], workspace: Workspace
) -> Iterator[pa.RecordBatch]:
    """Fill a table with batches, and yield each when it is there."""
    import pyarrow as pa

    connection: Any = workspace.connection
    schema = pa.schema([(column.sql_name, column.type) for column in columns])
    empty = pa.table([empty_array(column.type) for column in columns], schema=schema)
    name = workspace.register(empty)
    try:
        connection.execute("begin")
        connection.execute(f"create table {target} as select * from {name}")
        for batch in batches:
            connection.register(name, batch)
            with readable_errors("the rows"):
                connection.execute(f"insert into {target} select * from {name}")
            yield batch
        connection.execute("commit")
    except duckdb.Error as error:
        raise SourceError(f"DuckDB cannot take the rows: {error}") from error
    finally:
        connection.unregister(name)
