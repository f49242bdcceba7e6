"""Types of JSON values that lose nothing: what DuckDB infers, checked against every value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from colprofile.errors import shorten
from colprofile.sources.identifiers import member_expression, quote_identifier, quote_literal

TEMPORAL = frozenset(
    ["date", "time", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"]
)
"""DuckDB's types of dates and times that it makes of texts."""

_EXACT = 1 << 53  # up to here a 64-bit float holds every integer
_MOST_DECIMALS = 38
_INTEGER = "-?[0-9]+"
_ONE_FORM = r"0000-00-00|00:00:00(\.0{1,6})?|0000-00-00[ T]00:00(:00(\.0{1,6})?)?(Z|[+-]00(:?00)?)?"
"""Dates and times whose texts and values are one to one as long as all have the same of these forms, digits being 0."""


@dataclass(frozen=True)
class _Leaf:
    """A value at a path of members, and the type that DuckDB infers for it."""

    path: tuple[str, ...]
    type: str

    @property
    def expression(self) -> str:
        """SQL that yields it."""
        return member_expression(self.path)

    @property
    def shown(self) -> str:
        """Its name for people."""
        return repr(shorten(".".join(self.path)))


@dataclass(frozen=True)
class JsonTypes:
    """The types by column, as SQL writes them, and what a person should know of them."""

    columns: Mapping[str, str]
    remarks: tuple[str, ...]
    rows: int


def checked_types(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Any], call: Sequence[str]) -> JsonTypes:
    """Return types of columns that hold every value as it is written.

    Integers beyond 64 bits, and beyond what a float holds, become HUGEINT, DECIMAL or text, instead of floats. Texts
    are dates, times or UUIDs only where no two texts that differ would become one value.

    Parameters
    ----------
    columns
        DuckDB's inferred type of each column.
    call
        The arguments of ``read_json`` before ``columns``.
    """
    leaves = [leaf for name, kind in columns.items() for leaf in _leaves((name,), kind)]
    as_text = {leaf.path: "JSON" if leaf.type == "JSON" else "VARCHAR" for leaf in leaves}
    texts = {name: _type_text((name,), kind, as_text) for name, kind in columns.items()}
    counts = (f"count({quote_identifier(name)})" for name in columns)  # every value is converted once, here
    counts = (f"count({quote_identifier(name)})" for name in columns)  # every value is converted once, here
    source = f"read_json({', '.join([*call, columns_argument(texts)])})"
    measured = ", ".join(["count(*)", *map(_measure, leaves), *counts])
    row = connection.execute(f"select {measured} from {source}").fetchall()[0]
    chosen: dict[tuple[str, ...], str] = {}
    remarks: list[str] = []
    for leaf, found in zip(leaves, row[1 : len(leaves) + 1], strict=True):
        if leaf.type == "DOUBLE" and found:
            [[found]] = connection.execute(f"select {_number_measure(leaf)} from {source}").fetchall()
        chosen[leaf.path], remark = _chosen(leaf, found)
        if remark:
            remarks.append(remark)
    return JsonTypes(
        {name: _type_text((name,), kind, chosen) for name, kind in columns.items()}, tuple(remarks), row[0]
    )


def columns_argument(types: Mapping[str, str]) -> str:
    """Return the argument of ``read_json`` that gives the types of columns."""
    return f"columns={{{', '.join(f'{quote_literal(name)}: {quote_literal(kind)}' for name, kind in types.items())}}}"


def _leaves(path: tuple[str, ...], kind: Any) -> Iterator[_Leaf]:
    """Yield the values that are to be checked: none in lists and maps."""
    if kind.id == "struct":
        for name, inner in kind.children:
            yield from _leaves((*path, name), inner)
    elif kind.id in ("double", "hugeint", "uuid") or kind.id in TEMPORAL or str(kind) == "JSON":
        yield _Leaf(path, str(kind))


def _type_text(path: tuple[str, ...], kind: Any, chosen: Mapping[tuple[str, ...], str]) -> str:
    """Return a type as SQL writes it, with the types chosen for its leaves; in lists, texts stay texts."""
    if path in chosen:
        return chosen[path]
    if kind.id == "struct":
        members = [(quote_identifier(name), _type_text((*path, name), inner, chosen)) for name, inner in kind.children]
        return f"STRUCT({', '.join(f'{name} {inner}' for name, inner in members)})"
    if kind.id == "list":
        return f"{_type_text((*path, ''), kind.children[0][1], chosen)}[]"
    if kind.id == "map":
        return f"MAP(VARCHAR, {_type_text((*path, ''), kind.children[1][1], chosen)})"
    if kind.id == "uuid" or kind.id in TEMPORAL:
        return "VARCHAR"
    return str(kind)


def _measure(leaf: _Leaf) -> str:
    """Return SQL that measures what tells the right type of a leaf that is read as text."""
    x = leaf.expression
    if leaf.type == "DOUBLE":  # how many integers no float holds; CASE looks closely at large numbers only
        return f"count(case when abs({x}::double) >= {_EXACT} and regexp_full_match({x}, '{_INTEGER}') then 1 end)"
    if leaf.type == "HUGEINT":
        return f"bool_or(try_cast({x} as bigint) is null and {x} is not null)"
    if leaf.type == "JSON":
        return f"histogram(case when {x} is not null then json_type({x}) end)"
    if leaf.type == "UUID":
        return f"bool_and(length({x}) = 36 and {x} = lower({x}))"
    form = f"translate({x}, '123456789', '000000000')"
    return f"{{'least': min({form}), 'most': max({form})}}"


def _number_measure(leaf: _Leaf) -> str:
    """Return SQL that measures what exact type holds numbers that are read as text."""
    x = leaf.expression
    return (
        f"{{'integers': bool_and(regexp_full_match({x}, '{_INTEGER}')), "
        f"'fit': bool_and(try_cast({x} as hugeint) is not null), "
        f"'whole': max(length(regexp_extract({x}, '^-?([0-9]+)', 1))), "
        f"'scale': max(length(regexp_extract({x}, '[.]([0-9]+)$', 1))), "
        f"'plain': bool_and(regexp_full_match({x}, '-?[0-9]+([.][0-9]+)?'))}}"
    )


def _chosen(leaf: _Leaf, found: Any) -> tuple[str, str]:
    """Return the type of a leaf, and a sentence about it where it is not plain."""
    if leaf.type == "DOUBLE":
        return _number_type(leaf, found) if found else ("DOUBLE", "")
    if leaf.type == "HUGEINT":
        return ("HUGEINT" if found else "BIGINT"), ""
    if leaf.type == "JSON":
        return "JSON", _mixture(leaf, found)
    if leaf.type == "UUID":
        return ("UUID" if found else "VARCHAR"), ""
    is_one_to_one = found["least"] == found["most"] and re.fullmatch(_ONE_FORM, found["least"] or "")
    return (leaf.type if is_one_to_one else "VARCHAR"), ""


def _number_type(leaf: _Leaf, found: Any) -> tuple[str, str]:
    """Return the type of numbers among which there are integers that no float holds."""
    if found["integers"] and found["fit"]:
        return "HUGEINT", ""
    if found["integers"]:
        return "VARCHAR", f"{leaf.shown} has integers of more than 38 digits: it is read as text."
    if found["plain"] and found["whole"] + found["scale"] <= _MOST_DECIMALS:
        return f"DECIMAL(38,{found['scale']})", ""
    return "VARCHAR", f"{leaf.shown} has integers that no 64-bit float holds, among other numbers: it is read as text."


_WORDS = {
    **dict.fromkeys(["UBIGINT", "BIGINT", "DOUBLE", "HUGEINT", "UHUGEINT"], "number"),
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "OBJECT": "object",
    "ARRAY": "list",
}


def _mixture(leaf: _Leaf, histogram: Mapping[str, int] | None) -> str:
    """Return what kinds of values a column holds whose values are of several."""
    counts: dict[str, int] = {}
    for name, count in (histogram or {}).items():
        if name in _WORDS:
            counts[_WORDS[name]] = counts.get(_WORDS[name], 0) + count
    if len(counts) < 2:
        return ""
    total = sum(counts.values())
    listed = sorted(counts.items(), key=lambda item: -item[1])
    shares = ", ".join(f"{count:,} {word}{'s' * (count > 1)}" for word, count in listed)
    return f"{leaf.shown} is of several types ({shares} in {total:,} values): each is read as the JSON that it is."


def has_listed_floats(kind: Any, *, is_listed: bool = False) -> bool:
    """Whether a type has floats in its lists or maps."""
    if kind.id == "double":
        return is_listed
    inner = kind.children if kind.id in ("struct", "list", "map") else []
    return any(has_listed_floats(member, is_listed=is_listed or kind.id != "struct") for _, member in inner)
