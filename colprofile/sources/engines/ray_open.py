"""open_ray: a Dataset of Ray as a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from colprofile.errors import SourceError
from colprofile.inputs import InputReading
from colprofile.sources.base import SourceColumn
from colprofile.sources.engines.answers import answer
from colprofile.sources.engines.ray import RayEngine
from colprofile.sources.partitions import arrow_batches, pandas_batches
from colprofile.sources.partitions.pandas_reader import PandasReader, pandas_columns
from colprofile.sources.partitions.reader import ArrowReader, Reader
from colprofile.sources.partitions.shipped import shipped
from colprofile.sources.partitions.source import PartitionedSource
from colprofile.sources.workspace import Workspace

_TENSORS = frozenset({"TensorDtype", "ArrowTensorType", "ArrowTensorTypeV2", "ArrowVariableShapedTensorType"})
_OBJECTS = frozenset({"ArrowPythonObjectType"})


def open_ray(dataset: Any, kind: str, workspace: Workspace) -> PartitionedSource:
    """Open a Dataset, of blocks of Arrow or of pandas.

    Raises
    ------
    SourceError
        It has no columns, or running it fails.
    """
    found = answer(lambda: dataset.schema(), f"the {kind}")
    schema = None if found is None else found.base_schema
    if schema is None or not schema.names:
        raise SourceError(f"the {kind} has no columns: there is nothing to profile")
    names, types = list(schema.names), list(schema.types)
    skipped = [_skipped(name, some) for name, some in zip(names, types, strict=True)]
    counted = [i for i, column in enumerate(skipped) if column is None]
    reading = InputReading(format=kind, reader="Ray")
    is_arrow = isinstance(schema, pa.Schema)
    shaped = _arrow if is_arrow else _pandas
    sent, read, reader = shaped([names[i] for i in counted], [types[i] for i in counted], reading)
    engine = RayEngine(
        dataset, [names[i] for i in counted], sent, read, "pyarrow" if is_arrow else "pandas", f"the {kind}"
    )
    return PartitionedSource(engine, None, workspace, skipped, reader)


Shape = tuple[pa.Schema, Callable[[Sequence[int]], Callable[..., Iterator[Any]]], Reader]


def _arrow(names: Sequence[str], types: Sequence[Any], reading: InputReading) -> Shape:
    """Return how columns of Arrow are sent and read."""
    columns = list(zip(names, types, strict=True))

    def read(numbers: Sequence[int]) -> Callable[..., Iterator[Any]]:
        return shipped(arrow_batches.record_batches, columns=[columns[number] for number in numbers])

    return pa.schema([pa.field(*column) for column in columns]), read, ArrowReader(reading, looks_first=True)


def _pandas(names: Sequence[str], types: Sequence[Any], reading: InputReading) -> Shape:
    """Return how columns of pandas are sent and read; categories, which may differ from block to block, as values."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            name: pd.Series([], dtype=object if type(some).__name__ == "CategoricalDtype" else some)
            for name, some in zip(names, types, strict=True)
        }
    )
    columns = pandas_columns(frame)

    def read(numbers: Sequence[int]) -> Callable[..., Iterator[Any]]:
        chosen = list(dict.fromkeys(numbers))
        orders = [columns[number].order(chosen.index(number)) for number in numbers]
        return shipped(pandas_batches.record_batches, columns=orders)

    schema = pa.schema([pa.field(column.name, column.type) for column in columns])
    return schema, read, PandasReader(columns, reading)


def _skipped(name: str, kind: Any) -> SourceColumn | None:
    """Return a column as one that cannot be counted; None where it can."""
    if type(kind).__name__ in _TENSORS:
        reason = "it holds tensors: map them to what should be counted, such as their shape or a label"
    elif type(kind).__name__ in _OBJECTS:
        reason = "it holds pickled objects: map them to text or numbers"
    else:
        return None
    return SourceColumn(name, str(kind), "nested", None, reason)
