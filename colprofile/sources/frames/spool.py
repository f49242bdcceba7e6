"""Spools: rows that come but once, kept in a file of the workspace."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from colprofile.errors import ColprofileError, SourceError
from colprofile.sources.duckdb import first_line

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
    with _readable_errors(what), pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    # Dictionaries may differ from batch to batch, which an IPC file does not allow; a stream does.
    return pa.ipc.open_stream(pa.memory_map(path)).read_all()


@contextlib.contextmanager
def _readable_errors(what: str) -> Iterator[None]:
    try:
        yield
    except ColprofileError:
        raise
    except Exception as error:  # whatever the library behind the reader raises
        raise SourceError(f"cannot read the {what}: {first_line(error)}") from error
