"""InputColumn: a column of a table in memory, in a form that DuckDB reads without guessing; their relation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa

from colprofile.errors import SourceError
from colprofile.inputs import InputReading
from colprofile.sources.base import BaseKind, SourceColumn
from colprofile.sources.connection_errors import raise_interruption
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.relation import Relation

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace

_MOST_LABELS = 10_000
"""Of an enumeration: with more, DuckDB takes longer than it does with text."""

_BATCH_CELLS = 1 << 22
_MOST_BATCH_ROWS = 1 << 18
_FEWEST_BATCH_ROWS = 1 << 11


class LateArray(NamedTuple):
    """A column that becomes Arrow piece by piece, whenever it is read: no copy of it is kept.

    Attributes
    ----------
    type
        The Arrow type of every piece.
    piece
        Returns so many rows (second argument) from a row on (first).
    """

    type: pa.DataType
    piece: Callable[[int, int], pa.Array]

    def slice(self, begin: int, length: int) -> pa.Array:
        """Return ``length`` rows from row ``begin`` on."""
        return self.piece(begin, length)


class Form(NamedTuple):
    """What the values of a column are where its Arrow type does not say it.

    Attributes
    ----------
    type, kind
        As a SourceColumn has them.
    expression
        SQL that yields what can be encoded; ``@`` stands for the column.
    is_integer_text, is_decimal_text, is_ranked
        As a SourceColumn has them.
    """

    type: str
    kind: BaseKind
    expression: str = "@"
    is_integer_text: bool = False
    is_decimal_text: bool = False
    is_ranked: bool = False


@dataclass(frozen=True, kw_only=True)
class InputColumn:
    """A column of a table in memory.

    Attributes
    ----------
    name
        As the user knows it.
    type
        What it is called where it cannot be read.
    data
        Its values; None where they cannot be read.
    reason
        Why they cannot be read.
    form
        What the values are, if DuckDB's own description of the column is not right.
    sql
        SQL that yields the values from ``data``, for which ``@`` stands in it.
    is_delicate
        Whether DuckDB may fail to read it: then that is tried first.
    remarks
        What a person should know of how it is read.
    """

    name: str
    type: str = ""
    data: pa.ChunkedArray | LateArray | None = None
    reason: str | None = None
    form: Form | None = None
    sql: str = "@"
    is_delicate: bool = False
    remarks: tuple[str, ...] = ()

    def skipped(self, reason: str) -> InputColumn:
        """Return the column as one that cannot be read."""
        return replace(self, data=None, form=None, reason=reason)

    def described(self) -> SourceColumn | None:
        """Return the column as the source has it; None where DuckDB describes it."""
        if self.data is None:
            return SourceColumn(self.name, self.type, "nested", None, self.reason)
        if self.form is None:
            return None
        return SourceColumn(
            self.name,
            self.form.type,
            self.form.kind,
            self.form.expression,
            is_integer_text=self.form.is_integer_text,
            is_decimal_text=self.form.is_decimal_text,
            is_ranked=self.form.is_ranked,
        )


class ColumnStream:
    """Columns as what DuckDB can read as often as it likes: record batches that are made anew for every query."""

    def __init__(self, columns: Sequence[pa.ChunkedArray | LateArray], names: Sequence[str], rows: int) -> None:
        self._columns = columns
        self._rows = rows
        self.schema = pa.schema([(name, column.type) for name, column in zip(names, columns, strict=True)])

    def __arrow_c_schema__(self) -> Any:
        """Return the schema, in Arrow's protocol."""
        return self.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Return the batches, in Arrow's protocol."""
        return pa.RecordBatchReader.from_batches(self.schema, self._batches()).__arrow_c_stream__(requested_schema)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        step = max(_FEWEST_BATCH_ROWS, min(_MOST_BATCH_ROWS, _BATCH_CELLS // max(1, len(self._columns))))
        for begin in range(0, self._rows, step):
            length = min(step, self._rows - begin)
            pieces = [column.slice(begin, length) for column in self._columns]
            yield from pa.Table.from_arrays(pieces, schema=self.schema).to_batches()


def unique_names(names: Sequence[str]) -> list[str]:
    """Return names of which no two are equal, for the members of structs: a repeated one gets a number.

    >>> unique_names(["a", "a", "a_1", "A", "a"])
    ['a', 'a_2', 'a_1', 'A', 'a_3']
    """
    taken, seen = set(names), set[str]()
    found = []
    for name in names:
        unique = name
        if name in seen:
            unique = next(other for number in count(1) if (other := f"{name}_{number}") not in taken)
        seen.add(name)
        taken.add(unique)
        found.append(unique)
    return found


def writable(name: object) -> str:
    r"""Return a column's name as text that UTF-8 can hold.

    >>> writable(7), writable(("a", 1)), writable("\ud800")
    ('7', "('a', 1)", '\\ud800')
    """
    return str(name).encode("utf-8", "backslashreplace").decode()


def columns_relation(
    columns: Sequence[InputColumn], rows: int, workspace: Workspace, reading: InputReading
) -> Relation:
    """Return the relation of columns of so many rows. Those that DuckDB cannot read are left out with their reason.

    Raises
    ------
    SourceError
        There are no columns.
    """
    if not columns:
        raise SourceError(f"the {reading.format} has no columns: there is nothing to profile")
    columns = _tried(columns, rows)
    remarks = [remark for column in columns for remark in column.remarks]
    read = {f"c{i}": column.data for i, column in enumerate(columns) if column.data is not None}
    # A table of rows without columns: DuckDB wants one.
    name = workspace.register(_arrow(read or {"c": LateArray(pa.null(), lambda _, length: pa.nulls(length))}, rows))
    described = [column.described() for column in columns]
    casts = ", ".join(
        f"{column.sql.replace('@', f'c{i}')} as c{i}" for i, column in enumerate(columns) if column.sql != "@"
    )
    return Relation(
        sql=f"(select * replace ({casts}) from {name})" if casts else name,
        reading=replace(reading, remarks=(*reading.remarks, *remarks)),
        names=[column.name for column in columns if column.data is not None],
        columns=described if any(described) else None,
        expected_rows=lambda: rows,
    )


def _arrow(columns: Mapping[str, pa.ChunkedArray | LateArray], rows: int) -> pa.Table | ColumnStream:
    """Return what DuckDB reads: a table, of which it takes the columns that it needs, or else a stream."""
    if all(isinstance(column, pa.ChunkedArray) for column in columns.values()):
        return pa.table(dict(columns))
    return ColumnStream(list(columns.values()), list(columns), rows)


def _tried(columns: Sequence[InputColumn], rows: int) -> list[InputColumn]:
    """Return the columns, those as skipped that DuckDB fails to read."""
    reasons = _failures(
        [i for i, column in enumerate(columns) if column.is_delicate and column.data is not None], columns, rows
    )
    return [
        column.skipped(f"DuckDB cannot read it: {reasons[i]}") if i in reasons else column
        for i, column in enumerate(columns)
    ]


def _failures(numbers: Sequence[int], columns: Sequence[InputColumn], rows: int) -> dict[int, str]:
    """Return which of the columns of these numbers DuckDB fails to read, and why: the halves of any that fail together.

    Each attempt has a connection of its own: some failures end the database.
    """
    if not numbers:
        return {}
    tried = {f"c{i}": data for i in numbers if (data := columns[i].data) is not None}
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("tried", _arrow(tried, rows))
        try:
            connection.execute(f"select {', '.join(f'count({name})' for name in tried)} from tried").fetchall()
            return {}
        except (duckdb.Error, pa.ArrowException) as error:
            raise_interruption(error)
            reason = first_line(error)
    if len(numbers) == 1:
        return {numbers[0]: reason}
    middle = len(numbers) // 2
    return _failures(numbers[:middle], columns, rows) | _failures(numbers[middle:], columns, rows)


class Enumeration(NamedTuple):
    """A type of DuckDB with given labels; in both expressions ``@`` stands for the column.

    Attributes
    ----------
    of_text
        SQL that yields it from labels.
    of_code
        SQL that yields it from numbers of labels, which count from 0: twice as fast.
    """

    of_text: str
    of_code: str


def enumeration(labels: pa.Array, workspace: Workspace) -> Enumeration | None:
    """Return a new type with these labels, in their order; None where DuckDB does not take them, or they are many."""
    if len(labels) > _MOST_LABELS:
        return None
    name = workspace.register(pa.table({"label": labels}))
    kind = f"{name}_labels"
    try:
        labels.validate(full=True)  # DuckDB names them all in its type, which must be UTF-8
        workspace.connection.execute(f"create type {kind} as enum (select label from {name})")
        workspace.connection.execute(f"set variable {kind} = (select list(label::{kind}) from {name})")
    except (duckdb.Error, pa.ArrowInvalid) as error:
        raise_interruption(error)
        return None
    finally:
        workspace.connection.unregister(name)
    return Enumeration(f"@::{kind}", f"getvariable('{kind}')[@ + 1]")
