"""Values as SQL literals that DuckDB and PostgreSQL read alike."""

from __future__ import annotations

from colprofile.counting.dictionary import Positions
from colprofile.sources.identifiers import quote_literal
from colprofile.values import Value
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.sql_types import DOUBLE_TYPES, type_in


def values_at(audited: AuditedTable, number: int, positions: Positions) -> list[Value]:
    """Return the values at positions of a column's dictionary."""
    return list(audited.coded.marginals[number].dictionary.values(positions))


def texts_at(audited: AuditedTable, number: int, positions: Positions) -> list[str]:
    """Return the values at positions of a column's dictionary as texts."""
    return [str(value) for value in values_at(audited, number, positions)]


def is_writable(audited: AuditedTable, number: int, positions: Positions) -> bool:
    """Whether SQL can write the values: no literal holds a zero byte or a lone surrogate."""
    return all(is_writable_text(str(value)) for value in values_at(audited, number, positions))


def is_writable_text(text: str) -> bool:
    r"""Whether a literal can hold a text.

    >>> is_writable_text("a'b"), is_writable_text("a\0b"), is_writable_text("\udcff")
    (True, False, False)
    """
    return "\0" not in text and text.encode("utf-8", "replace") == text.encode("utf-8", "surrogateescape")


def literals(audited: AuditedTable, number: int, positions: Positions) -> list[str]:
    """Return values of a column as literals that DuckDB and PostgreSQL read alike."""
    values, column = values_at(audited, number, positions), audited.columns[number]
    if column.kind in ("text", "categorical"):
        return [quote_literal(str(value)) for value in values]
    kind = column.type.lower()
    if column.kind == "numeric" and kind in ("float", "real"):
        return [f"cast({quote_literal(str(value))} as real)" for value in values]
    if column.kind == "numeric":
        strange = "cast({} as double precision)" if kind in DOUBLE_TYPES else "cast({} as numeric)"
        return [
            str(value) if str(value).lstrip("-")[:1].isdigit() else strange.format(quote_literal(str(value)))
            for value in values
        ]
    texts = (str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    return [f"cast({quote_literal(text)} as {type_in('postgresql', column.type)})" for text in texts]
