"""Structure: the shape of JSON records, merged from those of each, and the SQL types that hold all of their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from colprofile.errors import shorten
from colprofile.sources.files.json.types import TEMPORAL
from colprofile.sources.identifiers import quote_identifier

_INTEGERS = {"UBIGINT", "BIGINT"}
_MOST_MEMBERS = 10_000  # of objects in columns: those of more are maps, whatever their first records look like


def merged_structures(structures: Iterable[Any]) -> Any:
    """Return one structure for all records, from DuckDB's ``json_structure`` of each.

    A scalar is the name of its type, "JSON" where there are several; a list has one item; an object is a dict.

    >>> merged_structures([{"a": "UBIGINT", "b": "JSON"}, {"a": "DOUBLE", "b": {"c": ["NULL"]}}])
    {'a': 'DOUBLE', 'b': {'c': ['NULL']}}
    """
    found: Any = "NULL"
    for structure in structures:
        found = _merged(found, _with_empty_objects(structure))
    return found


def _with_empty_objects(structure: Any) -> Any:
    """Return a record's structure with {} for an object without members, which DuckDB calls "JSON" too."""
    if isinstance(structure, dict):
        return {name: _with_empty_objects(inner) for name, inner in structure.items()}
    return {} if structure == "JSON" else structure


def _merged(one: Any, other: Any) -> Any:
    """Return one structure for both; ``one`` may be changed."""
    if one == other or other == "NULL":
        return one
    if one == "NULL":
        return other
    if isinstance(one, dict) and isinstance(other, dict):
        for name, inner in other.items():  # in place: a copy for each record would take quadratic time
            one[name] = _merged(one[name], inner) if name in one else inner
        return one
    if isinstance(one, list) and isinstance(other, list):
        return [_merged(one[0], other[0])]
    if isinstance(one, str) and isinstance(other, str) and {one, other} <= {"DOUBLE", *_INTEGERS}:
        return "DOUBLE" if "DOUBLE" in (one, other) else "BIGINT"
    return "JSON"


def own_names(described: Iterable[str], structure: Iterable[str]) -> list[str]:
    """Return the members' names behind DuckDB's, which numbers those that differ in case alone.

    >>> own_names(["a", "A_1", "b_1"], ["A", "a", "b_1"])
    ['a', 'A', 'b_1']
    """
    left = set(structure)
    names: list[str] = []
    for name in described:
        base = re.sub(r"_\d+$", "", name)
        names.append(name if name in left else base if base in left else name)
        left.discard(names[-1])
    return names


class StructureTypes:
    """SQL types that hold every value that ``merged_structures`` describes.

    Attributes
    ----------
    remarks
        What a person should know of the types that were asked for.
    """

    def __init__(self, *, has_long_integers: bool) -> None:
        self._integer = "HUGEINT" if has_long_integers else "BIGINT"
        self.remarks: list[str] = []

    def of(self, structure: Any, hint: Any, shown: str) -> str:
        """Return the type of a structure.

        >>> StructureTypes(has_long_integers=False).of({"a": ["UBIGINT"], "b": {"c": "VARCHAR"}}, None, "x")
        'STRUCT("a" BIGINT[], "b" STRUCT("c" VARCHAR))'

        Parameters
        ----------
        hint
            DuckDB's type of some of the values, or None: texts that it takes for dates may be such, objects for maps.
        shown
            What the value is called.
        """
        if isinstance(structure, list):
            inner = hint.children[0][1] if hint is not None and hint.id == "list" else None
            return f"{self.of(structure[0], inner, shown)}[]"
        if isinstance(structure, dict) and structure:
            return self._of_object(structure, hint, shown)
        if structure == "VARCHAR" and hint is not None and (hint.id == "uuid" or hint.id in TEMPORAL):
            return str(hint)
        if structure == {}:
            return "JSON"
        return {"UBIGINT": self._integer, "BIGINT": self._integer, "NULL": '"NULL"'}.get(structure, str(structure))

    def _of_object(self, structure: Mapping[str, Any], hint: Any, shown: str) -> str:
        if hint is not None and hint.id == "map":
            inner = {self.of(member, None, shown) for member in structure.values()} - {'"NULL"'}
            return f"MAP(VARCHAR, {inner.pop() if len(inner) == 1 else 'JSON'})"
        if len({name.lower() for name in structure}) < len(structure) or not all(structure):
            self.remarks.append(
                f"{shorten(shown)!r} has members that differ in case alone, or have no name: it is read as JSON."
            )
            return "JSON"
        if len(structure) > _MOST_MEMBERS:
            return "MAP(VARCHAR, JSON)"
        hints = dict(hint.children) if hint is not None and hint.id == "struct" else {}
        members = (
            f"{quote_identifier(name)} {self.of(kind, hints.get(name), f'{shown}.{name}')}"
            for name, kind in structure.items()
        )
        return f"STRUCT({', '.join(members)})"
