"""Lists as people type them in one text: names separated by commas, columns with their types."""

from __future__ import annotations

from collections.abc import Iterator

from colprofile.errors import ArgumentError, shorten


def split_list(text: str) -> list[str]:
    r"""Return the items of a comma-separated list, without the spaces around them.

    Double quotes protect commas and spaces in an item that begins with them; doubled they stand for themselves.

    >>> split_list('zip, "city, state",5" pipe')
    ['zip', 'city, state', '5" pipe']
    >>> split_list('"an ""odd"" name",, x '), split_list("")
    (['an "odd" name', '', 'x'], [])
    """
    return [_unquoted(item) for item in _items(text)] if text else []


def split_types(text: str) -> dict[str, str]:
    """Return types by column. Commas in the brackets of a type separate nothing.

    >>> split_types('zip=VARCHAR, "price, net"=DECIMAL(9,2),"a=b"=DECIMAL(3, 1)')
    {'zip': 'VARCHAR', 'price, net': 'DECIMAL(9,2)', 'a=b': 'DECIMAL(3, 1)'}

    Raises
    ------
    ArgumentError
        An item is no column with a type, or a column is named twice.
    """
    types: dict[str, str] = {}
    for item in _items(text, is_nested=True):
        end = _end_of_quoted(item)
        name, equals, kind = item[end:].partition("=") if end else item.rpartition("=")
        name = _unquoted(item[:end] + name)
        if not equals or not name or not kind.strip():
            raise ArgumentError(
                f"types={shorten(item)!r} is not allowed: give a column and its type, such as 'zip=VARCHAR'"
            )
        if name in types:
            raise ArgumentError(f"types= names column {shorten(name)!r} twice: give it one type")
        types[name] = kind.strip()
    return types


def _items(text: str, is_nested: bool = False) -> Iterator[str]:
    """Yield the parts of a list as they were typed; ``is_nested`` protects commas in brackets and in quotes there."""
    start, depth, quote = 0, 0, ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif (sign in "\"'" and depth) or (sign == '"' and _may_open(text[start:place].lstrip())):
            quote = sign
        elif is_nested and sign in "()":
            depth = max(0, depth + (1 if sign == "(" else -1))
        elif sign == "," and not depth:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def _may_open(before: str) -> bool:
    """Whether double quotes open behind this part of an item: at its beginning, or doubled in quotes."""
    return not before or (before[0] == before[-1] == '"' and len(before) > 1)


def _end_of_quoted(item: str) -> int:
    """Return the place behind the double quotes that an item begins with, 0 for none."""
    place = 1 if item.startswith('"') else 0
    while place:
        place = item.find('"', place) + 1
        if not place or item[place : place + 1] != '"':
            return place
        place += 1
    return 0


def _unquoted(item: str) -> str:
    end = _end_of_quoted(item)
    return item if not end or end != len(item) else item[1:-1].replace('""', '"')
