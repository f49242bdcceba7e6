"""Quoting: the only way in which names and text get into SQL."""

from __future__ import annotations


def quote_identifier(name: str) -> str:
    """Return ``name`` as a quoted SQL identifier.

    >>> print(quote_identifier('a "b" c'))
    "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Return ``text`` as an SQL string literal.

    >>> quote_literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def split_identifier(text: str) -> list[str]:
    """Return the parts of a possibly qualified name: dots separate, double quotes protect.

    >>> split_identifier('main."a.b"'), split_identifier("flights")
    (['main', 'a.b'], ['flights'])
    """
    parts: list[str] = [""]
    is_quoted = False
    position = 0
    while position < len(text):
        character = text[position]
        if character == '"':
            if is_quoted and text[position + 1 : position + 2] == '"':
                parts[-1] += '"'
                position += 1
            else:
                is_quoted = not is_quoted
        elif character == "." and not is_quoted:
            parts.append("")
        else:
            parts[-1] += character
        position += 1
    return parts
