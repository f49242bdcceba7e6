"""What DuckDB calls equal: collations of texts, and SQL whose text is the same just where two values are equal.

The text of a value does not always decide: a month is 30 days, −0.0 is 0.0, a union's 1 is not its '1', and a collation
may ignore case. Within one query DuckDB ranks such values. Between two, their *keys* are compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from colprofile.sources.identifiers import quote_identifier, quote_literal

Stored = Mapping[str, Any] | None
"""A type as DuckDB's plans have it, with the collations of its texts; None where there is no plan."""

_BY_BYTES = frozenset({"", "binary", "c", "posix"})
_FOLDED = {"nocase": "lower", "noaccent": "strip_accents", "nfc": "nfc_normalize"}


def default_collation(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the collation of texts that have none of their own; empty where they are compared byte by byte."""
    found = connection.sql("select current_setting('default_collation')").fetchall()[0][0]
    return _checked(str(found or ""))


def stored_types(
    connection: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str], types: Sequence[Any]
) -> list[Stored]:
    """Return the types of a relation's columns as a plan has them; only asked where some hold texts.

    DuckDB cannot write down the plans of all relations, such as those of frames. Then only the collations of whole
    columns are known, from how it would sort them.
    """
    if not any(_holds(kind, "varchar") for kind in types):
        return [None] * len(types)
    try:
        query = f"select json_serialize_plan({quote_literal(f'select * from {relation} limit 0')}, optimize := false)"
        found = _types_of(json.loads(connection.sql(query).fetchall()[0][0]))
    except duckdb.Error:
        found = []
    if len(found) == len(names):
        return found
    is_text = [str(kind.id) == "varchar" for kind in types]
    texts = [quote_identifier(name) for name, is_one in zip(names, is_text, strict=True) if is_one]
    collations = iter(_sorted_by(connection, relation, texts))
    return [{"type_info": {"collation": next(collations)}} if is_one else None for is_one in is_text]


def _types_of(plan: dict[str, Any]) -> list[Stored]:
    """Return the types of what the last projection of a plan returns."""
    node = next(iter(plan.get("plans") or ()), None)
    while node is not None:
        if node.get("expressions"):
            return [expression.get("return_type") for expression in node["expressions"]]
        node = next(iter(node.get("children") or ()), None)
    return []


def _sorted_by(connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> list[str]:
    """Return the collations of some columns, read from the plans of sorting by each."""
    if not columns or not _collation_in(_plan_of_sorting(connection, relation, ", ".join(columns))):
        return [""] * len(columns)
    found = []
    for column in columns:
        nodes = json.loads(_plan_of_sorting(connection, relation, column))
        sorting = ""
        while nodes and not sorting:
            sorting = str((nodes[0].get("extra_info") or {}).get("Order By") or "")
            nodes = nodes[0].get("children")
        found.append(_collation_in(sorting))
    return found


def _plan_of_sorting(connection: duckdb.DuckDBPyConnection, relation: str, columns: str) -> str:
    query = f"explain (format json) select 1 from {relation} order by {columns}"
    return str(connection.sql(query).fetchall()[0][1])


def _collation_in(sorting: str) -> str:
    """Return the collation whose functions a plan calls, empty where it calls none.

    >>> _collation_in("collate_de(strip_accents(#1)) ASC"), _collation_in("#1 ASC")
    ('de.noaccent', '')
    """
    named = sorting.partition("collate_")[2].partition("(")[0]
    return ".".join(filter(None, [named, *(name for name, function in _FOLDED.items() if f"{function}(" in sorting)]))


def collation_of(stored: Stored, default: str) -> str:
    """Return the collation of a text of this type, the default one where it has none; empty where it is by bytes.

    >>> collation_of({"id": "VARCHAR", "type_info": {"collation": "NOCASE"}}, ""), collation_of(None, "de")
    ('nocase', 'de')
    """
    info = (stored or {}).get("type_info") or {}
    own = info.get("collation") or ""
    return _checked(own) if own else default


def _checked(name: str) -> str:
    name = name.lower()
    return "" if name in _BY_BYTES else name


def folded(text: str, collation: str) -> str:
    """Return SQL that is equal for texts that a collation calls equal.

    >>> folded("x", "nocase"), folded("x", "de.noaccent"), folded("x", "")
    ('lower(x)', 'hex("collate_de"(strip_accents(x)))', 'x')
    """
    parts = collation.split(".") if collation else []
    for part in reversed([part for part in parts if part in _FOLDED]):
        text = f"{_FOLDED[part]}({text})"
    for part in parts:
        if part not in _FOLDED and part not in _BY_BYTES:
            text = f"hex({quote_identifier(f'collate_{part}')}({text}))"
    return text


def key_of(kind: Any, value: str, stored: Stored, default: str) -> str | None:
    """Return SQL whose text is the same just where two values are equal; None where the values' own text is.

    Parameters
    ----------
    kind
        The type, as ``relation.types`` has it.
    value
        SQL of the value.
    stored
        The same type with its collations.
    default
        The collation of texts that have none.
    """
    return _Keys(default).of(kind, value, stored)


def is_mapped(kind: Any) -> bool:
    """Whether a type holds intervals in a map, which DuckDB groups as equal but sorts as different."""
    return _holds(kind, "map") and _holds(kind, "interval") and not _holds(kind, "variant")


def _holds(kind: Any, wanted: str) -> bool:
    return str(kind.id) == wanted or any(_holds(child, wanted) for _, child in _children(kind))


def _children(kind: Any) -> list[tuple[str, Any]]:
    """Return the types within a nested type, by name."""
    if str(kind.id) not in ("list", "array", "struct", "tuple", "map", "union"):
        return []
    children = [(name, child) for name, child in kind.children if isinstance(child, type(kind))]
    return children[1:] if str(kind.id) == "union" else children  # the first one of a union is its tag


class _Keys:
    """Builds keys; each lambda has a name of its own."""

    def __init__(self, default: str) -> None:
        self._default = default
        self._lambdas = 0
        self._is_in_map = False

    def of(self, kind: Any, value: str, stored: Stored) -> str | None:
        """Return the key of a value of this type; None where the value's text will do."""
        identifier = str(kind.id)
        match identifier:
            case "interval":
                return f"normalized_interval({value})"
            case "float" | "double":
                return f"case when {value} = 0 then '0' when isnan({value}) then 'nan' else {value}::varchar end"
            case "varchar":
                # Within maps, texts and variants are compared as they are.
                collation = "" if self._is_in_map else collation_of(stored, self._default)
                return folded(value, collation) if collation else None
            case "variant":
                if self._is_in_map:
                    return f"variant_typeof({value}) || ' ' || {value}::varchar"
                return f"hex(variant_comparator({value}))"
            case "list" | "array":
                return self._of_list(kind, value, stored)
            case "map":
                return self._of_map(kind, value, stored)
            case "struct" | "tuple":
                return self._of_struct(kind, value, stored)
            case "union":
                return self._of_union(kind, value)
        return None

    def _variable(self) -> str:
        self._lambdas += 1
        return f"colprofile_{self._lambdas}"

    def _of_list(self, kind: Any, value: str, stored: Stored) -> str | None:
        each = self._variable()
        key = self.of(kind.children[0][1], each, _stored_child(stored, 0))
        return key and f"list_transform({value}, lambda {each}: {key})"

    def _of_map(self, kind: Any, value: str, stored: Stored) -> str | None:
        each = self._variable()
        was_in_map, self._is_in_map = self._is_in_map, True
        parts = {name: self.of(child, f"{each}.{name}", None) for name, child in _children(kind)}
        self._is_in_map = was_in_map
        if not any(parts.values()):
            return None
        fields = ", ".join(f"'{name}': {key or f'{each}.{name}'}" for name, key in parts.items())
        return f"list_transform(map_entries({value}), lambda {each}: {{{fields}}})"

    def _of_struct(self, kind: Any, value: str, stored: Stored) -> str | None:
        fields, is_needed = [], False
        for number, (name, child) in enumerate(_children(kind)):
            part = f"struct_extract({value}, {quote_literal(name) if name else number + 1})"
            key = self.of(child, part, _stored_child(stored, number))
            is_needed |= key is not None
            fields.append(f"'f{number}': {key or part}")
        return f"case when {value} is not null then {{{', '.join(fields)}}} end" if is_needed else None

    def _of_union(self, kind: Any, value: str) -> str:
        """Return the key of a union, whose texts do not say which member they are of."""
        fields = [f"'tag': union_tag({value})::varchar"]
        for number, (name, child) in enumerate(_children(kind)):
            part = f"union_extract({value}, {quote_literal(name)})"
            fields.append(f"'m{number}': {self.of(child, part, None) or part}")
        return f"case when {value} is not null then {{{', '.join(fields)}}} end"


def _stored_child(stored: Stored, number: int) -> Stored:
    """Return the type of a list's items, or of a struct's field, with its collations."""
    info = (stored or {}).get("type_info") or {}
    if "child_type" in info:
        return dict(info["child_type"])
    children = info.get("child_types") or []
    return dict(children[number]["second"]) if number < len(children) else None
