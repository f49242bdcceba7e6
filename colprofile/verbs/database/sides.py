"""The two sides of a drift between databases: each is saved, or a source of many tables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from colprofile.results.saved import saved_database
from colprofile.verbs.database.drifts import Side
from colprofile.verbs.database.keywords import DriftKeywords
from colprofile.verbs.database.opening import tables_in


@contextlib.contextmanager
def opened_sides(
    stale: Any, fresh: Any, schema: str | None, options: DriftKeywords, *, is_asked: bool
) -> Iterator[tuple[Side, Side] | None]:
    """Yield the two sides with their tables; None where they are to be compared as one table each.

    A side with one table is a database if the other is, or if tables are chosen, which is ``is_asked``.
    """
    with contextlib.ExitStack() as stack:

        def side(given: Any, *, is_one_enough: bool) -> Side | None:
            saved = saved_database(given)
            if saved is not None:
                return saved
            return stack.enter_context(tables_in(given, options, schema=schema, is_one_enough=is_one_enough))

        old = side(stale, is_one_enough=is_asked)
        new = side(fresh, is_one_enough=is_asked)
        if old is None and new is not None:
            old = side(stale, is_one_enough=True)
        elif new is None and old is not None:
            new = side(fresh, is_one_enough=True)
        yield None if old is None or new is None else (old, new)
