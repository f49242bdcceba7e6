"""Spark's types: the Arrow type in which workers see a column, what is selected for it, or why it cannot be counted.

They are told by the names of their classes: nothing of pyspark is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

_ARROW = {
    "BooleanType": pa.bool_(),
    "ByteType": pa.int8(),
    "ShortType": pa.int16(),
    "IntegerType": pa.int32(),
    "LongType": pa.int64(),
    "FloatType": pa.float32(),
    "DoubleType": pa.float64(),
    "BinaryType": pa.binary(),
    "DateType": pa.date32(),
    "TimestampType": pa.timestamp("us", tz="UTC"),
    "TimestampNTZType": pa.timestamp("us"),
    "DayTimeIntervalType": pa.duration("us"),
    "TimeType": pa.time64("ns"),
    "NullType": pa.null(),
}
_TEXTS = frozenset({"StringType", "CharType", "VarcharType"})
_BINARY_COLLATION = "UTF8_BINARY"


@dataclass(frozen=True)
class SparkColumn:
    """How a column is read.

    Attributes
    ----------
    expression
        SQL in which ``@`` stands for the column; None where it cannot be counted.
    type
        The Arrow type of that; null where it cannot be counted.
    reason
        Why it cannot be counted.
    """

    expression: str | None
    type: pa.DataType
    reason: str | None = None


def spark_column(kind: Any) -> SparkColumn:
    """Return how a column of one of Spark's types is read."""
    if type(kind).__name__ == "YearMonthIntervalType":
        # Whole months, as Spark writes them to Parquet: Arrow's conversion knows no such intervals.
        return SparkColumn("extract(year from @) * 12 + extract(month from @)", pa.int32())
    try:
        return SparkColumn("@", _arrow_type(kind))
    except _NotCounted as error:
        return SparkColumn(None, pa.null(), str(error))


class _NotCounted(Exception):
    pass


def _arrow_type(kind: Any) -> pa.DataType:
    name = type(kind).__name__
    if name in _ARROW:
        return _ARROW[name]
    if name in _TEXTS:
        collation = getattr(kind, "collation", _BINARY_COLLATION)
        if collation != _BINARY_COLLATION:
            raise _NotCounted(f"only Spark knows which texts its collation {collation} takes for equal")
        return pa.string()
    if name == "DecimalType":
        return pa.decimal128(kind.precision, kind.scale)
    if name == "ArrayType":
        return pa.list_(pa.field("element", _arrow_type(kind.elementType), kind.containsNull))
    if name == "MapType":
        return pa.map_(
            _arrow_type(kind.keyType), pa.field("value", _arrow_type(kind.valueType), kind.valueContainsNull)
        )
    if name == "StructType":
        return pa.struct([pa.field(field.name, _arrow_type(field.dataType), field.nullable) for field in kind.fields])
    if hasattr(kind, "sqlType"):
        return _arrow_type(kind.sqlType())
    raise _NotCounted(f"Spark cannot compare values of type {kind.simpleString()}: cast the column to text")
