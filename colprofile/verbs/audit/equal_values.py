"""Whether two columns that determine each other hold the same values, as they are or after a cast."""

from __future__ import annotations

from colprofile.values import Value
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.matching_values import value_pairs


def has_equal_values(audited: AuditedTable, x: int, y: int) -> bool:
    """Whether every row holds the same value in both columns: in text form, ``1.0`` being ``1``."""
    form_x, form_y = _form(audited, x), _form(audited, y)
    pairs = (pair for chunk in value_pairs(audited, x, y) for pair in chunk)
    return all(canonical_text(a, form_x) == canonical_text(b, form_y) for a, b in pairs)


def _form(audited: AuditedTable, number: int) -> str:
    """Return the kind for ``canonical_text``. A boolean differs from true and false as text."""
    column = audited.columns[number]
    name = column.type.lower()
    if column.kind == "boolean":
        return "boolean"
    return "decimal" if name.startswith(("decimal", "numeric")) else "timestamp" if name.startswith("timestamp") else ""


def canonical_text(value: Value, kind: str = "") -> str:
    """Return a value's text so that equal values of different types agree.

    ``kind`` is "decimal", "boolean" or "timestamp" for values of these types, whose texts have several forms.

    >>> canonical_text(1.0), canonical_text("1"), canonical_text(0.5), canonical_text("1.50")
    ('1', '1', '0.5', '1.50')
    >>> canonical_text("1.50", "decimal"), canonical_text(True, "boolean")
    ('1.5', '1')
    >>> canonical_text("2020-01-31 00:00:00", "timestamp")
    '2020-01-31'
    """
    if kind == "boolean":
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if kind == "decimal" and "." in text:
        return text.rstrip("0").rstrip(".")
    return text.removesuffix(" 00:00:00") if kind == "timestamp" else text
