"""The types of the columns of a table or a query, as SQLAlchemy's own, and as people are shown them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from colprofile.sources.database.engine_sql import unquotable
from colprofile.sources.database.type_names import BY_NAME, described_name, described_type, named_type

_TELL_NO_NAMES = frozenset({"postgresql", "mysql", "mariadb", "sqlite"})
"""Databases whose drivers describe results by numbers: a query, which may not be allowed, would tell nothing more."""


def reflected_types(
    connection: sa.Connection, clause: sa.FromClause, given: Sequence[Any]
) -> tuple[list[Any], list[str]]:
    """Return a table's types as SQLAlchemy's own, and their names; what reflection does not know, as a query's.

    Where that query is not allowed, because of one column, types stay what they are: the others can be read.
    """
    dialect = connection.dialect
    types = [sa.types.to_instance(each) for each in given]
    names = [shown_name(each, dialect) for each in types]
    if dialect.name in BY_NAME:
        types = [
            each if isinstance(each, sa.types.NullType) else named_type(dialect.name, _shown_type(each, dialect))
            for each in types
        ]
    is_coarse = dialect.name == "hive"  # reflection calls its nested types texts
    columns = list(clause.c)
    unknown = [
        i
        for i, each in enumerate(types)
        if (is_coarse or isinstance(each, sa.types.NullType))
        and unquotable(dialect.name, columns[i].name) is None
        and dialect.name not in _TELL_NO_NAMES
    ]
    if unknown:
        try:
            result = connection.execute(sa.select(*(columns[i] for i in unknown)).limit(0))
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            return types, names
        found, found_names = described_types(connection, result.cursor.description if result.cursor is not None else [])
        result.close()
        for i, each, name in zip(unknown, found, found_names, strict=False):
            types[i], names[i] = each, name
    return types, names


def shown_name(given: Any, dialect: sa.Dialect) -> str:
    """Return a type's name as results show it: in lower case, unless it is one that its database's users gave."""
    shown = _shown_type(given, dialect)
    return shown if isinstance(given, sa.Enum) and given.name else shown.lower()


def _shown_type(given: Any, dialect: sa.Dialect) -> str:
    """Return a type as its database writes it."""
    if isinstance(given, sa.types.NullType):
        return "unknown"
    if isinstance(given, sa.Enum) and given.name:
        return str(given.name)
    try:
        return str(given.compile(dialect=dialect))
    except sa.exc.SQLAlchemyError:
        return type(given).__name__


def described_types(
    connection: sa.Connection, described: Sequence[Any]
) -> tuple[list[sa.types.TypeEngine[Any]], list[str]]:
    """Return the types of a result's columns, and their names, from what the driver says of them."""
    types: list[sa.types.TypeEngine[Any]]
    dialect = connection.dialect.name
    if dialect == "postgresql":
        types = [_postgresql_type(connection, item) for item in described]
    elif dialect in ("mysql", "mariadb"):
        types = [_MYSQL_TYPES.get(item[1], sa.types.NullType)() for item in described]
    else:
        types = [described_type(dialect, item) for item in described]
        shown = [described_name(item).lower() for item in described]
        return types, [name or shown_name(each, connection.dialect) for name, each in zip(shown, types, strict=True)]
    return types, [shown_name(each, connection.dialect) for each in types]


def _postgresql_type(connection: sa.Connection, item: Any) -> sa.types.TypeEngine[Any]:
    """Return the type with the driver's number; PostgreSQL's catalog knows its name, and the labels of an enum."""
    shown = str(connection.execute(sa.select(sa.func.format_type(item[1], None))).scalar_one())
    labels = sa.table("pg_enum", sa.column("enumlabel"), sa.column("enumtypid"), sa.column("enumsortorder"))
    found = connection.execute(
        sa.select(labels.c.enumlabel).where(labels.c.enumtypid == item[1]).order_by(labels.c.enumsortorder)
    )
    if known_labels := [str(row[0]) for row in found]:
        return sa.Enum(*known_labels, name=shown)
    name = shown.removesuffix("[]")
    known = getattr(connection.dialect, "ischema_names", {}).get(name)
    if known is None:
        return sa.types.NullType()
    made: sa.types.TypeEngine[Any]
    if issubclass(known, sa.DateTime | sa.Time):
        made = known(timezone="with time zone" in name)
    elif issubclass(known, sa.Numeric) and not issubclass(known, sa.Float):
        precision, scale = (getattr(item, part, None) for part in ("precision", "scale"))
        made = known(precision, scale)
    else:
        made = known()
    return sa.ARRAY(made) if name != shown else made


_MYSQL_TYPES: dict[int, Any] = {
    0: sa.Numeric,
    246: sa.Numeric,
    **dict.fromkeys([1, 2, 3, 8, 9, 13], sa.Integer),
    4: sa.Float,
    5: sa.Double,
    **dict.fromkeys([7, 12], sa.DateTime),
    10: sa.Date,
    11: sa.Time,
    **dict.fromkeys([15, 249, 250, 251, 252, 253, 254], sa.String),
}
"""MySQL's wire protocol types of result columns."""
