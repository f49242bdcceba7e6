"""Names of tables and columns: how they get into SQL, and which one is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from colprofile.errors import SourceError, did_you_mean


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


def member_expression(path: Sequence[str]) -> str:
    r"""Return SQL for a member of a column of objects, from the names on the way to it.

    Dots would not do: the first name may be a table's too.

    >>> member_expression(["a", "b.c"])
    'struct_extract("a", \'b.c\')'
    """
    expression = quote_identifier(path[0])
    for name in path[1:]:
        expression = f"struct_extract({expression}, {quote_literal(name)})"
    return expression


def split_identifier(text: str) -> list[str]:
    """Return the parts of a possibly qualified name: dots separate, double quotes protect.

    >>> split_identifier('main."a.b"'), split_identifier("flights")
    (['main', 'a.b'], ['flights'])
    """
    parts = [""]
    for quoted, plain, dot in re.findall(r'"((?:[^"]|"")*)"?|([^".]+)|(\.)', text):
        if dot:
            parts.append("")
        else:
            parts[-1] += plain or quoted.replace('""', '"')
    return parts


def only_table(names: Sequence[str], description: str, advice: str) -> str:
    """Return a database's only table; raise SourceError where there are several, or none, then with ``advice``."""
    if not names:
        raise SourceError(f"{description} has no table{advice}")
    if len(names) > 1:
        raise SourceError(f"{description} has {len(names)} tables: name one with table=. {did_you_mean('', names)}")
    return names[0]


def is_query(text: str) -> bool:
    """Whether a text is a query rather than the name of a table.

    >>> is_query("select * from t"), is_query("values"), is_query("selected")
    (True, False, False)
    """
    return bool(_QUERY.match(text)) and " " in text.strip()


_QUERY = re.compile(r"\s*(\(\s*)*(select|with|values|table|from)\b", re.IGNORECASE)
