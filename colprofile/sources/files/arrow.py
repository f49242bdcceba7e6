"""Arrow IPC files and streams, Feather and ORC, by pyarrow: scanned where they are, or copied batch by batch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import first_line, readable_errors
from colprofile.sources.files.arrow_columns import ArrowColumn, arrow_columns, is_text, readable_texts
from colprofile.sources.files.batches import BatchedFile, plain_path, stored_relation
from colprofile.sources.files.relation import LocalFile, Relation, name_error
from colprofile.sources.flatten import flattened
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of Arrow IPC files, streams and Feather files."""
    return _relation(files, workspace, options, "Arrow", _opened_ipc)


def read_orc(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of ORC files."""
    return _relation(files, workspace, options, "ORC", _opened_orc)


@dataclass(frozen=True, kw_only=True)
class _Opened:
    """A file that is open: as DuckDB can scan it, where it can, and in batches."""

    scan: Callable[[], ds.Dataset] | None = None
    file: BatchedFile


def _relation(
    files: Sequence[LocalFile],
    workspace: Workspace,
    options: InputOptions,
    name: str,
    open_file: Callable[[str, str], _Opened],
) -> Relation:
    opened = [_open(open_file, plain_path(file, workspace), file.shown) for file in files]
    reading = InputReading(format=name, reader="pyarrow", files=len(files))
    scan = opened[0].scan
    if len(opened) == 1 and scan is not None and _is_scannable(opened[0].file, workspace):
        data = scan()
        relation = Relation(sql=workspace.register(data), reading=reading, expected_rows=lambda: int(data.count_rows()))
    else:
        relation = stored_relation([item.file for item in opened], workspace, reading)
    return flattened(relation, workspace.connection, options.flatten)


def _open(open_file: Callable[[str, str], _Opened], path: str, shown: str) -> _Opened:
    """Return an open file; the library's ways to say that it is damaged become one."""
    with readable_errors(shown):
        try:
            opened = open_file(path, shown)
            _check_names(opened.file.schema)
            return opened
        except UnicodeDecodeError as error:
            raise name_error(error, shown) from error
        except (ValueError, EOFError, NotImplementedError) as error:
            what = first_line(error)
            if "Not an Arrow file" in what:
                what = "its end is missing, so it was cut off while it was written or copied"
            raise SourceError(f"cannot read {shorten(shown, 200)!r}: {what}") from error


def _check_names(fields: Iterable[pa.Field]) -> None:
    """Raise UnicodeDecodeError where a column or a member of one has a name that is not UTF-8."""
    for field in fields:
        str(field.name)
        _check_names(field.type.field(i) for i in range(field.type.num_fields))


def _opened_ipc(path: str, shown: str) -> _Opened:
    import pyarrow as pa
    import pyarrow.dataset as ds

    with open(path, "rb") as file:
        head = file.read(6)
    if head.startswith(b"FEA1"):
        from pyarrow import feather

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the format, which is the file's and not ours
            table = feather.read_table(path, memory_map=True)
        return _Opened(file=BatchedFile(shown=shown, schema=table.schema, batches=lambda: iter(table.to_batches())))
    is_file = head == b"ARROW1"
    opener = pa.ipc.open_file if is_file else pa.ipc.open_stream
    with pa.OSFile(path) as source:
        schema = opener(source).schema
    return _Opened(
        scan=(lambda: ds.dataset(path, format="ipc")) if is_file else None,
        file=BatchedFile(shown=shown, schema=schema, batches=lambda: _ipc_batches(path, is_file)),
    )


def _ipc_batches(path: str, is_file: bool) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    with pa.OSFile(path) as source:
        if is_file:
            reader = pa.ipc.open_file(source)
            yield from (reader.get_batch(number) for number in range(reader.num_record_batches))
        else:
            yield from pa.ipc.open_stream(source)


def _opened_orc(path: str, shown: str) -> _Opened:
    import pyarrow.dataset as ds

    data = ds.dataset(path, format="orc")
    return _Opened(
        scan=lambda: data, file=BatchedFile(shown=shown, schema=data.schema, batches=lambda: iter(data.to_batches()))
    )


def _is_scannable(file: BatchedFile, workspace: Workspace) -> bool:
    """Whether DuckDB reads every column as it is: its type, its name and its texts."""
    columns = arrow_columns(file.schema, workspace.connection)
    if not columns or not all(isinstance(column, ArrowColumn) and column.is_as_it_is for column in columns):
        return False
    texts = [position for position, field in enumerate(file.schema) if is_text(field.type)]
    if not texts:
        return True
    with readable_errors(file.shown):
        return all(readable_texts(batch.column(place)) is None for batch in file.batches() for place in texts)
