"""PartitionedSource: a table in an engine's partitions: workers pack its rows, and the values are merged here."""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.base import Fetch, Source, SourceColumn
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.duckdb_columns import listed
from colprofile.sources.identifiers import quote_identifier
from colprofile.sources.opened_relation import opened_relation
from colprofile.sources.partitions import pack
from colprofile.sources.partitions.engine import BLOB_BYTES, Engine
from colprofile.sources.partitions.reader import ArrowReader, Reader
from colprofile.sources.partitions.shipped import shipped
from colprofile.sources.workspace import Workspace
from colprofile.stopping import check, ends_by, watched

_SPARE_DEVIATIONS = 6
_SPARE_ROWS = 20
"""A sample is drawn a little too large, and thinned here: it is too small once in a thousand million times."""


_NO_COLUMN = pa.schema([("none", pa.null())])


class PartitionedSource(Source):
    """A table in the partitions of an engine.

    Workers pack rows as dictionary arrays (``pack``), so that little crosses the wire. What values are equal, and in
    what order, is decided here as for all local tables: by our encoders, and by DuckDB where only it can compare.

    Parameters
    ----------
    engine
        Where the table is; it is closed with the source.
    table
        Its name, where it has one.
    workspace
        A private DuckDB and a folder for what waits there; it is closed with the source.
    skipped
        Columns that cannot be counted by their place, before those of the engine's schema; None for all others.
    reader
        What the columns are here; those of an Arrow table by default. With one, ``reading`` says how they were read.
    fetch
        Whether rows are fetched and counted here ("always"), or pairs are counted by the workers ("never"); "auto"
        goes by the memory that the codes would take here.
    """

    is_pushdown = False
    has_workers = True
    sampling_note = (
        "The seed draws the same rows again only while the table is partitioned as it is now, and each partition has "
        "its rows in the same order."
    )

    def __init__(
        self,
        engine: Engine,
        table: str | None,
        workspace: Workspace,
        skipped: Sequence[SourceColumn | None] | None = None,
        reader: Reader | None = None,
        fetch: Fetch = "auto",
    ) -> None:
        self.fetch = fetch
        self.engine, self.table, self.description = engine, table, engine.description
        self._workspace = workspace
        self._reader = reader or ArrowReader(InputReading(format="Arrow table", reader="pyarrow"))
        self._rows: int | None = None
        ends_by(engine.interrupt)
        try:
            self._seen = self._telling_values()
            # Where no column can be counted, one that is not there takes their place: DuckDB has no tables without.
            schema = engine.schema if len(engine.schema) else _NO_COLUMN
            self._described = self._opened(_side_by_side(schema, self._seen), range(len(schema)))
            counted = self._described.columns[: len(engine.schema)]
            self.reading = self._described.reading if reader else None
        except BaseException:
            self.__exit__()
            raise
        self._numbers = {id(column): number for number, column in enumerate(counted)}
        self._as_they_are = {*map(quote_identifier, self._described.sql_names)}
        rest = iter(counted)
        self.columns = tuple(column or next(rest) for column in skipped) if skipped is not None else counted

    def _opened(self, table: pa.Table, numbers: Sequence[int]) -> DuckDBSource:
        """Return the source of values of these columns, read as a user's own table of them would be."""
        relation = self._reader.relation(table, numbers, self._workspace)
        return opened_relation(relation, self.description, self._workspace)

    def _telling_values(self) -> dict[int, pa.ChunkedArray]:
        """Return the different values of the columns whose types depend on them, by number: these are read twice."""
        schema = self.engine.schema
        numbers = [i for i, field in enumerate(schema) if self._reader.depends_on_values(i, field.type)]
        found: dict[int, list[pa.Array]] = {number: [] for number in numbers}
        if numbers:
            for part in self._packed(numbers, None, 0):
                for i, number in enumerate(numbers):
                    found[number].append(_values(part.column(i)))
        return {number: pa.chunked_array(arrays, _type_of(arrays, schema, number)) for number, arrays in found.items()}

    def __enter__(self) -> PartitionedSource:
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.engine.close()
        finally:
            self._workspace.close()

    def number_of(self, column: SourceColumn) -> int:
        """Return a column's number in the engine's schema."""
        return self._numbers[id(column)]

    def count_rows(self) -> int:
        """Return how many rows there are, counted once by the engine."""
        if self._rows is None:
            self._rows = self.engine.count_rows()
        return self._rows

    def expected_rows(self) -> int:
        """Return how many rows there are, where they were counted; 0 else."""
        return self._rows or 0

    def is_sampled(self) -> bool:
        """Whether the table is a query that draws a sample by itself."""
        return self.engine.is_sampled()

    def interrupt(self) -> None:
        """End what runs, in the engine and here, from another thread."""
        self._workspace.connection.interrupt()
        self.engine.interrupt()

    def batches(self, columns: Sequence[SourceColumn]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Return the schema and an iterator of record batches of dictionary arrays, in any order of the rows."""
        schema = self._schema(columns)
        return schema, self._read(self._fetched(columns, None, 0), columns, schema)

    @contextlib.contextmanager
    def sampled_batches(
        self, columns: Sequence[SourceColumn], rows: int, size: int, seed: int
    ) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Open what ``batches`` returns, of ``size`` of the ``rows`` rows, drawn at random without replacement.

        The engine draws each row by itself with a probability a little above the share; those rows are thinned here to
        ``size``. Given how many there are, each set of them is equally likely, so this is a simple random sample. The
        same seed draws the same rows only where the engine partitions and orders them the same.
        """
        from colprofile.counting.sampling import draw_rows

        schema = self._schema(columns)
        share = min(1.0, (size + _SPARE_DEVIATIONS * math.sqrt(size) + _SPARE_ROWS) / max(1, rows))
        with self._store() as store:
            for attempt in range(1 if share == 1.0 else _SPARE_ROWS):
                store.clear()
                for part in self._fetched(columns, None if share == 1.0 else share, seed + attempt):
                    store.append(part)
                if store.rows >= size:
                    break
            else:
                raise SourceError(
                    f"{self.description} gave {store.rows:,} rows where {size:,} of {rows:,} were to be drawn: "
                    "it changed while it was read; try again"
                )
            store.sort()  # the same seed draws the same rows
            chosen = np.sort(draw_rows(store.rows, min(size, store.rows), seed)).astype(np.int64)
            thinned = _thinned(iter(store), chosen)
            yield schema, self._read(thinned, columns, schema)

    def values_read(
        self, column: SourceColumn, values: Iterator[pa.Array]
    ) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Return the schema and batches of one column, as ``batches`` does, from values that workers gave."""
        schema = self._schema([column])
        return schema, self._read((pa.RecordBatch.from_arrays([v], ["c0"]) for v in values), [column], schema)

    def changed(self) -> SourceError:
        """Return what is raised where two looks at the rows differ."""
        return SourceError(f"{self.description} changed while it was read: try again while nothing writes to it")

    def _read(
        self, parts: Iterator[pa.RecordBatch], columns: Sequence[SourceColumn], schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        is_late = not all(self._is_plain(column) for column in columns)
        return (self._late if is_late else self._in_types)(parts, columns, schema)

    def _schema(self, columns: Sequence[SourceColumn]) -> pa.Schema:
        """Return the Arrow types in which DuckDB gives the columns."""
        reader = self._described.connection.sql(
            f"select {listed(columns)} from {self._described.relation} limit 0"
        ).to_arrow_reader()
        return reader.schema

    def _is_plain(self, column: SourceColumn) -> bool:
        """Whether values are encoded as the workers send them: DuckDB would not change any."""
        kind = self.engine.schema.field(self.number_of(column)).type
        return column.expression in self._as_they_are and self._reader.is_plain(self.number_of(column), kind)

    def _fetched(self, columns: Sequence[SourceColumn], share: float | None, seed: int) -> Iterator[pa.RecordBatch]:
        """Yield the packed rows of some columns as they come from the workers."""
        return self._packed([self.number_of(column) for column in columns], share, seed)

    def _packed(self, numbers: Sequence[int], share: float | None, seed: int) -> Iterator[pa.RecordBatch]:
        work = shipped(pack.packed, blob_bytes=BLOB_BYTES)
        for _, data in watched(self.engine.map(numbers, work, share, seed).fetched()):
            yield from pa.ipc.open_stream(data)

    def _in_types(
        self, parts: Iterator[pa.RecordBatch], columns: Sequence[SourceColumn], schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        for part in parts:
            arrays = [_in_type(part.column(i), schema.field(i).type) for i in range(len(columns))]
            yield pa.RecordBatch.from_arrays(arrays, schema.names)

    def _late(
        self, parts: Iterator[pa.RecordBatch], columns: Sequence[SourceColumn], schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows once all are here: some columns' values are only told apart by DuckDB, all together."""
        late = [i for i, column in enumerate(columns) if not self._is_plain(column)]
        values: dict[int, list[pa.Array]] = {i: [] for i in late}
        with self._store() as store:
            for part in parts:
                for i in late:
                    values[i].append(_values(part.column(i)))
                store.append(part)
            told = {i: self._told(columns[i], values.pop(i)) for i in late}
            for part in store:
                arrays = [
                    _with_values(part.column(i), told[i](), schema.field(i).type)
                    if i in told
                    else _in_type(part.column(i), schema.field(i).type)
                    for i in range(len(columns))
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema.names)

    def _told(self, column: SourceColumn, values: list[pa.Array]) -> Callable[[], pa.Array]:
        """Return what gives, one after the other, arrays of values as DuckDB has them beside all others."""
        lengths = iter([len(array) for array in values])
        number = self.number_of(column)
        kind = _type_of(values, self.engine.schema, number)
        # A sample may lack the values that the column's type comes from.
        telling = self._seen[number].chunks if number in self._seen else []
        table = pa.Table.from_arrays([pa.chunked_array([*values, *telling], kind)], ["c0"])
        opened = self._opened(table, [number])
        if opened.columns[0].expression is None:
            raise SourceError(f"cannot read {shorten(column.name)!r}: {opened.columns[0].reason}")
        schema, batches = opened.batches(opened.columns)
        found = pa.Table.from_batches(list(batches), schema).column(0)
        begin = 0

        def following() -> pa.Array:
            nonlocal begin
            length = next(lengths)
            chunks = found.slice(begin, length).chunks
            begin += length
            return pa.concat_arrays(chunks) if chunks else pa.nulls(0, found.type)

        return following

    def _store(self) -> _Store:
        return _Store(self._workspace)


class _Store:
    """Packed rows in a file, until all are there."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.new_path(".packed")
        self._file: Any = None
        self._places: list[tuple[bytes, int, int]] = []
        self.rows = 0

    def __enter__(self) -> _Store:
        self._file = open(self._path, "w+b")
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget all rows."""
        self._file.seek(0)
        self._file.truncate()
        self._places, self.rows = [], 0

    def sort(self) -> None:
        """Bring what was added into an order of its own: what workers send comes in any."""
        self._places.sort()

    def append(self, part: pa.RecordBatch) -> None:
        """Add rows."""
        data = pack.stream_of(part)
        self._places.append((hashlib.blake2b(data, digest_size=16).digest(), self._file.tell(), len(data)))
        self._file.write(data)
        self.rows += part.num_rows

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for _, begin, length in list(self._places):
            check()
            self._file.seek(begin)
            yield from pa.ipc.open_stream(self._file.read(length))


def _thinned(parts: Iterator[pa.RecordBatch], chosen: Any) -> Iterator[pa.RecordBatch]:
    """Yield the rows at these places, counted through all parts."""
    begin = 0
    for part in parts:
        end = begin + part.num_rows
        here = chosen[np.searchsorted(chosen, begin) : np.searchsorted(chosen, end)] - begin
        if here.size:
            yield part.take(pa.array(here))
        begin = end


def _values(array: pa.Array) -> pa.Array:
    return array.dictionary if pa.types.is_dictionary(array.type) else array


def _in_type(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return an array, or its dictionary, in another Arrow type of the same values."""
    values = _values(array)
    if values.type != kind:
        array = _with_values(array, values.cast(kind), kind)
    return array


def _with_values(array: pa.Array, values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return the rows of an array with other values in the place of its own."""
    if not pa.types.is_dictionary(array.type):
        return values
    if pa.types.is_dictionary(values.type):  # the values are labels of an enumeration
        return pa.DictionaryArray.from_arrays(values.indices.take(array.indices), values.dictionary)
    return pa.DictionaryArray.from_arrays(array.indices, values)


def _type_of(values: Sequence[pa.Array], schema: pa.Schema, number: int) -> pa.DataType:
    """Return the Arrow type of values: workers may call the parts of nested types otherwise than the schema does."""
    return values[0].type if values else schema.field(number).type


def _side_by_side(schema: pa.Schema, values: dict[int, pa.ChunkedArray]) -> pa.Table:
    """Return a table of the schema's columns with these values in some of them, the last one repeated."""
    rows = max(map(len, values.values()), default=0)
    arrays = []
    for number, field in enumerate(schema):
        some = values.get(number)
        if some is not None and len(some):
            arrays.append(some.take(pa.array(np.minimum(np.arange(rows), len(some) - 1))))
        else:
            arrays.append(pa.chunked_array([pa.nulls(rows, field.type)]))
    return pa.Table.from_arrays(arrays, names=schema.names)
