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
_YEAR_TO_MONTH = (0, 1)


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
        value = "@" if (kind.startField, kind.endField) == _YEAR_TO_MONTH else "cast(@ as interval year to month)"
        return SparkColumn(f"extract(year from {value}) * 12 + extract(month from {value})", pa.int32())
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
            raise _NotCounted(
                f"only Spark knows which texts its collation {collation} takes for equal: "
                "collate(…, 'UTF8_BINARY') can be counted"
            )
        return pa.string()
    if name == "DecimalType":
        return pa.decimal128(kind.precision, kind.scale)
    if name == "ArrayType":
        return pa.list_(_field("element", kind.elementType, kind.containsNull))
    if name == "MapType":
        return pa.map_(_arrow_type(kind.keyType), _field("value", kind.valueType, kind.valueContainsNull))
    if name == "StructType":
        return pa.struct([_field(field.name, field.dataType, field.nullable) for field in kind.fields])
    if hasattr(kind, "sqlType"):
        return _arrow_type(kind.sqlType())
    raise _NotCounted(f"Spark cannot compare values of type {kind.simpleString()}: cast the column to text")


def _field(name: str, kind: Any, is_nullable: bool) -> pa.Field:
    """Return a part of a nested type. What is void is NULL, even in an empty array that is said to hold none."""
    inner = _arrow_type(kind)
    return pa.field(name, inner, is_nullable or pa.types.is_null(inner))
