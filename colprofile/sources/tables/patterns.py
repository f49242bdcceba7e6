"""Which tables of a source are meant: names and patterns, and those that are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from colprofile.errors import ArgumentError, SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.lists import split_list
from colprofile.sources.identifiers import split_identifier

Patterns = str | Sequence[str] | None
"""Names or patterns, as a list or in a text that separates them by commas; None for all, or for none to leave out."""


def chosen_names(names: Sequence[str], tables: Patterns, exclude: Patterns, description: str) -> tuple[str, ...]:
    """Return the tables that are meant, in their own order.

    A pattern is that of a whole name or, for a name with a schema, of the table in it. A table that is called just so,
    in the same case, is meant alone.

    >>> chosen_names(["orders", "Customers", "sales.orders"], "ord*,customers", None, "shop.duckdb")
    ('orders', 'Customers', 'sales.orders')
    >>> chosen_names(["orders", "Customers", "old_orders"], None, ["old_*"], "shop.duckdb")
    ('orders', 'Customers')

    Raises
    ------
    SourceNotFound
        A pattern that no table has.
    SourceError
        There are no tables, or none is left.
    ArgumentError
        A pattern is no text.
    """
    if not names:
        raise SourceError(f"{description} has no tables")
    kept = set(names) if tables is None else _matched(names, "tables", tables, description)
    left_out = set() if exclude is None else _matched(names, "exclude", exclude, description)
    chosen = tuple(name for name in names if name in kept and name not in left_out)
    if not chosen:
        raise SourceError(f"no table of {description} is left: exclude= leaves out all that were chosen")
    return chosen


def _matched(names: Sequence[str], option: str, given: str | Sequence[str], description: str) -> set[str]:
    patterns = split_list(given) if isinstance(given, str) else list(given)
    if not patterns:
        raise ArgumentError(f"{option}= is empty: name at least one table, or leave it out")
    return {name for pattern in patterns for name in _matches(names, option, pattern, description)}


def _matches(names: Sequence[str], option: str, pattern: str, description: str) -> Iterable[str]:
    if not isinstance(pattern, str):
        raise ArgumentError(f"{option}={shorten(repr(pattern))} is not allowed: give names or patterns as text")
    if pattern in names:
        return [pattern]
    found = [name for name in names if _is_like(name, pattern) or _is_like(split_identifier(name)[-1], pattern)]
    if not found:
        hint = did_you_mean(pattern, names)
        raise SourceNotFound(f"{option}=: no table of {description} is called {shorten(pattern)!r}. {hint}")
    return found


def _is_like(name: str, pattern: str) -> bool:
    # Brackets stand for themselves: only * and ? are signs of a pattern.
    return fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]"))
