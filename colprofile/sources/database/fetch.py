"""Rows of a database as Arrow arrays, and the dictionaries behind them: the same for rows and for grouped values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from colprofile.counting.decimals import DecimalTextDictionary
from colprofile.counting.dictionary import Dictionary, LabelDictionary
from colprofile.counting.encoder import encoder_for
from colprofile.sources.database.column_plans import ColumnPlan, Wire

_TYPES: dict[Wire, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "unsigned": pa.uint64(),
    "float": pa.float64(),
    "float32": pa.float32(),
    "decimal": pa.large_string(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "text": pa.large_string(),
    "binary": pa.large_binary(),
    "enum": pa.dictionary(pa.int32(), pa.string()),
    "ranked": pa.struct([("rank", pa.int64()), ("text", pa.large_string())]),
}


_KEYED = pa.struct([*_TYPES["ranked"], pa.field("key", pa.large_string())])
"""How the values of a ranked column cross that have keys."""

_CONVERTED: dict[Wire, Callable[[Any], Any]] = {
    "date": lambda value: date.fromisoformat(str(value)[:10]),
    "time": lambda value: time.fromisoformat(str(value)),
    **dict.fromkeys(("timestamp", "timestamptz"), lambda value: datetime.fromisoformat(str(value))),
    "integer": int,
    "unsigned": int,
    "float": float,
    "float32": float,
    "boolean": bool,
}


def arrow_type(plan: ColumnPlan) -> pa.DataType:
    """Return the Arrow type that a column's values cross as."""
    return _KEYED if plan.equality is not None else _TYPES[plan.wire]


def arrow_array(plan: ColumnPlan, values: Sequence[Any]) -> pa.Array:
    """Return one column's fetched values as an Arrow array; None is NULL.

    Parameters
    ----------
    plan
        The column; not ranked.
    values
        What the driver returned for ``plan.carry(key)``.
    """
    kind = arrow_type(plan)
    if plan.wire == "enum":
        numbers = {label: number for number, label in enumerate(plan.labels)}
        indices = pa.array([None if value is None else numbers[value] for value in values], pa.int32())
        return pa.DictionaryArray.from_arrays(indices, pa.array(plan.labels, pa.string()))
    if plan.wire in ("text", "decimal"):
        return _texts(values)
    try:
        return pa.array(values, kind, from_pandas=False)
    except (pa.ArrowException, TypeError):
        if plan.wire not in _CONVERTED:
            raise
        convert = _CONVERTED[plan.wire]  # some drivers have decimals for all numbers, or text for dates
        return pa.array([None if value is None else convert(value) for value in values], kind)


def ranked_array(plan: ColumnPlan, ranks: Sequence[Any], *texts: Sequence[Any]) -> pa.Array:
    """Return a ranked column's fetched ranks, texts and keys as an Arrow array of structs."""
    numbers = pa.array([None if rank is None else int(rank) for rank in ranks], pa.int64())
    arrays = [numbers, *(_texts([text_of(value) for value in values]) for values in texts)]
    return pa.StructArray.from_arrays(arrays, fields=list(arrow_type(plan)))


def text_of(value: Any) -> str | None:
    """Return a label as text; some databases give it as bytes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "surrogateescape")
    return None if value is None else str(value)


def _texts(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values, pa.large_string())
    except (UnicodeEncodeError, pa.ArrowException):
        # Bytes that are no UTF-8 came as surrogates: they are kept as they are.
        encoded = [None if value is None else str(value).encode("utf-8", "surrogateescape") for value in values]
        blobs = pa.array(encoded, pa.large_binary())
        return pa.Array.from_buffers(pa.large_string(), len(blobs), blobs.buffers(), blobs.null_count)


def dictionary_of(plan: ColumnPlan, values: Sequence[Any], keys: Sequence[Any] | None = None) -> Dictionary:
    """Return the dictionary of distinct fetched values, none of them NULL, in the order given, with their keys.

    The same encoders make it as for fetched rows, so that both display and order values alike.
    """
    if plan.wire == "ranked":
        return LabelDictionary(
            [text_of(value) or "" for value in values], None if keys is None else [text_of(key) or "" for key in keys]
        )
    if plan.wire == "enum":
        order = {label: number for number, label in enumerate(plan.labels)}
        labels = sorted(values, key=order.__getitem__)
        return LabelDictionary(labels)
    encoder = encoder_for(arrow_type(plan))
    encoder.encode(arrow_array(plan, values))
    dictionary = encoder.dictionary()
    return DecimalTextDictionary(dictionary) if plan.wire == "decimal" else dictionary


def given_back(plan: ColumnPlan, value: Any) -> Any:
    """Return a fetched value as it is bound in a statement: exactly what the database compares."""
    if plan.wire == "decimal":
        return Decimal(value)
    if plan.wire == "float32":
        return float(np.float32(value))
    if plan.wire == "timestamptz" and isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
