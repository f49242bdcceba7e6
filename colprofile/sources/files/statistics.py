"""Files of SAS, Stata and SPSS, by pyreadstat: rows in pieces, codes without their labels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import duckdb

from colprofile.errors import ArgumentError, MissingExtra, SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.batches import BatchedFile, plain_path, stored_relation
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.identifiers import quote_identifier
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace
from colprofile.stopping import check

if TYPE_CHECKING:
    import pyarrow as pa

_PIECE_CELLS = 1 << 20
_EXACT = 1 << 53
_NAMES = {"sas7bdat": "SAS", "xport": "SAS", "dta": "Stata", "sav": "SPSS", "por": "SPSS"}
_WITH_USER_MISSING = ("sas7bdat", "dta", "sav")
_STORED = {"string": "string", "float": "float32", "int8": "int64", "int16": "int64", "int32": "int64"}
_MEMBER = b"HEADER RECORD*******MEMB"


@dataclass
class _StatFile:
    """A file, as far as it has been read.

    Attributes
    ----------
    kind
        pyreadstat's name of its format.
    types
        The Arrow type by column: dates are found out from the values.
    rows
        How many its header says that it has; None where that says nothing.
    seen
        How many have been read.
    empty
        Empty texts, which are NULL.
    remarks
        What a person should know of it.
    """

    path: str
    shown: str
    kind: str
    encoding: str | None
    types: dict[str, pa.DataType]
    rows: int | None
    seen: int = 0
    empty: int = 0
    remarks: list[str] = field(default_factory=list)

    def piece(self, offset: int, limit: int) -> dict[str, list[Any]]:
        """Return ``limit`` rows from row ``offset`` on."""
        values, _ = _call(self.path, self.kind, self.shown, self.encoding, row_offset=offset, row_limit=limit)
        return {name: list(column) for name, column in values.items()}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all rows."""
        import pyarrow as pa

        step = max(1_000, _PIECE_CELLS // max(1, len(self.types)))
        self.seen = self.empty = 0
        while True:
            check()
            values = self.piece(self.seen, step)
            rows = len(next(iter(values.values()), []))
            arrays = [self._array(name, values[name]) for name in self.types]
            self.seen += rows
            if rows:
                yield pa.RecordBatch.from_arrays(arrays, names=list(self.types))
            if rows < step:
                break
        if self.rows is not None and self.seen < self.rows:
            raise SourceError(
                f"{shorten(self.shown, 200)!r} is cut off: it has {self.seen:,} of the {self.rows:,} rows of its header"
            )

    def _array(self, name: str, values: list[Any]) -> pa.Array:
        import pyarrow as pa

        kind = self.types[name]
        if pa.types.is_string(kind):
            self.empty += values.count("")
            values = [None if value == "" or value is None else str(value) for value in values]
        elif pa.types.is_timestamp(kind):
            values = [_moment(value) for value in values]
        return pa.array(values, kind)


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of SAS, Stata or SPSS files. Numbers that are all whole are integers."""
    opened = [_opened(plain_path(file, workspace), file.shown, options.encoding) for file in files]
    reading = InputReading(format=_NAMES[opened[0].kind], reader="pyreadstat", files=len(files))
    relation = stored_relation([_batched(file) for file in opened], workspace, reading)
    counts = [file.rows for file in opened]
    remarks = [remark for file in opened for remark in file.remarks]
    if empty := sum(file.empty for file in opened):
        what = "empty text is" if empty == 1 else "empty texts are"
        remarks.append(f"{empty:,} {what} NULL: the format has no other missing text.")
    records = sum(count for count in counts if count is not None) if None not in counts else None
    reading = replace(relation.reading, records=records, remarks=(*remarks, *relation.reading.remarks))
    return replace(relation, sql=_with_integers(relation.sql, workspace.connection), reading=reading)


def _batched(file: _StatFile) -> BatchedFile:
    import pyarrow as pa

    return BatchedFile(shown=file.shown, schema=pa.schema(list(file.types.items())), batches=file.batches)


def _with_integers(table: str, connection: duckdb.DuckDBPyConnection) -> str:
    """Return a relation in which doubles that are all whole are integers: these formats have no other numbers."""
    found = connection.sql(f"select * from {table} limit 0")
    columns = [(quote_identifier(name), str(kind)) for name, kind in zip(found.columns, found.types, strict=True)]
    doubles = [name for name, kind in columns if kind == "DOUBLE"]
    if not doubles:
        return table
    tests = ", ".join(f"bool_and({name} = trunc({name}) and abs({name}) < {_EXACT})" for name in doubles)
    whole = connection.sql(f"select {tests} from {table}").fetchall()[0]
    integers = {name for name, is_whole in zip(doubles, whole, strict=True) if is_whole}
    if not integers:
        return table
    selected = ", ".join(f"{name}::bigint as {name}" if name in integers else name for name, _ in columns)
    return f"(select {selected} from {table})"


def _opened(path: str, shown: str, encoding: str | None) -> _StatFile:
    """Return a file with the types of its columns: those of numbers that are dates by the first values."""
    import pyarrow as pa

    kind = _kind(path)
    if kind == "por" and encoding is not None:
        raise ArgumentError(f"encoding= is of no use for {shorten(shown, 200)!r}, which says its own: leave it out")
    more = {"user_missing": True} if kind in _WITH_USER_MISSING else {}
    _, described = _call(path, kind, shown, encoding, metadataonly=True, **more)
    stored = described.readstat_variable_types
    types = {name: _STORED.get(stored.get(name), "float64") for name in described.column_names}
    found = _StatFile(
        path,
        shown,
        kind,
        encoding,
        {name: pa.type_for_alias(alias) for name, alias in types.items()},
        described.number_rows,
    )
    # What numbers with a format are shows in the values alone.
    formats = {name for name, form in described.original_variable_types.items() if form and types[name] != "string"}
    step = max(1_000, _PIECE_CELLS // max(1, len(found.types)))
    offset = 0
    while formats:  # until each has shown a value, mostly in the first piece
        check()
        values, _ = _call(path, kind, shown, encoding, row_offset=offset, row_limit=step, usecols=sorted(formats))
        for name, column in values.items():
            value = next((value for value in column if value is not None), None)
            if value is not None:
                found.types[name] = _type_of(value, found.types[name])
                formats.discard(name)
        offset += step
        if len(next(iter(values.values()), [])) < step:
            break
    if described.missing_ranges:
        names = list(described.missing_ranges)
        listed = ", ".join(repr(shorten(name)) for name in names[:5]) + (" …" if len(names) > 5 else "")
        found.remarks.append(f"User-defined missing values are NULL, in {listed}.")
    if kind == "xport" and (members := _members(path)) > 1:
        found.remarks.append(f"{shorten(shown, 200)!r} has {members:,} data sets: the first is read.")
    return found


def _type_of(value: Any, kind: pa.DataType) -> pa.DataType:
    """Return the Arrow type of a date or time, else the type that is given."""
    import pyarrow as pa

    if isinstance(value, dt.datetime):
        return pa.timestamp("us")
    if isinstance(value, dt.date):
        return pa.date32()
    if isinstance(value, dt.time):
        return pa.time64("us")
    if isinstance(value, dt.timedelta):
        return pa.duration("us")
    return kind


def _moment(value: Any) -> Any:
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return dt.datetime.combine(value, dt.time()) if is_day else value


def _kind(path: str) -> str:
    """Return pyreadstat's name of a file's format, which its first bytes tell."""
    with open(path, "rb") as file:
        head = file.read(64)
    if head.startswith((b"$FL2", b"$FL3")):
        return "sav"
    if head.startswith(b"HEADER RECORD"):
        return "xport"
    if head.startswith(bytes(12)):
        return "sas7bdat"
    return "dta" if head.startswith(b"<stata_dta>") or head[1:4] in (b"\x01\x01\0", b"\x02\x01\0") else "por"


def _members(path: str) -> int:
    """Return how many data sets a transport file has."""
    count, rest = 0, b""
    with open(path, "rb") as file:
        while chunk := file.read(1 << 22):
            check()
            count += (rest + chunk).count(_MEMBER)
            rest = chunk[-len(_MEMBER) + 1 :]
    return count


def _call(path: str, kind: str, shown: str, encoding: str | None, **options: Any) -> tuple[Any, Any]:
    """Return values and description from pyreadstat."""
    try:
        import pyreadstat
    except ImportError as error:
        raise MissingExtra(f"reading files of {_NAMES[kind]}", "stat") from error
    function: Callable[..., tuple[Any, Any]] = getattr(pyreadstat, f"read_{kind}")
    if encoding is not None:
        options["encoding"] = encoding
    try:
        return function(path, output_format="dict", **options)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, OverflowError) as error:
        advice = "; give encoding=" if "encoding" in str(error) or isinstance(error, UnicodeDecodeError) else ""
        raise SourceError(f"cannot read {shorten(shown, 200)!r}: {first_line(error)}{advice}") from error
