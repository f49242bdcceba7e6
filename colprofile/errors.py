"""The exceptions that colprofile raises, all in one tree.

::

    ColprofileError
    ├── SourceError            the data cannot be opened or read
    │   ├── SourceNotFound     no such file, table or column
    │   └── SourceBusy         a database file that another process holds
    ├── ResultError            a saved result cannot be read: truncated, foreign, or from a newer version
    ├── ArgumentError          an argument is outside what is allowed (also a ValueError)
    └── MissingExtra           an optional package is not installed (also an ImportError)

A message says what was given, what is allowed and what to do, in one line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ColprofileError(Exception):
    """Base class of everything that colprofile raises on purpose."""


class SourceError(ColprofileError):
    """The data cannot be opened or read."""


class SourceNotFound(SourceError):
    """No such file, table or column."""


class SourceBusy(SourceError):
    """A database file that another process holds open for writing."""


class ResultError(ColprofileError):
    """A saved result cannot be read."""


class ArgumentError(ColprofileError, ValueError):
    """An argument is outside what is allowed."""


class MissingExtra(ColprofileError, ImportError):
    """A feature needs an optional package that is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional package: install it with pip install 'colprofile[{extra}]'")
        self.feature = feature
        self.extra = extra


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """Return a clause naming the near misses of ``given``, or all choices where there are few.

    >>> did_you_mean("flihgts", ["flights", "weather"])
    "Did you mean 'flights'?"
    >>> did_you_mean("x", ["flights", "weather"])
    "There are: 'flights', 'weather'."
    >>> did_you_mean("x", [])
    'There are none.'
    """
    choices = sorted(set(allowed))
    lowered = {choice.lower(): choice for choice in reversed(choices)}
    near = [lowered[hit] for hit in difflib.get_close_matches(given.lower(), lowered, n=3, cutoff=0.6)]
    if near:
        return f"Did you mean {' or '.join(repr(shorten(hit)) for hit in near)}?"
    if not choices:
        return "There are none."
    shown = ", ".join(repr(shorten(choice)) for choice in choices[:12])
    more = f" and {len(choices) - 12} more" if len(choices) > 12 else ""
    return f"There are: {shown}{more}."


def shorten(text: str, width: int = 80) -> str:
    """Return ``text`` cut to ``width`` characters, so that a hostile name keeps a message readable.

    >>> shorten("a" * 100, 10)
    'aaaaaaaaa…'
    """
    return text if len(text) <= width else text[: width - 1] + "…"
