"""How the sentences of an audit show names, values and rows."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.errors import shorten
from colprofile.values import Value

NAME_WIDTH = 60
"""Characters of a name or value in a sentence."""

MOST_NAMES = 8
"""Names in a sentence."""


def name_list(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: the first few of many.

    >>> name_list(["a"]), name_list(["a", "b", "c"]), name_list(list("abcdefghijkl"))
    ('a', 'a, b and c', 'a, b, c, d, e, f and 6 more')
    """
    parts = [shorten(name, NAME_WIDTH) for name in names]
    if len(parts) > MOST_NAMES:
        parts = [*parts[: MOST_NAMES - 2], f"{len(parts) - MOST_NAMES + 2} more"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def value_text(value: Value) -> str:
    """Return a value as a sentence shows it.

    >>> value_text("x" * 100)[-2:], value_text(None), value_text(True), value_text("")
    ('x…', 'NULL', 'true', "''")
    """
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "true", False: "false"}[value]
    return shorten(str(value) if str(value).strip() else repr(value), NAME_WIDTH)
