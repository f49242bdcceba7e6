"""Spools: rows that come but once, kept in a file of the workspace."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from colprofile.errors import ColprofileError, SourceError
from colprofile.inputs import InputReading
from colprofile.sources.base import Source, SourceColumn
from colprofile.sources.connection_errors import raise_interruption
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.relation import Relation

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace


def spooled(reader: pa.RecordBatchReader, workspace: Workspace, what: str) -> pa.Table:
    """Return the rows of a reader as a table that lies in a file: memory holds one batch at a time.

    Raises
    ------
    SourceError
        ``what`` is read fails.
    """
    with reader:
        return spooled_batches(reader.schema, reader, workspace, what)


def spooled_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch], workspace: Workspace, what: str) -> pa.Table:
    """Return record batches as a table that lies in a file."""
    path = str(workspace.new_path(".arrow"))
    with readable_errors(what), pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    # Dictionaries may differ from batch to batch, which an IPC file does not allow; a stream does.
    return pa.ipc.open_stream(pa.memory_map(path)).read_all()


def spooled_source(source: Source, workspace: Workspace, reading: InputReading) -> Relation:
    """Return the relation of all rows of a source, which is read once and now, in this thread."""
    readable = [column for column in source.columns if column.expression is not None]
    # Rows of which no column can be read are rows all the same.
    schema, batches = source.batches(readable or [SourceColumn("", "", "text", "null")])
    table = spooled_batches(schema, batches, workspace, reading.format)
    return Relation(
        sql=workspace.register(table),
        reading=reading,
        names=[column.name for column in readable],
        columns=[column if column.expression is None else replace(column, expression="@") for column in source.columns],
        expected_rows=lambda: table.num_rows,
    )


@contextlib.contextmanager
def readable_errors(what: str) -> Iterator[None]:
    """Turn what the library behind a table raises while it is read into one SourceError line."""
    try:
        yield
    except (ColprofileError, MemoryError):
        raise
    except Exception as error:  # whatever the library behind the reader raises
        raise_interruption(error)
        raise SourceError(f"cannot read the {what}: {first_line(error)}") from error
