"""open_engine: a table of Dask or Ray as a source."""

from __future__ import annotations

import importlib
from typing import Any

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.engines.answers import answer
from colprofile.sources.engines.dask import DaskEngine
from colprofile.sources.engines.recognise import is_dask
from colprofile.sources.options import InputOptions
from colprofile.sources.partitions.pandas_reader import PandasReader, pandas_columns
from colprofile.sources.partitions.source import PartitionedSource
from colprofile.sources.workspace import Workspace

_CONDITIONS = {"Dask": "ddf[ddf.x > 0]", "Ray": 'ds.filter(expr="x > 0")'}


def open_engine(source: Any, table: str | None, options: InputOptions, workspace: Workspace) -> PartitionedSource:
    """Open a DataFrame or a Series of Dask, or a Dataset of Ray.

    Raises
    ------
    ArgumentError
        ``table`` or an option for files is given.
    SourceError
        It has no columns, or reading it fails.
    """
    library = "Dask" if is_dask(source) else "Ray"
    kind = f"{library} {type(source).__name__.removeprefix('Materialized')}"
    if table is not None:
        raise ArgumentError(f"a {kind} is not a database: it has no table {shorten(table)!r}")
    for option in options.given():
        if option == "where":
            raise ArgumentError(f"where= is not for a {kind}: give the rows themselves, such as {_CONDITIONS[library]}")
        raise ArgumentError(f"{option}= is for files, and the input is a {kind}: leave it out")
    if library == "Dask":
        return _open_dask(source, kind, workspace)
    from colprofile.sources.engines.ray_open import open_ray

    return open_ray(source, kind, workspace)


def _open_dask(source: Any, kind: str, workspace: Workspace) -> PartitionedSource:
    frame = answer(lambda: _with_known_categories(source), f"the {kind}")
    columns = pandas_columns(frame._meta)
    if not columns:
        raise SourceError(f"the {kind} has no columns: there is nothing to profile")
    engine = DaskEngine(frame, columns, f"the {kind}", workspace)
    reader = PandasReader(columns, InputReading(format=kind, reader="Dask"))
    return PartitionedSource(engine, None, workspace, reader=reader)


def _with_known_categories(source: Any) -> Any:
    """Return a DataFrame, or a Series as one, of which Dask has looked for all categories."""
    frame = source
    if type(source).__name__ == "Series":
        frame = source.to_frame("value" if source.name is None else source.name)
    unknown = [name for name, values in frame._meta.items() if _is_unknown(values)]
    return frame.categorize(columns=unknown, index=False) if unknown else frame


def _is_unknown(values: Any) -> bool:
    """Whether a column is of categories that Dask has yet to look for."""
    if type(values.dtype).__name__ != "CategoricalDtype":
        return False
    utils: Any = importlib.import_module("dask.dataframe.utils")
    return not utils.has_known_categories(values)
