r"""Numbers as people write them: $1,200.50, 12 %, (3), 1 234,5."""

from __future__ import annotations

from colprofile.sources.identifiers import quote_literal

WORD = "number"
"""The type, as a user names it."""


def number_sql(text: str, decimal: str, thousands: str) -> str:
    """Return the SQL expression that reads a text as a number, NULL where it is none.

    Signs of currencies, percent and space are left out; parentheses and a minus at the end mean a negative number.
    12 % is 12. Thousands may be separated by ``thousands``, by spaces or by apostrophes, in groups of three digits.
    """
    signs = r"[\p{Sc}\s\x{00A0}\x{202F}\x{2009}''%‰]|\b(?:USD|EUR|GBP|CHF|JPY)\b"
    bare = f"regexp_replace({text}, '{signs}', '', 'g')"
    bare = rf"regexp_replace(replace({bare}, '−', '-'), '^\((.*)\)$|^([^-].*)-$', '-\1\2')"
    point = r"\." if decimal == "." else decimal
    group = "" if not thousands or thousands in " '" else rf"|\d{{1,3}}(?:{_escaped(thousands)}\d{{3}})+"
    pattern = rf"[+-]?(?:(?:\d+{group})(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"
    plain = f"replace({bare}, {quote_literal(thousands)}, '')" if group else bare
    if decimal != ".":
        plain = f"replace({plain}, {quote_literal(decimal)}, '.')"
    return f"case when regexp_full_match({bare}, {quote_literal(pattern)}) then try_cast({plain} as double) end"


def _escaped(sign: str) -> str:
    return "\\" + sign if sign in ".|^$*+?()[]{}\\" else sign
