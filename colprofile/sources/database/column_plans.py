"""ColumnPlan: how one column of a database is compared, ordered, sent over the wire and displayed.

Equality is the database's. Where values that it calls equal can look different (a case-insensitive text, an interval
of a month and one of 30 days), or where only it can compare them, the column is *ranked*: the database numbers its
values in its own order, and the smallest text of each stands for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from colprofile.sources.base import BaseKind

Wire = Literal[
    "boolean",
    "integer",
    "unsigned",
    "float",
    "float32",
    "decimal",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "text",
    "binary",
    "enum",
    "ranked",
]
"""How values cross: as Arrow's type of that name, decimals as text, enums as labels, ranked ones as (rank, text)."""

Expression = sa.ColumnElement[Any]


def as_it_is(expression: Expression) -> Expression:
    """Return the expression."""
    return expression


def as_text(expression: Expression) -> Expression:
    """Return the expression cast to text."""
    return sa.cast(expression, sa.Text())


def as_double(expression: Expression) -> Expression:
    """Return the expression cast to a double."""
    return sa.cast(expression, sa.Double())


@dataclass(frozen=True)
class ColumnPlan:
    """How one column is handled.

    Attributes
    ----------
    name, type, kind
        As in SourceColumn.
    wire
        How its values cross.
    key
        What the database groups by.
    carry
        From a key to what crosses the wire.
    order
        From a key to what sorts it in the display order.
    label
        For a ranked column: its values' text; of equal values the smallest text is displayed.
    bind
        The type as which a value is bound in statements.
    labels
        Of an enum: all labels in their order.
    """

    name: str
    type: str
    kind: BaseKind
    wire: Wire
    key: Expression
    carry: Callable[[Expression], Expression] = as_it_is
    order: Callable[[Expression], Expression] = as_it_is
    label: Expression | None = None
    bind: sa.types.TypeEngine[Any] | None = None
    labels: tuple[str, ...] = ()

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers that the database can add up."""
        return self.wire in ("integer", "unsigned", "float", "float32", "decimal")

    @property
    def is_ordered(self) -> bool:
        """Whether its values have a place on an axis, so that they can be cut into bins."""
        return self.is_numeric or self.wire in ("date", "time", "timestamp", "timestamptz")


def binary_order(dialect: str) -> Callable[[Expression], Expression]:
    """Return what sorts text by its bytes, whatever the database's locale."""
    if dialect == "postgresql":
        return lambda expression: sa.collate(as_text(expression), "C")
    return as_it_is


def ranked(
    dialect: str, name: str, type_name: str, kind: BaseKind, key: Expression, text: Expression | None = None
) -> ColumnPlan:
    """Return the plan of a column whose values only the database can compare."""
    label = as_text(key) if text is None else text
    if dialect in ("mysql", "mariadb"):
        # The smallest by its bytes: under the column's own collation equal texts have no smallest.
        label = sa.cast(sa.cast(key, sa.CHAR()), sa.LargeBinary())
    elif dialect == "postgresql":
        label = sa.collate(label, "C")
    return ColumnPlan(name, type_name, kind, "ranked", key, label=label)


def plan_column(
    dialect: str, name: str, column: Expression, given: sa.types.TypeEngine[Any], type_name: str
) -> ColumnPlan:
    """Return the plan of a column by its reflected type.

    Parameters
    ----------
    dialect
        SQLAlchemy's name of the database.
    name, column
        The column's name, and the column in an expression.
    given
        The reflected type.
    type_name
        The type as people know it.
    """
    if isinstance(inner := getattr(given, "data_type", None), sa.types.TypeEngine):
        given = inner  # a domain is compared as the type under it
    is_mysql = dialect in ("mysql", "mariadb")
    if isinstance(given, sa.Enum):
        if dialect == "postgresql" and given.enums:
            labels = tuple(str(label) for label in given.enums)
            return ColumnPlan(name, type_name, "categorical", "enum", column, carry=as_text, labels=labels)
        return ranked(dialect, name, type_name, "categorical", column)
    if isinstance(given, sa.ARRAY):
        return ranked(dialect, name, type_name, "nested", column)
    if isinstance(given, sa.JSON):
        key = column
        if dialect == "postgresql" and type(given).__name__.upper() == "JSON":
            from sqlalchemy.dialects.postgresql import JSONB

            key = sa.cast(column, JSONB())  # json has no equality, jsonb has
        return ranked(dialect, name, type_name, "nested", key)
    for kinds, plan in _NUMBERS + _TIMES:
        if isinstance(given, kinds):
            return plan(dialect, name, column, given, type_name)
    if isinstance(given, sa.Uuid):
        return ColumnPlan(name, type_name, "text", "text", column, carry=as_text)
    if isinstance(given, sa.types._Binary):
        return ColumnPlan(name, type_name, "text", "binary", column)
    if isinstance(given, sa.String):
        is_plain = type(given).__name__.upper() != "CITEXT" and (
            given.collation is None or given.collation in ("C", "POSIX", "default")
        )
        if is_mysql or not is_plain:
            return ranked(dialect, name, type_name, "text", column)
        return ColumnPlan(name, type_name, "text", "text", column, order=binary_order(dialect))
    kind: BaseKind = "text" if type(given).__name__.upper() in _TEXT_LIKE else "nested"
    return ranked(dialect, name, type_name, kind, column)


_TEXT_LIKE = frozenset(
    ["INET", "CIDR", "MACADDR", "MACADDR8", "BIT", "MONEY", "OID", "REGCLASS", "REGCONFIG", "TSQUERY", "SET"]
)


def _boolean(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    return ColumnPlan(name, type_name, "boolean", "boolean", column)


def _integer(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    is_unsigned = bool(getattr(given, "unsigned", False))
    if is_unsigned:
        bind: Any = sa.Numeric(20, 0)
        return ColumnPlan(name, type_name, "numeric", "unsigned", column, bind=bind)
    return ColumnPlan(name, type_name, "numeric", "integer", column, bind=sa.BigInteger())


def _year(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    return ColumnPlan(name, type_name, "numeric", "integer", column, bind=sa.BigInteger())


def _float(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    is_double = isinstance(given, sa.Double) or (given.precision or 53) > 24
    if isinstance(given, sa.REAL) or (dialect in ("mysql", "mariadb") and type(given).__name__.upper() == "FLOAT"):
        is_double = False
    if is_double:
        return ColumnPlan(name, type_name, "numeric", "float", column, bind=sa.Double())
    # MySQL prints six digits of a FLOAT: as a double it loses none.
    carry = as_double if dialect in ("mysql", "mariadb") else as_it_is
    return ColumnPlan(name, type_name, "numeric", "float32", column, carry=carry, bind=sa.Double())


def _decimal(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    def plain(expression: Expression) -> Expression:
        # Without a declared scale 1.0 and 1.00 are equal and look different.
        return as_text(sa.func.trim_scale(expression))

    has_scale = given.scale is not None or dialect != "postgresql"
    carry = as_text if has_scale else plain
    return ColumnPlan(name, type_name, "numeric", "decimal", column, carry=carry, bind=sa.Numeric())


def _timestamp(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    is_zoned = bool(given.timezone) and dialect not in ("mysql", "mariadb")
    wire: Wire = "timestamptz" if is_zoned else "timestamp"
    return ColumnPlan(name, type_name, "temporal", wire, column, bind=sa.DateTime(timezone=is_zoned))


def _date(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    return ColumnPlan(name, type_name, "temporal", "date", column, bind=sa.Date())


def _time(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    # A time with a zone is compared by the instant and then by the zone; MySQL's TIME is a span of hours.
    if given.timezone or dialect in ("mysql", "mariadb"):
        return ranked(dialect, name, type_name, "temporal", column)
    return ColumnPlan(name, type_name, "temporal", "time", column, bind=sa.Time())


def _interval(dialect: str, name: str, column: Expression, given: Any, type_name: str) -> ColumnPlan:
    return ranked(dialect, name, type_name, "temporal", column)


def _numbers() -> list[tuple[tuple[type, ...], Callable[..., ColumnPlan]]]:
    from sqlalchemy.dialects.mysql import YEAR

    return [
        ((sa.Boolean,), _boolean),
        ((sa.Integer,), _integer),
        ((YEAR,), _year),
        ((sa.Float,), _float),
        ((sa.Numeric,), _decimal),
    ]


def _times() -> list[tuple[tuple[type, ...], Callable[..., ColumnPlan]]]:
    from sqlalchemy.dialects.postgresql import INTERVAL

    return [
        ((sa.DateTime,), _timestamp),
        ((sa.Date,), _date),
        ((sa.Time,), _time),
        ((sa.Interval, INTERVAL), _interval),
    ]


_NUMBERS = _numbers()
_TIMES = _times()
