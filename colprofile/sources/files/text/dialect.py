"""Dialect: how a text file separates and protects its fields."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    r"""How a text file separates and protects its fields.

    Attributes
    ----------
    delimiter
        What separates fields; "" where there is one field only, " " for any number of spaces.
    quote, escape
        The character around fields, "" for none; what stands before it inside a field: itself, or "\\".
    comment
        What begins lines that are left out; "" for none.
    has_loose_comments
        Whether a line with the fields of a row is a row, whatever it begins with.
    skips_space
        Whether spaces next to a delimiter are no part of the fields.
    has_cr_ends
        Whether a CR without LF ends a line.
    decimal, thousands
        The separators of numbers; "" for none.
    """

    delimiter: str
    quote: str = '"'
    escape: str = '"'
    comment: str = ""
    has_loose_comments: bool = False
    skips_space: bool = False
    has_cr_ends: bool = True
    decimal: str = "."
    thousands: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB reads it with the same meaning."""
        return not (self.skips_space or self.comment) and len(self.delimiter.encode()) == 1 and self.escape != "\\"


def say(sign: str) -> str:
    r"""Return a delimiter or quote as a person calls it.

    >>> say("\t"), say(";"), say("")
    ('tab', "';'", 'none')
    """
    return {"\t": "tab", " ": "space", "": "none"}.get(sign, repr(sign))
