"""The two sides of a drift between databases: each is saved, or a source of many tables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from colprofile.results.database import DatabaseProfile
from colprofile.results.saved import saved_database
from colprofile.verbs.database.drifts import Side
from colprofile.verbs.database.keywords import DriftKeywords
from colprofile.verbs.database.opening import check_unsaved, tables_in


@contextlib.contextmanager
def opened_sides(
    stale: Any, fresh: Any, schema: str | None, options: DriftKeywords, *, is_asked: bool
) -> Iterator[tuple[Side, Side] | None]:
    """Yield the two sides with their tables; None where they are to be compared as one table each.

    A side with one table is a database if the other is, or if tables are chosen, which is ``is_asked``.
    """
    with contextlib.ExitStack() as stack:

        def side(given: Any) -> Side | None:
            saved = saved_database(given)
            if saved is not None:
                return saved
            return stack.enter_context(tables_in(given, options, schema=schema, is_one_enough=True))

        # The fresh side first: as a rule it is a file where there is none.
        new = side(fresh)
        old = None if new is None else side(stale)
        if old is None or new is None:
            yield None
            return
        are_saved = [isinstance(each, DatabaseProfile) for each in (old, new)]
        if all(are_saved):
            check_unsaved(schema)
        is_several = is_asked or any(are_saved) or max(len(old.names), len(new.names)) > 1
        yield (old, new) if is_several else None
