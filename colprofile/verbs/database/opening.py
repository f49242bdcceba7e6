"""Opening a source of many tables for a verb, so that Ctrl-C ends the wait for a server, and nothing stays open."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from colprofile.errors import ArgumentError
from colprofile.sources.open import is_thread_bound
from colprofile.sources.tables.base import Tables
from colprofile.sources.tables.open import NOT_MANY, open_tables
from colprofile.sources.tables.patterns import Patterns
from colprofile.sources.turns import turn
from colprofile.stopping import interruptible
from colprofile.verbs.database.inputs import inputs_of
from colprofile.verbs.database.keywords import ReadingKeywords
from colprofile.verbs.profile.limits import memory_shares


@contextlib.contextmanager
def tables_in(
    source: Any,
    options: ReadingKeywords,
    *,
    schema: str | None = None,
    tables: Patterns = None,
    exclude: Patterns = None,
    is_one_enough: bool = False,
) -> Iterator[Tables | None]:
    """Yield the tables of a source, closed on leaving; None where it is one table: see ``open_tables``.

    No other thread reads a connection meanwhile.
    """
    memory = memory_shares(options.get("memory_limit"))
    opened: list[Tables | None] = []

    def open_them() -> None:
        opened.append(
            open_tables(
                source,
                schema=schema,
                tables=tables,
                exclude=exclude,
                memory_limit=memory.database,
                threads=memory.readers(options.get("threads")),
                statement_timeout=options.get("statement_timeout"),
                inputs=inputs_of(options),
                is_one_enough=is_one_enough,
            )
        )

    with turn(source), contextlib.ExitStack() as stack:
        try:
            interruptible(open_them, is_bound=is_thread_bound(source))
        finally:  # it may have been opened in spite of Ctrl-C
            for found in opened:
                if found is not None:
                    stack.enter_context(found)
        yield opened[0]


def check_table(table: str | None, **chosen: object) -> None:
    """Raise ArgumentError where one table is named, and tables are chosen too."""
    for name, value in chosen.items():
        if table is not None and value is not None:
            raise ArgumentError(
                "one table is named, and schema= too: name it as schema.table, or leave it out"
                if name == "schema"
                else f"one table is named, and {name}= too: leave one of them out"
            )


def check_unsaved(schema: str | None) -> None:
    """Raise ArgumentError where a schema is asked of what is saved."""
    if schema is not None:
        raise ArgumentError("schema= is for databases, and this is saved: choose its tables with tables=")


def check_not_asked(**chosen: object) -> None:
    """Raise ArgumentError where tables are chosen of what is one table."""
    for name, value in chosen.items():
        if value is not None:
            raise ArgumentError(NOT_MANY.format(name))
