"""register_engine: the functions in every connection of a SQLAlchemy engine."""

from __future__ import annotations

from typing import Any

from colprofile.errors import ArgumentError, shorten
from colprofile.sqlfunctions.registration import register


def register_engine(engine: Any) -> Any:
    """Add the functions of colprofile to each connection that an engine opens to DuckDB.

    For engines of the dialects ``duckdb-engine`` and ``duckdb-sqlalchemy`` (URLs ``duckdb:///…``). Connections that
    are already in the engine's pool get them at the next checkout. Calling it again changes nothing.

    Parameters
    ----------
    engine
        A SQLAlchemy ``Engine``, or the ``sync_engine`` of an asynchronous one.

    Returns
    -------
    The same engine.

    Raises
    ------
    ArgumentError
        Not an engine, or one of another database.

    Examples
    --------
    >>> from sqlalchemy import create_engine, text
    >>> engine = register_engine(create_engine("duckdb:///:memory:"))
    >>> with engine.connect() as connection:
    ...     connection.execute(text("select perplexity(x) from range(8) as t(x)")).scalar_one()
    8.0
    >>> engine.dispose()
    """
    from sqlalchemy import Engine, event

    if not isinstance(engine, Engine):
        raise ArgumentError(f"{shorten(repr(engine))} is not a SQLAlchemy engine: give what create_engine() returns")
    if engine.dialect.name != "duckdb":
        raise ArgumentError(
            f"the engine is for {engine.dialect.name}: SQL functions can only be registered with DuckDB"
        )
    if not event.contains(engine, "checkout", _on_checkout):
        event.listen(engine, "checkout", _on_checkout)
    return engine


def _on_checkout(connection: Any, record: Any, proxy: Any) -> None:
    if not record.info.get("colprofile"):
        register(connection)
        record.info["colprofile"] = True
