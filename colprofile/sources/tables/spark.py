"""The tables of a Spark session, or of a server by its address: read one by one, and asked nothing between them."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from colprofile.errors import SourceNotFound, did_you_mean, shorten
from colprofile.sources.identifiers import split_identifier
from colprofile.sources.spark.errors import readable_errors
from colprofile.sources.spark.quiet import quiet
from colprofile.sources.spark.recognise import is_spark_session
from colprofile.sources.spark.sessions import open_session
from colprofile.sources.tables.base import Declared, NotBetween, Queries
from colprofile.sources.urls import hide_passwords
from colprofile.stopping import left_alone

_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class SparkTables:
    """The tables and views of a schema of Spark; ``close`` closes a session of ours."""

    dialect = "spark"
    views: frozenset[str] = frozenset()
    remarks: Sequence[str] = ()

    def __init__(self, session: Any, description: str, names: Sequence[str], close: Callable[[], object]) -> None:
        self.session = session
        self._close = close
        self.description = description
        self.names: Sequence[str] = tuple(names)
        self.known: Sequence[str] = self.names

    @classmethod
    def open(cls, source: Any, schema: str | None = None) -> SparkTables:
        """Open the tables of a session, or of the server at an address; by default of its current schema.

        Raises
        ------
        SourceNotFound
            There is no such schema.
        SourceError
            There is no server, or its catalog may not be listed.
        MissingExtra
            The address needs pyspark, which is not installed.
        """
        if is_spark_session(source):
            close: Callable[[], object] = _nothing
            description, session = "the Spark session", source
        else:
            description = hide_passwords(os.fsdecode(source))
            session, close = open_session(os.fsdecode(source))
        try:
            with readable_errors(description), quiet():
                names = left_alone(lambda: _names(session, schema, description))
        except BaseException:
            close()
            raise
        return cls(session, description, names, close)

    def parts(self, name: str) -> tuple[str, ...]:
        """Return a table's name in its parts."""
        return tuple(split_identifier(name.replace("`", '"')))

    def given(self, name: str) -> tuple[Any, str | None]:
        """Return the session and the table."""
        return self.session, name

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[bool]:
        """Yield False: each table is read at its own time."""
        yield False

    def declared(self) -> Declared:
        """Return nothing: Spark's constraints are no facts."""
        return Declared()

    @contextlib.contextmanager
    def queries(self) -> Iterator[Queries]:
        """Raise NotBetween: a join of whole tables would be a job of its own for every question."""
        raise NotBetween("Spark is asked for each table alone, and nothing between tables")
        yield

    def __enter__(self) -> SparkTables:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()


def _names(session: Any, schema: str | None, description: str) -> list[str]:
    if schema is not None and not session.catalog.databaseExists(schema):
        schemas = [str(known.name) for known in session.catalog.listDatabases()]
        raise SourceNotFound(f"no schema {shorten(schema)!r} in {description}. {did_you_mean(schema, schemas)}")
    found = session.catalog.listTables(schema)
    parts = [
        [str(table.name)] if schema is None else [schema, str(table.name)]
        for table in found
        if schema is None or not table.isTemporary
    ]
    return sorted(".".join(map(_quoted, part)) for part in parts)


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else "`" + name.replace("`", "``") + "`"


def _nothing() -> None:
    """Close nothing: the user's session stays open."""
