"""register and unregister: the SQL functions as macros of a connection or a database, and the few that are Python's.

Macros are temporary unless the user asks for others, so they belong to one connection and nothing is written to any
database; each cursor registers for itself. Functions of Python belong to the whole database instance, so the first
connection brings them for all; the macros that call them are always temporary.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from colprofile import __version__
from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sqlfunctions.catalogue import GROUPS, HELPER, PYTHON_GROUPS, functions, macro_names, statements
from colprofile.sqlfunctions.udfs import FUNCTIONS

if TYPE_CHECKING:
    import duckdb

Connection = TypeVar("Connection")

MARK = "[colprofile"
"""Marks our macros: their comments end with this and the version."""


class Existing(NamedTuple):
    """A macro with one of our names: its kind, whether we made it, and whether this version did."""

    name: str
    kind: str
    is_ours: bool
    is_current: bool


class Place(NamedTuple):
    """Where macros are: what stands before their names, and the condition that finds them in ``duckdb_functions()``."""

    prefix: str
    condition: str


TEMPORARY = Place("temp.", "database_name = 'temp'")

SQL_GROUPS = tuple(group for group in GROUPS if group not in PYTHON_GROUPS)
"""Groups whose macros work without Python."""

_OTHER_GROUPS = tuple(group for group in GROUPS if group in PYTHON_GROUPS)


# The cursor that brought Python's functions, for each connection that did: only it can take them back. It is kept
# until the connection goes, and emptied before the interpreter does: DuckDB reports functions that are left behind.
_owners: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
_lock = threading.Lock()


def register(con: Connection, *, persistent: bool = False) -> Connection:
    """Add the functions of colprofile to a DuckDB connection: entropy and divergence in SQL.

    They are temporary macros of this connection or cursor, and scalar Python functions for the whole database
    instance. Nothing is written to the database, which may be read-only. Calling it again changes nothing.

    Parameters
    ----------
    con
        A connection or cursor of duckdb, the module ``duckdb`` for its default connection, or a connection of
        SQLAlchemy to DuckDB.
    persistent
        Whether to create the macros in the connection's current database and schema, where they stay: for views that
        call them, and for clients without colprofile. Those of the groups ``samples`` and ``dependence`` need Python
        and stay temporary. Macros of another version of colprofile are replaced.

    Returns
    -------
    The same connection.

    Raises
    ------
    ArgumentError
        Not a connection to DuckDB, or there is already a macro with one of our names that is not ours.
    SourceError
        A closed connection, one whose transaction has failed, or, with ``persistent``, a read-only database. No macro
        is created then.

    Examples
    --------
    >>> import duckdb
    >>> with register(duckdb.connect()) as con:
    ...     con.execute("select mutual_information(x, x * x) from range(-2, 3) as t(x)").fetchone()
    (1.5219280948873621,)
    """
    with _changing("register", con) as raw:
        _create_functions(raw)  # first: a macro's body is bound when it is created
        if persistent:
            _create_persistent(raw)
        _create_macros(raw, _OTHER_GROUPS if persistent else GROUPS)
    return con


def unregister(con: Connection, *, persistent: bool = False) -> Connection:
    """Remove the functions of colprofile from a connection; without them nothing changes.

    Python functions are removed with the connection that added them to the database instance, the first to register.

    Parameters
    ----------
    con
        As for ``register``.
    persistent
        Whether to drop the macros too that ``register(con, persistent=True)`` created in the current database and
        schema. Views that call them no longer work then.

    Returns
    -------
    The same connection.

    Raises
    ------
    ArgumentError, SourceError
        As ``register``.
    """
    with _changing("unregister", con) as raw:
        for place in (TEMPORARY, _current_schema(raw)) if persistent else (TEMPORARY,):
            _drop(raw, _existing_macros(raw, place), place)
        _remove_functions(raw)
    return con


@contextlib.contextmanager
def _changing(verb: str, con: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give the DuckDB connection to one thread at a time, and turn its errors into SourceError."""
    import duckdb

    raw = duckdb_connection(con)
    try:
        with _lock:
            yield raw
    except duckdb.Error as error:
        raise SourceError(f"cannot {verb} the functions of colprofile: {first_line(error)}") from error


@cache
def creation_sql(groups: tuple[str, ...] = GROUPS, place: Place = TEMPORARY) -> str:
    """Return the statements that create macros, each followed by its comment in the catalog if users can call it.

    Whatever was created before an error can thus be recognised as ours.
    """
    comments = _comments(place)
    statement_of = dict(zip(macro_names(groups), (s for group in groups for s in statements(group)), strict=True))
    text = "\n".join(f"{statement}\n{comments.get(name, '')}" for name, statement in statement_of.items())
    if place == TEMPORARY:
        return text
    return text.replace("create or replace temp macro ", f"create or replace macro {place.prefix}")


def comments_sql(group: str) -> str:
    """Return the statements that put the descriptions of a group's macros into the catalog."""
    comments = _comments(TEMPORARY)
    return "\n".join(comments[name] for name in macro_names([group]) if name in comments)


def _comments(place: Place) -> dict[str, str]:
    """Return the statement that describes each macro that users can call."""
    macros = set(macro_names())
    return {
        function.name: f"comment on macro {'table ' if function.is_table else ''}{place.prefix}{function.name} is "
        + quote_literal(
            f"{function.signature} -> {function.returns}, {function.unit}. {function.description} {MARK} {__version__}]"
        )
        + ";"
        for function in functions()
        if function.name in macros
    }


def duckdb_connection(con: Any) -> duckdb.DuckDBPyConnection:
    """Return the DuckDB connection of what was given: itself, duckdb's default one, or the one that SQLAlchemy wraps.

    ArgumentError if it has none.
    """
    import duckdb

    if isinstance(con, ModuleType) and con.__name__ == "duckdb":
        return duckdb.default_connection()
    found = con
    # SQLAlchemy's Connection, its pool's proxy, and duckdb-engine's wrapper, which keeps its own under a private name.
    for attribute in ("connection", "driver_connection", "_ConnectionWrapper__c"):
        if isinstance(found, duckdb.DuckDBPyConnection):
            break
        found = getattr(found, attribute, found)
    if not isinstance(found, duckdb.DuckDBPyConnection):
        raise ArgumentError(
            f"{shorten(repr(con))} is not a connection to DuckDB: give the one that duckdb.connect() returns"
        )
    return found


def _create_macros(raw: duckdb.DuckDBPyConnection, groups: tuple[str, ...]) -> None:
    """Create the temporary macros of some groups, unless they are there."""
    import duckdb

    text = creation_sql(groups)
    try:
        # A transaction of the user's own is left open; the statements are then part of it.
        raw.execute(text.replace("create or replace temp macro", "create temp macro"))
        return
    except duckdb.CatalogException:
        existing = _existing_macros(raw, TEMPORARY)
    if set(macro_names(groups)) <= {macro.name for macro in existing} and all(m.is_current for m in existing):
        return
    if foreign := sorted(macro.name for macro in existing if not macro.is_ours):
        _drop(raw, existing, TEMPORARY)
        raise ArgumentError(
            f"the connection has a macro {foreign[0]!r} that is not ours: drop it, or register on another cursor"
        )
    raw.execute(text)


def _current_schema(raw: duckdb.DuckDBPyConnection) -> Place:
    """Return where macros are created that stay: the connection's current database and schema."""
    names = raw.execute("select current_database(), current_schema()").fetchall()[0]
    database, schema = map(quote_literal, names)
    prefix = "".join(f"{quote_identifier(name)}." for name in names)
    return Place(prefix, f"database_name = {database} and schema_name = {schema}")


def _create_persistent(raw: duckdb.DuckDBPyConnection) -> None:
    """Create the macros in the current database, all or none, unless those of this version are there."""
    import duckdb

    place = _current_schema(raw)
    existing = _existing_macros(raw, place)
    if foreign := sorted(macro.name for macro in existing if not macro.is_ours):
        raise ArgumentError(
            f"the database has a macro {foreign[0]!r} that is not ours: drop it, or register without persistent=True"
        )
    if {macro.name for macro in existing} == set(macro_names(SQL_GROUPS)) and all(m.is_current for m in existing):
        return
    try:
        with transaction(raw):
            raw.execute(creation_sql(SQL_GROUPS, place))
    except duckdb.InvalidInputException as error:
        if "read-only" not in str(error):
            raise
        raise SourceError(
            "the database is read-only, so macros cannot be created in it: register without persistent=True, "
            "or open it for writing"
        ) from error


@contextlib.contextmanager
def transaction(raw: Any) -> Iterator[None]:
    """Do all or nothing of what is inside; a transaction that the user has open is left open."""
    # Outside a transaction each statement has one of its own. (BEGIN inside one would be an error that ends it.)
    first, second = (raw.execute("select txid_current()").fetchall() for _ in range(2))
    if first == second:
        yield
        return
    raw.execute("begin")
    try:
        yield
    except BaseException:
        raw.execute("rollback")
        raise
    raw.execute("commit")


def _drop(raw: duckdb.DuckDBPyConnection, existing: list[Existing], place: Place) -> None:
    kinds = {"table_macro": "macro table", "macro": "macro"}
    ours = [f"drop {kinds[macro.kind]} {place.prefix}{macro.name}" for macro in existing if macro.is_ours]
    if ours:
        raw.execute(";\n".join(ours))


def _existing_macros(raw: duckdb.DuckDBPyConnection, place: Place) -> list[Existing]:
    """Return the macros of a place that have our names."""
    names = ", ".join(quote_literal(name) for name in macro_names())
    found = raw.execute(
        "select distinct function_name, function_type, coalesce(comment, '') from duckdb_functions() "
        f"where {place.condition} and function_type in ('macro', 'table_macro') and function_name in ({names})"
    ).fetchall()
    current = f"{MARK} {__version__}]"
    return [
        Existing(name, kind, name.startswith(HELPER) or MARK in text, name.startswith(HELPER) or text.endswith(current))
        for name, kind, text in found
    ]


def _create_functions(raw: duckdb.DuckDBPyConnection) -> None:
    """Add the Python functions to the database instance, on a cursor of their own, unless it has them.

    A cursor has its own transaction, so that a rollback by the user cannot undo half of this.
    """
    import duckdb

    if raw in _owners:
        return
    owner: Any = raw.cursor()
    try:
        for python in FUNCTIONS:
            types = list(python.parameters), python.returns
            owner.create_function(python.name, python.function, *types, type="arrow", null_handling="special")
    except duckdb.CatalogException:
        owner.close()  # another connection of this instance has brought them
        return
    _owners[raw] = owner


def _remove_functions(raw: duckdb.DuckDBPyConnection) -> None:
    owner = _owners.pop(raw, None)
    if owner is None:
        return
    for function in FUNCTIONS:
        owner.remove_function(function.name)
    owner.close()


@atexit.register
def _clear() -> None:
    import duckdb

    for raw in list(_owners):
        with contextlib.suppress(duckdb.Error):  # closed by the user: then nothing is left of them
            _remove_functions(raw)


def first_line(error: BaseException) -> str:
    """Return the first line of a database's error, shortened."""
    return shorten(str(error).strip().split("\n")[0], 300)
