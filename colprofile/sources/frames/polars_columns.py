"""Columns of polars frames as Arrow; a lazy frame is streamed into a file of the workspace, never collected whole."""

from __future__ import annotations

import sys
from collections.abc import Container
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.arrow_columns import arrow_column
from colprofile.sources.frames.columns import Form, InputColumn, columns_relation, enumeration, writable
from colprofile.sources.frames.objects import object_column

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace

_HUGE = {"Int128": Form("HUGEINT", "numeric", is_integer_text=True)}
_HUGE["UInt128"] = Form("UHUGEINT", "numeric", is_integer_text=True)
"""What only polars has: these types arrive as text."""

_WRITTEN_AS_TEXT = frozenset([*_HUGE, "Categorical", "Enum"])
"""The types that a file cannot hold; the categories may change from batch to batch."""


def polars_relation(frame: Any, workspace: Workspace) -> Relation:
    """Return the relation of a polars DataFrame.

    Raises
    ------
    SourceError
        It has no columns.
    """
    columns = [polars_column(series, workspace) for series in frame.get_columns()]
    return columns_relation(columns, frame.height, workspace, InputReading(format="polars DataFrame", reader="pyarrow"))


def polars_column(series: Any, workspace: Workspace) -> InputColumn:
    """Return the column of a polars Series; as skipped, with the reason, where Arrow has no such type."""
    polars: Any = sys.modules["polars"]
    dtype = series.dtype
    name = writable(series.name)
    column = InputColumn(name=name, type=str(dtype))
    if dtype == polars.Object:
        return replace(object_column(name, series.to_list()), type=str(dtype))
    try:
        portable = _as_text(dtype, _HUGE)
        chunks = (series if portable == dtype else series.cast(portable)).get_chunks()
        newest = polars.CompatLevel.newest()
        values = pa.chunked_array([chunk.to_arrow(compat_level=newest) for chunk in chunks])
    except (pa.ArrowException, polars.exceptions.PolarsError, NotImplementedError, ValueError) as error:
        return column.skipped(f"polars' {shorten(str(dtype))} cannot be converted: {first_line(error)}")
    return _named(arrow_column(name, values), dtype, workspace)


def _named(column: InputColumn, dtype: Any, workspace: Workspace) -> InputColumn:
    """Return the column with what its type in polars says of it."""
    if column.data is None:
        return replace(column, type=str(dtype))
    if str(dtype) in _HUGE:
        return replace(column, form=_HUGE[str(dtype)])
    if type(dtype).__name__ == "Enum" and len(dtype.categories):
        labelled = enumeration(dtype.categories.to_arrow(), workspace)
        return replace(column, sql=labelled.of_text) if labelled is not None else column
    return column


def _as_text(dtype: Any, names: Container[str]) -> Any:
    """Return a type with text in place of the types of these names, nested ones too."""
    polars: Any = sys.modules["polars"]
    if type(dtype).__name__ in names:
        return polars.String
    if isinstance(dtype, polars.List):
        return polars.List(_as_text(dtype.inner, names))
    if isinstance(dtype, polars.Array):
        return polars.Array(_as_text(dtype.inner, names), dtype.size)
    if isinstance(dtype, polars.Struct):
        return polars.Struct([polars.Field(field.name, _as_text(field.dtype, names)) for field in dtype.fields])
    return dtype


def lazy_relation(frame: Any, workspace: Workspace) -> Relation:
    """Return the relation of a polars LazyFrame, which is run once, in polars' streaming engine.

    Raises
    ------
    SourceError
        It has no columns, or running it fails.
    """
    polars: Any = sys.modules["polars"]
    reading = InputReading(format="polars LazyFrame", reader="polars")
    path = str(workspace.new_path(".arrow"))
    try:
        schema = frame.collect_schema()
        names = list(schema)
        objects = [name for name in names if schema[name] == polars.Object]
        stored = {name: _as_text(schema[name], _WRITTEN_AS_TEXT) for name in names if name not in objects}
        found = {}
        rows = 0
        if stored:
            streamed = frame.select([polars.col(name).cast(kind) for name, kind in stored.items()])
            streamed.sink_ipc(path, compression="uncompressed")
            table = pa.ipc.open_file(pa.memory_map(path)).read_all()
            rows = table.num_rows
            found = {
                name: _named(arrow_column(writable(name), table.column(i)), schema[name], workspace)
                for i, name in enumerate(stored)
            }
        if objects:
            collected = frame.select(objects).collect()
            rows = collected.height
            found |= {name: polars_column(collected.get_column(name), workspace) for name in objects}
    except (polars.exceptions.PolarsError, pa.ArrowException, OSError, NotImplementedError) as error:
        raise SourceError(f"cannot run the polars LazyFrame: {first_line(error)}") from error
    return columns_relation([found[name] for name in names], rows, workspace, reading)
