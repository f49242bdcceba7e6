"""Relations: which table, view or query a name stands for, and how each of its columns is handled."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from colprofile.errors import SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.sources.base import BaseKind
from colprofile.sources.database.column_plans import ColumnPlan, plan_column, ranked
from colprofile.sources.database.column_types import described_types, reflected_types, shown_name
from colprofile.sources.database.engine_sql import as_text, finer_than_microseconds, unquotable
from colprofile.sources.database.engines import error_line
from colprofile.sources.database.remote_engines import fault_of_network
from colprofile.sources.database.small_marginal import RowsOf
from colprofile.sources.database.sqlite_columns import sqlite_plans
from colprofile.sources.database.type_names import BY_NAME
from colprofile.sources.identifiers import is_query, only_table, split_identifier
from colprofile.sources.restrict import checked_text


@dataclass(frozen=True)
class DatabaseRelation:
    """What is profiled: ``clause`` stands behind FROM.

    ``plans`` are those of the columns that can be counted; ``skipped`` has type, kind and reason of the others by name.
    ``has_blocks`` says that it is stored as rows in blocks: a table, not a view or a query.
    """

    name: str
    clause: sa.FromClause
    column_names: tuple[str, ...]
    plans: tuple[ColumnPlan, ...]
    skipped: dict[str, tuple[str, BaseKind, str]]
    has_blocks: bool = False


def find_relation(
    connection: sa.Connection, given: str | None, description: str, rows_of: RowsOf, where: str | None = None
) -> DatabaseRelation:
    """Return the relation that ``given`` names: a table or view as it is, qualified, in any case, or a query.

    With ``where``, a condition, it is a query of the rows that satisfy it.

    Raises
    ------
    SourceNotFound
        No such table; the near names are in the message.
    SourceError
        None named and there is not exactly one; no column, or two of the same name.
    """
    inspector = sa.inspect(connection)
    has_blocks = False
    if given is None:
        advice = " in its default schema: name one, or give a query"
        given = only_table(_tables(inspector, None), description, advice)
        place: tuple[str | None, str] | None = (None, given)
    else:
        place = _find_table(inspector, given)
        if place is None and (elsewhere := _in_catalog(connection, given)) is not None:
            given = elsewhere
    if where is not None and (place is not None or is_query(given)):
        given, place = _restricted(connection, given, place, where), None
    if place is not None:
        schema, table = place
        for part in (schema, table):
            _check_quotable(connection, part or "")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # types that it does not know are our business
            columns = inspector.get_columns(table, schema)
        names = [str(column["name"]) for column in columns]
        # The names as they came: Snowflake's and Oracle's know whether they must be quoted.
        clause: sa.FromClause = sa.table(table, *(sa.column(column["name"]) for column in columns), schema=schema)
        types, type_names = reflected_types(connection, clause, [column["type"] for column in columns])
        name = table if schema is None else f"{schema}.{table}"
        has_blocks = table in inspector.get_table_names(schema)
    elif is_query(given):
        names, types, type_names, clause = _query(connection, given)
        name = shorten(given.strip(), 500)
    else:
        raise SourceNotFound(f"no table {shorten(given)!r} in {description}. {_hint(inspector, given)}")
    if not names:
        raise SourceError(f"{shorten(name)!r} has no columns: there is nothing to profile")
    plans = _plans(connection, clause, names, types, type_names, rows_of)
    return replace(_checked(connection, name, clause, names, plans, description), has_blocks=has_blocks)


def _restricted(connection: sa.Connection, given: str, place: tuple[str | None, str] | None, where: str) -> str:
    """Return the query of a table's or a query's rows that satisfy a condition; ArgumentError where it may be more."""
    condition = checked_text(where, connection.dialect.name)
    if place is None:
        rows = "(" + given.strip().rstrip(";").rstrip() + "\n) q"
    else:
        rows = ".".join(_quoted(connection, part) for part in place if part is not None)
    return f"select * from {rows} where ({condition})"


def _tables(inspector: sa.Inspector, schema: str | None) -> list[str]:
    materialized = inspector.get_materialized_view_names(schema) if inspector.dialect.name == "postgresql" else []
    return [*inspector.get_table_names(schema), *inspector.get_view_names(schema), *materialized]


def _find_table(inspector: sa.Inspector, given: str) -> tuple[str | None, str] | None:
    """Return (schema, table): the name as it is first, then as dotted and quoted parts, then in any case."""
    if inspector.dialect.name in BY_NAME and is_query(given):
        return None  # Hive's dialect would have it described
    parts = split_identifier(given)
    is_dotted = inspector.dialect.name == "hive" and len(parts) > 1  # it would not quote the whole as one name
    if not is_dotted and _has_table(inspector, given):
        return None, given
    if len(parts) == 1 and parts[0] != given and _has_table(inspector, parts[0]):
        return None, parts[0]
    if len(parts) > 1:
        schema, table = ".".join(parts[:-1]), parts[-1]
        schemas = inspector.get_schema_names()
        if schema in schemas and _has_table(inspector, table, schema):
            return schema, table
        for known in schemas:
            if known.lower() == schema.lower():
                for name in _tables(inspector, known):
                    if name.lower() == table.lower():
                        return known, name
        return None
    for name in _tables(inspector, None):
        if name.lower() in (given.lower(), parts[0].lower()):
            return None, name
    return None


def _has_table(inspector: sa.Inspector, name: str, schema: str | None = None) -> bool:
    """Return whether a table or view is there; some dialects raise what the server says of one that is not."""
    try:
        return inspector.has_table(name, schema)
    except sa.exc.DBAPIError as error:
        if inspector.dialect.name not in BY_NAME or error.connection_invalidated or fault_of_network(error):
            raise
        return False


def _in_catalog(connection: sa.Connection, given: str) -> str | None:
    """Return the query of a table that is named with its catalog, which reflection does not look into."""
    parts = split_identifier(given)
    if connection.dialect.name not in BY_NAME or len(parts) != 3 or is_query(given):
        return None
    return f"select * from {'.'.join(_quoted(connection, part) for part in parts)}"


def _quoted(connection: sa.Connection, name: str) -> str:
    """Return a name as it stands in the text of a query, whose percent signs SQLAlchemy doubles where it must."""
    _check_quotable(connection, name)
    quote = connection.dialect.identifier_preparer.quote
    quoted = str(quote(name))
    return quoted.replace("%%", "%") if quote("%").count("%") > 1 else quoted


def _check_quotable(connection: sa.Connection, name: str) -> None:
    """Raise SourceError where a name of a table cannot be written in a statement."""
    if reason := unquotable(connection.dialect.name, name):
        raise SourceError(f"cannot read {shorten(name)!r}: {reason}")


_SYSTEM_SCHEMAS = frozenset(["information_schema", "pg_catalog", "mysql", "performance_schema", "sys"])


def _hint(inspector: sa.Inspector, given: str) -> str:
    known = list(_tables(inspector, None))
    for schema in inspector.get_schema_names():
        if schema != inspector.default_schema_name and schema not in _SYSTEM_SCHEMAS:
            known += [f"{schema}.{name}" for name in _tables(inspector, schema)]
    last = split_identifier(given)[-1].lower()
    elsewhere = [name for name in known if name.rpartition(".")[2].lower() == last]
    return did_you_mean(elsewhere[0], elsewhere) if elsewhere else did_you_mean(given, known)


def _query(connection: sa.Connection, given: str) -> tuple[list[str], list[Any], list[str], sa.FromClause]:
    """Return a query's columns, by names, types and types' names, and the query as something to select from."""
    text = given.strip().rstrip(";").rstrip()
    # A colon would be read as the beginning of a parameter.
    escaped = text.replace(":", "\\:")
    probe = sa.select(sa.text("*")).select_from(sa.text(f"({escaped}\n) as q")).limit(0)
    result = connection.execute(probe)
    described: Sequence[Any] = list(result.cursor.description) if result.cursor is not None else []
    result.close()
    names = [str(item[0]) for item in described]
    if twice := sorted(name for name, amount in Counter(names).items() if amount > 1):
        raise SourceError(f"the query has several columns named {shorten(twice[0])!r}: give each a name of its own")
    types, type_names = described_types(connection, described)
    clause = sa.text(escaped + "\n").columns(*(sa.column(name) for name in names)).subquery("q")
    if connection.dialect.name == "postgresql":
        types = _collated(connection, clause, names, types)
        type_names = [shown_name(given, connection.dialect) for given in types]
    return names, types, type_names, clause


def _collated(
    connection: sa.Connection, clause: sa.FromClause, names: Sequence[str], types: Sequence[Any]
) -> list[Any]:
    """Return the types of a query's columns with the collations of texts, which the driver does not report."""
    texts = [i for i, given in enumerate(types) if isinstance(given, sa.String) and not isinstance(given, sa.Enum)]
    if not texts:
        return list(types)
    # The largest of no rows has the collation of its column, and nothing is run for it.
    asked = [sa.func.pg_collation_for(sa.func.max(clause.c[names[i]])).label(f"n{i}") for i in texts]
    found = connection.execute(sa.select(*asked).select_from(clause).where(sa.false())).one()
    made = list(types)
    for i, collation in zip(texts, found, strict=True):
        made[i] = copy(types[i])
        name = str(collation or "default").strip('"')
        made[i].collation = None if name in ("default", "C", "POSIX") else name
    return made


_SORTED_AS_TEXT = (None, "C", "POSIX", "default")


def _plans(
    connection: sa.Connection,
    clause: sa.FromClause,
    names: Sequence[str],
    types: Sequence[Any],
    type_names: Sequence[str],
    rows_of: RowsOf,
) -> list[ColumnPlan]:
    dialect = connection.dialect.name
    if dialect == "sqlite":
        return sqlite_plans(connection, clause, names, types, type_names, rows_of)
    plans = [
        plan_column(dialect, name, clause.c[name], given, text)
        for name, given, text in zip(names, types, type_names, strict=True)
    ]
    by_bytes = _deterministic(connection, types) if dialect == "postgresql" else frozenset()
    return [
        replace(plan, equality=plan.label) if getattr(given, "collation", None) in by_bytes else plan
        for plan, given in zip(plans, types, strict=True)
    ]


def _deterministic(connection: sa.Connection, types: Sequence[Any]) -> frozenset[str]:
    """Return the collations of PostgreSQL's ranked texts that only sort, and call no different texts equal."""
    names = {str(name) for given in types if (name := getattr(given, "collation", None)) not in _SORTED_AS_TEXT}
    if not names:
        return frozenset()
    known = sa.table("pg_collation", sa.column("collname"), sa.column("collisdeterministic"))
    query = sa.select(known.c.collname).where(known.c.collname.in_(names)).group_by(known.c.collname)
    found = connection.execute(query.having(sa.func.bool_and(known.c.collisdeterministic)))
    return frozenset(str(row[0]) for row in found)


def _checked(
    connection: sa.Connection,
    name: str,
    clause: sa.FromClause,
    names: Sequence[str],
    plans: Sequence[ColumnPlan],
    description: str,
) -> DatabaseRelation:
    """Return the relation without the columns that the database cannot or may not compare, and why."""
    reasons = {plan.name: unquotable(connection.dialect.name, plan.name) for plan in plans}
    kept = [plan for plan in plans if reasons[plan.name] is None]
    if kept and _refusal(connection, clause, kept) is not None:
        reasons |= {plan.name: _refusal(connection, clause, [plan]) for plan in kept}
        kept = [plan for plan in kept if reasons[plan.name] is None]
    skipped = {plan.name: (plan.type, plan.kind, reason) for plan in plans if (reason := reasons[plan.name])}
    if not kept:
        raise SourceError(f"cannot read {shorten(name)!r} in {description}: {skipped[names[0]][2]}")
    return DatabaseRelation(name, clause, tuple(names), tuple(_within_python(connection, clause, kept)), skipped)


_ORDERS_A_QUERY = 100


def _refusal(connection: sa.Connection, clause: sa.FromClause, plans: Sequence[ColumnPlan]) -> str | None:
    """Return why the database will not group by these columns or order them, None if it will."""
    keys = [plan.key for plan in plans]
    # PostgreSQL gives a transaction up after an error; DuckDB has no savepoints.
    is_fragile = connection.dialect.name == "postgresql"
    try:
        with connection.begin_nested() if is_fragile else contextlib.nullcontext():
            connection.execute(sa.select(sa.func.count()).select_from(clause).group_by(*keys).limit(0)).close()
            places = [sa.func.row_number().over(order_by=plan.ascending(plan.key)) for plan in plans]
            for begin in range(0, len(places), _ORDERS_A_QUERY):
                some = places[begin : begin + _ORDERS_A_QUERY]
                connection.execute(
                    sa.select(*(p.label(f"p{i}") for i, p in enumerate(some))).select_from(clause).limit(0)
                ).close()
            for plan in plans:
                if plan.label is not None:
                    connection.execute(sa.select(sa.func.min(plan.label)).select_from(clause).limit(0)).close()
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise
        return error_line(error)
    return None


_REPRESENTABLE = re.compile(r"(?!0000)\d{4}-\d\d-\d\d(?!.*BC)|(?!24:)\d\d:\d\d")


def _within_python(connection: sa.Connection, clause: sa.FromClause, plans: Sequence[ColumnPlan]) -> list[ColumnPlan]:
    """Return the plans, dates and times ranked where a column holds what Python has not: infinity, BC, nanoseconds."""
    timed = [plan for plan in plans if plan.wire in ("date", "time", "timestamp", "timestamptz")]
    if connection.dialect.name == "sqlite" or not timed:
        return list(plans)
    dialect = connection.dialect.name
    ends = [as_text(end(plan.key)) for plan in timed for end in (sa.func.min, sa.func.max)]
    finer = [finer_than_microseconds(dialect, plan.key, plan.wire) for plan in timed if plan.wire != "date"]
    digits = [sa.func.max(sa.case((each, 1), else_=0)) for each in finer if each is not None]
    asked = [e.label(f"e{i}") for i, e in enumerate([*ends, *digits])]
    found = connection.execute(sa.select(*asked).select_from(clause)).one()
    outside = {
        plan.name
        for i, plan in enumerate(timed)
        if any(text is not None and not _REPRESENTABLE.match(str(text)) for text in found[2 * i : 2 * i + 2])
    }
    with_digits = [plan for plan in timed if plan.wire != "date"] if digits else []
    outside |= {plan.name for plan, is_finer in zip(with_digits, found[len(ends) :], strict=True) if is_finer}
    return [
        ranked(dialect, plan.name, plan.type, plan.kind, plan.key) if plan.name in outside else plan for plan in plans
    ]
