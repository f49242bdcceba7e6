"""ColumnPlan: how one column of a database is compared, ordered, sent over the wire and displayed.

Equality is the database's. Where values that it calls equal can look different (a case-insensitive text, an interval
of a month and one of 30 days), or where only it can compare them, the column is *ranked*: the database numbers its
values in its own order, and the smallest text of each stands for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import YEAR
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB

from colprofile.sources.base import BaseKind
from colprofile.sources.database.engine_sql import (
    CLICKHOUSE,
    KEEPS_ZERO_SIGNS,
    NAN_IS_UNEQUAL,
    Expression,
    SqlType,
    as_double,
    as_it_is,
    as_json,
    as_text,
    ascending,
    comparable,
    descending,
    largest,
    smallest,
)
from colprofile.sources.database.type_names import BY_NAME, plain_name

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

_KINDS: dict[Wire, BaseKind] = {
    "boolean": "boolean",
    **dict.fromkeys(("integer", "unsigned", "float", "float32", "decimal"), "numeric"),
    **dict.fromkeys(("date", "time", "timestamp", "timestamptz"), "temporal"),
    **dict.fromkeys(("text", "binary"), "text"),
    "enum": "categorical",
}

_BINDS: dict[Wire, sa.types.TypeEngine[Any]] = {
    "integer": sa.BigInteger(),
    "unsigned": sa.Numeric(20, 0),
    **dict.fromkeys(("float", "float32"), sa.Double()),
    "decimal": sa.Numeric(),
    "date": sa.Date(),
    "time": sa.Time(),
    "timestamp": sa.DateTime(),
    "timestamptz": sa.DateTime(timezone=True),
}


@dataclass(frozen=True)
class ColumnPlan:
    """How one column is handled.

    Attributes
    ----------
    wire
        How its values cross.
    key
        What the database groups by.
    carry
        From a key to what crosses the wire.
    order
        From a key to what sorts it in the display order.
    labels
        Of an enum: all labels in their order.
    label
        For a ranked column: its values' text; of equal values the smallest text is displayed.
    equality
        For a ranked column: text that is the same for equal values, to compare them with those of another table; None
        where their own text is, or where the database cannot tell.
    ranked_kind
        For a ranked column: its kind, which otherwise follows from ``wire``.
    compare
        From a value given back to what the database compares with; None, or if it gives None, the value is bound.
    is_nan_unequal
        Whether the database's NaN is not equal to itself.
    """

    name: str
    type: str
    wire: Wire
    key: Expression
    carry: Callable[[Expression], Expression] = as_it_is
    order: Callable[[Expression], Expression] = as_it_is
    labels: tuple[str, ...] = ()
    label: Expression | None = None
    equality: Expression | None = None
    ranked_kind: BaseKind | None = None
    compare: Callable[[Any], Expression | None] | None = None
    is_nan_unequal: bool = False

    @property
    def kind(self) -> BaseKind:
        """As in SourceColumn."""
        return self.ranked_kind or _KINDS[self.wire]

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers that the database can add up."""
        return self.kind == "numeric" and self.wire != "ranked"

    @property
    def is_ordered(self) -> bool:
        """Whether its values have a place on an axis, so that they can be cut into bins."""
        return self.kind in ("numeric", "temporal") and self.wire != "ranked"

    @property
    def bind(self) -> sa.types.TypeEngine[Any] | None:
        """The type that a value is given back to the database as."""
        return _BINDS.get(self.wire)

    def bound(self, value: Any) -> Expression:
        """Return a value given back as one that its column is compared with."""
        made = None if self.compare is None else self.compare(value)
        return sa.bindparam(None, value, type_=self.bind) if made is None else made

    def is_before(self, key: Expression, value: Any) -> Expression:
        """Return whether a key comes before a value given back."""
        is_nan = value != value
        return key == key if is_nan and self.is_nan_unequal else key < self.bound(value)

    def is_same(self, key: Expression, other: Expression) -> Expression:
        """Return whether two keys are the same value; neither may be NULL."""
        return key.is_not_distinct_from(other) if self._has_nan and self.is_nan_unequal else key == other

    @property
    def _has_nan(self) -> bool:
        return self.wire in ("float", "float32")

    def ascending(self, key: Expression) -> Expression:
        """Return what sorts keys in the display order, NaN last."""
        return ascending(key) if self._has_nan else self.order(key)

    def descending(self, key: Expression) -> Expression:
        """Return what sorts keys against the display order."""
        return descending(key) if self._has_nan else self.order(key).desc()

    def smallest(self, key: Expression) -> Expression:
        """Return the first key of a group."""
        return smallest(key) if self._has_nan else sa.func.min(key)

    def largest(self, key: Expression) -> Expression:
        """Return the last key of a group."""
        return largest(key) if self._has_nan else sa.func.max(key)


def ranked(
    dialect: str,
    name: str,
    type_name: str,
    kind: BaseKind,
    key: Expression,
    text: Expression | None = None,
    equality: Expression | None = None,
) -> ColumnPlan:
    """Return the plan of a column whose values only the database can compare."""
    label = as_text(key) if text is None else text
    if dialect in _MYSQL:
        # The smallest by its bytes: under the column's own collation equal texts have no smallest.
        label = sa.cast(sa.cast(key, sa.CHAR()), sa.LargeBinary())
    elif dialect == "postgresql":
        label = sa.collate(label, "C")
    return ColumnPlan(name, type_name, "ranked", key, label=label, equality=equality, ranked_kind=kind)


def plan_column(
    dialect: str, name: str, column: Expression, given: sa.types.TypeEngine[Any], type_name: str
) -> ColumnPlan:
    """Return the plan of a column by its reflected type; ``type_name`` is the type as people know it."""
    if isinstance(inner := getattr(given, "data_type", None), sa.types.TypeEngine):
        given = inner  # a domain is compared as the type under it
    if isinstance(given, sa.Enum) and dialect in ("postgresql", *CLICKHOUSE) and given.enums:
        return ColumnPlan(name, type_name, "enum", column, carry=as_text, labels=tuple(map(str, given.enums)))
    if dialect == "postgresql" and type(given).__name__.upper() == "JSON":
        column = sa.cast(column, JSONB())  # json has no equality, jsonb has
    wire = _wire_of(dialect, given)
    if wire is None:
        if dialect in _NESTED_AS_JSON and _ranked_kind(given) == "nested":
            column = as_json(column)  # it has no order of its own, or no equality
        return ranked(dialect, name, type_name, _ranked_kind(given), column, equality=_equality(dialect, given, column))
    carry, order = as_it_is, as_it_is
    if wire == "decimal":
        # Without a declared scale 1.0 and 1.00 are equal and look different.
        is_plain = dialect != "postgresql" or getattr(given, "scale", None) is not None
        carry = as_text if is_plain else _trimmed_text
    elif isinstance(given, sa.Uuid):
        carry = as_text
        if dialect in CLICKHOUSE:
            order = as_text  # it sorts their second half first
    elif wire == "text" and dialect in CLICKHOUSE:
        carry = as_text  # of a FixedString without the zeros that fill it up
    elif wire == "float32" and dialect in _MYSQL:
        carry = as_double  # MySQL prints six digits of a FLOAT: as a double it loses none
    elif wire == "text" and dialect == "postgresql":
        order = _byte_order
    elif wire in ("float", "float32") and dialect in KEEPS_ZERO_SIGNS:
        column = column + sa.literal_column("0")
    compare = partial(comparable, dialect, wire, plain_name(type_name)) if dialect in BY_NAME else None
    return ColumnPlan(
        name, type_name, wire, column, carry, order, compare=compare, is_nan_unequal=dialect in NAN_IS_UNEQUAL
    )


def _equality(dialect: str, given: Any, column: Expression) -> Expression | None:
    """Return text that is the same for equal values of a type; None where their own text is, or where none is known."""
    if dialect in _MYSQL and isinstance(given, sa.String) and not isinstance(given, sa.Enum):
        # What a collation compares. Most leave out spaces at the end, which its weights do not.
        name = sa.func.collation(column)
        is_padded = sa.and_(name.not_like("%nopad%"), name.not_like("%0900%"), name != "binary")
        return sa.func.hex(sa.func.weight_string(sa.case((is_padded, sa.func.rtrim(column)), else_=column)))
    if dialect == "postgresql" and type(given).__name__.upper() == "CITEXT":
        return sa.func.lower(as_text(column))
    if dialect == "postgresql" and isinstance(given, sa.Interval | INTERVAL):
        return as_text(sa.func.justify_interval(column))
    return None


def _trimmed_text(expression: Expression) -> Expression:
    return as_text(sa.func.trim_scale(expression))


def _byte_order(expression: Expression) -> Expression:
    """Return what sorts text by its bytes, whatever the database's locale."""
    return sa.collate(as_text(expression), "C")


def _wire_of(dialect: str, given: Any) -> Wire | None:
    """Return how values of a type cross; None for those that only the database can compare."""
    if isinstance(given, sa.Enum):
        return None
    for kind, wire in _WIRES:
        if isinstance(given, kind):
            return wire
    if isinstance(given, sa.Integer):
        return "unsigned" if getattr(given, "unsigned", False) else "integer"
    if isinstance(given, sa.Float):
        is_double = isinstance(given, sa.Double) or (given.precision or 53) > 24
        is_single = isinstance(given, sa.REAL) or (dialect in _MYSQL and type(given).__name__.upper() == "FLOAT")
        return "float" if is_double and not is_single else "float32"
    if isinstance(given, sa.Numeric):
        return "decimal"
    if isinstance(given, sa.DateTime):
        return "timestamptz" if given.timezone and dialect not in _MYSQL else "timestamp"
    if isinstance(given, sa.Time):
        # A time with a zone is compared by the instant and then by the zone; MySQL's TIME is a span of hours.
        return None if given.timezone or dialect in _MYSQL else "time"
    if isinstance(given, sa.String) and dialect not in _MYSQL and type(given).__name__.upper() != "CITEXT":
        return "text" if given.collation in (None, "C", "POSIX", "default") else None
    return None


def _ranked_kind(given: Any) -> BaseKind:
    if isinstance(given, sa.Enum):
        return "categorical"
    if isinstance(given, sa.Time | sa.Interval | INTERVAL):
        return "temporal"
    name = given.text if isinstance(given, SqlType) else type(given).__name__
    is_text = isinstance(given, sa.String) or name.upper() in _TEXT_LIKE
    return "text" if is_text else "nested"


_MYSQL = ("mysql", "mariadb")

_NESTED_AS_JSON = frozenset({"trino", "bigquery", "snowflake"})

_WIRES: tuple[tuple[type, Wire], ...] = (
    (sa.Boolean, "boolean"),
    (YEAR, "integer"),
    (sa.Date, "date"),
    (sa.Uuid, "text"),
    (sa.types._Binary, "binary"),
)

_TEXT_LIKE = frozenset(
    [
        *("INET", "CIDR", "MACADDR", "MACADDR8", "BIT", "MONEY", "OID", "REGCLASS", "REGCONFIG", "TSQUERY", "SET"),
        *("IPV4", "IPV6", "IPADDRESS"),
    ]
)
