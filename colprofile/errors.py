"""The exceptions that colprofile raises, all in one tree.

::

    ColprofileError
    ├── SourceError            the data cannot be opened or read
    │   ├── SourceNotFound     no such file, table or column
    │   ├── SourceBusy         a database that another process, or a connection that another thread is using
    │   └── NoRoom             memory, threads or the disk for temporary files are used up
    ├── ResultError            a saved result cannot be read: truncated, foreign, or from a newer version
    ├── ArgumentError          an argument is outside what is allowed (also a ValueError)
    └── MissingExtra           an optional package is not installed (also an ImportError)

A message says what was given, what is allowed and what to do, in one line. It names a parameter as Python calls it,
``threads=``; the command line shows the option in its place, ``--threads`` (see ``in_options``).
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping


class ColprofileError(Exception):
    """Base class of everything that colprofile raises on purpose."""


class SourceError(ColprofileError):
    """The data cannot be opened or read."""


class SourceNotFound(SourceError):
    """No such file, table or column."""


class SourceBusy(SourceError):
    """A database file that another process has open for writing, or a connection that another thread is using."""


class NoRoom(SourceError):
    """Memory, threads or the disk for temporary files are used up."""


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


def in_options(message: str, options: Mapping[str, str]) -> str:
    """Return a message with the command line's options in place of Python's parameters. Quoted text stays as it is.

    The message names parameters as ``name=`` or ``name=value``. A flag stands for ``name=True``, ``--no-name`` for
    ``name=False``.

    >>> in_options("threads=0 is not allowed: give 1 or more", {"threads": "--threads"})
    '--threads 0 is not allowed: give 1 or more'
    >>> in_options("leave out pairs=False or seed=, not 'seed='", {"no_pairs": "--no-pairs", "seed": "--seed"})
    "leave out --no-pairs or --seed, not 'seed='"
    >>> in_options("`seed=1` is text: give seed=2", {"seed": "--seed"})
    '`seed=1` is text: give --seed 2'
    >>> in_options("give ragged=True", {"ragged": "--ragged"})
    'give --ragged'
    >>> in_options("decimal='.' is not allowed", {"decimal": "--decimal"})
    "--decimal '.' is not allowed"
    """

    def option(found: re.Match[str]) -> str:
        name, value = found["name"], found["value"]
        if name is None:
            return found[0]
        if value == "False" and f"no_{name}" in options:
            return options[f"no_{name}"]
        if value == "True" and name in options:
            return options[name]
        return f"{options[name]} {value}".rstrip() if name in options else found[0]

    return re.sub(
        r"(?<!\w)(?P<quote>['\"`]).*?(?P=quote)(?!\w)|\b(?P<name>[a-z_]+)=(?P<value>'[^']*'|[^\s:,;.)]*)",
        option,
        message,
    )


def one_line(text: str, width: int | None = None) -> str:
    r"""Return text on one line of at most ``width`` characters, without control characters.

    >>> one_line("a\x1b[31m\n b")
    'a [31m b'
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if width is None else shorten(line, width)


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


def file_not_found(path: str) -> SourceNotFound:
    """Return the error that names near misses in the same folder."""
    folder = os.path.dirname(path) or "."
    near = os.listdir(folder) if os.path.isdir(folder) else []
    hint = did_you_mean(os.path.basename(path), near)
    return SourceNotFound(f"no file {shorten(path, 200)!r}." + (f" {hint}" if hint.startswith("Did") else ""))


def shorten(text: str, width: int = 80) -> str:
    """Return ``text`` cut to ``width`` characters, so that a hostile name keeps a message readable.

    >>> shorten("a" * 100, 10)
    'aaaaaaaaa…'
    """
    return text if len(text) <= width else text[: width - 1] + "…"
