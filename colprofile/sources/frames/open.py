"""Open a pandas, polars or Arrow table."""

from __future__ import annotations

import sys
from typing import Any

import duckdb

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.relation import Relation
from colprofile.sources.workspace import Workspace


def open_frame(frame: Any, table: str | None, workspace: Workspace) -> tuple[str, Relation]:
    """Return what a data frame is called, and its relation, in which columns have names that cannot clash.

    Raises
    ------
    ArgumentError
        It is no frame, or ``table`` is given.
    SourceError
        It has no columns, or DuckDB cannot read it.
    """
    names, renamed, kind = _renamed(frame)
    if table is not None:
        raise ArgumentError(f"a {kind} is not a database: it has no table {shorten(table)!r}")
    if not names:
        raise SourceError(f"the {kind} has no columns: there is nothing to profile")
    try:
        name = workspace.register(renamed)
    except duckdb.Error as error:
        raise SourceError(f"DuckDB cannot read the {kind}: {first_line(error)}") from error
    reading = InputReading(format=kind, reader="DuckDB")
    return kind, Relation(sql=name, reading=reading, names=names, expected_rows=lambda: len(renamed))


def _renamed(frame: Any) -> tuple[list[str], Any, str]:
    """Return a frame's column names, the frame with columns named c0, c1 …, and what it is.

    A user who passes a frame of some library has imported that library: it is never imported here.
    """
    pandas, polars, arrow = (sys.modules.get(name) for name in ("pandas", "polars", "pyarrow"))
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        names = [str(name) for name in frame.columns]
        return names, frame.set_axis([f"c{i}" for i in range(len(names))], axis=1), "pandas DataFrame"
    if polars is not None and isinstance(frame, polars.LazyFrame):
        frame = frame.collect()
    if polars is not None and isinstance(frame, polars.DataFrame):
        names = list(frame.columns)
        renamed = frame.rename({name: f"c{i}" for i, name in enumerate(names)})
        return names, renamed.to_arrow(), "polars DataFrame"
    if arrow is not None and isinstance(frame, arrow.RecordBatchReader):
        frame = frame.read_all()
    if arrow is not None and isinstance(frame, arrow.RecordBatch):
        frame = arrow.Table.from_batches([frame])
    if arrow is not None and isinstance(frame, arrow.Table):
        names = list(frame.column_names)
        return names, frame.rename_columns([f"c{i}" for i in range(len(names))]), "Arrow table"
    if isinstance(frame, duckdb.DuckDBPyRelation):
        try:
            return _renamed(frame.to_arrow_table())
        except duckdb.Error as error:
            raise SourceError(f"cannot read the DuckDB relation: {first_line(error)}") from error
    raise ArgumentError(
        f"cannot read an object of type {type(frame).__name__}: give a path, a list of paths, a pandas, polars or "
        "Arrow table, a database URL or Engine, or a DuckDB connection with a table"
    )
