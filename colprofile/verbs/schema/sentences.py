"""How sentences about tables show names, shares and values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from colprofile.errors import one_line, shorten
from colprofile.values import Value

WIDTH = 60
"""Characters of a name or value in a sentence."""

MOST_NAMES = 8
"""Names in a sentence."""


def named(name: str) -> str:
    r"""Return a name as a sentence shows it: on one line, not too long, and quoted where nothing is to be seen.

    >>> named("a\n b"), named(" ")
    ('a b', "' '")
    """
    return one_line(name, WIDTH) or repr(shorten(name, WIDTH))


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: the first few of many.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed(list("abcdefghijkl"))
    ('a', 'a, b and c', 'a, b, c, d, e, f and 6 more')
    """
    parts = [named(name) for name in names]
    if len(parts) > MOST_NAMES:
        parts = [*parts[: MOST_NAMES - 2], f"{len(parts) - MOST_NAMES + 2:,} more"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def place(table: str, *columns: str) -> str:
    """Return a column of a table, or several, as sentences show them.

    >>> place("orders", "city"), place("orders", "a", "b")
    ('orders.city', 'orders (a, b)')
    """
    names = [named(name) for name in columns]
    if len(names) == 1:
        return f"{named(table)}.{names[0]}"
    return f"{named(table)} ({', '.join(names)})"


def counted(number: int, noun: str, more: str | None = None) -> str:
    """Return a number with its noun.

    >>> counted(1, "row"), counted(1200, "row"), counted(2, "city", "cities")
    ('1 row', '1,200 rows', '2 cities')
    """
    return f"{number:,} {noun if number == 1 else more or noun + 's'}"


def share(part: int, whole: int) -> str:
    """Return a share in percent; what is not all is never shown as 100 %, what is something never as 0 %.

    >>> share(1, 3), share(9999, 10000), share(10000, 10000), share(1, 100000)
    ('33 %', '99.9 %', '100 %', '< 0.1 %')
    """
    if part in (0, whole):
        return "100 %" if part else "0 %"
    percent = 100 * part / whole
    if percent < 0.1:
        return "< 0.1 %"
    if 1 <= percent <= 99:
        return f"{percent:.0f} %"
    return f"{math.floor(percent * 10) / 10:.1f} %"


def value_text(value: Value) -> str:
    """Return a value as a sentence shows it.

    >>> value_text("x"), value_text(None), value_text(7)
    ("'x'", 'NULL', '7')
    """
    if value is None:
        return "NULL"
    return repr(shorten(value, WIDTH)) if isinstance(value, str) else str(value)


def as_value(given: Any) -> Value:
    """Return what a database driver gave for a value as results hold it.

    >>> import datetime, decimal
    >>> as_value(decimal.Decimal("1.50")), as_value(datetime.date(2024, 2, 1)), as_value(b"a")
    ('1.50', '2024-02-01', '61')
    """
    if given is None or isinstance(given, bool | int | str):
        return given
    if isinstance(given, float) and math.isfinite(given):
        return given
    return given.hex() if isinstance(given, bytes | bytearray | memoryview) else str(given)
