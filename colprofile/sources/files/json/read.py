"""JSON files, by DuckDB, with types that lose nothing and records counted independently."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.files.json.errors import clear_errors
from colprofile.sources.files.json.prepare import PreparedFile, prepared_file
from colprofile.sources.files.json.types import (
    JsonTypes,
    checked_types,
    columns_argument,
    has_listed_floats,
    has_twins,
    may_have_twins,
)
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.flatten import flattened
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace

_LARGEST_OBJECT = 1 << 24
_MOST_LIKE_A_MAP = (200, -1)
"""From so many members on DuckDB takes an object for a map; -1 for never."""


@dataclass(frozen=True, kw_only=True)
class _Inferred:
    """What DuckDB infers of all records.

    Attributes
    ----------
    columns
        Types by column; without ``are_members`` the one column ``json``, which is the whole record.
    are_members
        Whether the columns are the records' members.
    names
        The members' own names where DuckDB changes them, for two differ in case alone, else None.
    """

    columns: Mapping[str, Any]
    are_members: bool
    names: Sequence[str] | None = None


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of JSON files: one record a line, one after the other, or in one list.

    One object with a single list of objects is that list. Every value keeps what is written: see ``checked_types``.

    Raises
    ------
    SourceError
        A file has no records, is no JSON, or has records that are no objects among others that are.
    """
    prepared = [prepared_file(file, workspace, options) for file in files]
    filled = [item for item in prepared if item.layout.records]
    if not filled:
        raise SourceError(f"{shorten(files[0].shown, 200)!r} has no records: there is nothing to profile")
    with clear_errors([(item.file, item.layout) for item in filled]):
        inferred = _inferred(workspace.connection, filled)
        call = [*_call(filled), f"records={str(inferred.are_members).lower()}"]
        if inferred.names is None:
            types = checked_types(workspace.connection, inferred.columns, call)
            call.append(columns_argument(types.columns))
        else:
            call.append("sample_size=-1")
            types = _as_inferred(workspace.connection, inferred, call)
    relation = Relation(
        sql=f"read_json({', '.join(call)})",
        reading=_reading(prepared, inferred, types),
        names=inferred.names,
        expected_rows=lambda: types.rows,
    )
    if not inferred.are_members:
        relation = replace(relation, sql=f"(select json as value from {relation.sql})")
    elif filled[0].is_geojson:
        relation = _properties(relation, inferred.columns)
    return flattened(relation, workspace.connection, options.flatten)


def _call(prepared: Sequence[PreparedFile]) -> list[str]:
    """Return the arguments of ``read_json`` that say how the records lie."""
    kinds = {item.layout.kind for item in prepared}
    longest = max(item.layout.longest for item in prepared)
    return [
        f"[{', '.join(quote_literal(item.layout.path) for item in prepared)}]",
        f"format='{kinds.pop() if len(kinds) == 1 else 'auto'}'",
        f"maximum_object_size={max(_LARGEST_OBJECT, longest + 1024)}",
        "compression='none'",
    ]


def _inferred(connection: duckdb.DuckDBPyConnection, prepared: Sequence[PreparedFile]) -> _Inferred:
    call = _call(prepared)
    are_objects = prepared[0].layout.objects > 0
    arguments = [*call, "sample_size=-1", f"records='{'auto' if are_objects else 'false'}'"]
    columns: dict[str, Any] = {}
    for threshold in _MOST_LIKE_A_MAP:
        sql = f"select * from read_json({', '.join([*arguments, f'map_inference_threshold={threshold}'])}) limit 0"
        try:
            found = connection.sql(sql)
        except duckdb.NotImplementedException as error:
            if "Duplicate name" not in str(error):
                raise
            return _with_whole_objects(connection, call)
        columns = dict(zip(found.columns, found.types, strict=True))
        # A map in place of all columns: the records have few members in common.
        if not are_objects or list(columns) != ["json"] or columns["json"].id != "map":
            break
    if not are_objects or (list(columns) == ["json"] and not _has_member(connection, call, "json")):
        return _Inferred(columns=columns, are_members=False)
    if may_have_twins(columns):
        objects = f"read_json_objects({', '.join(call)})"
        structure = json.loads(connection.sql(f"select json_group_structure(json) from {objects}").fetchall()[0][0])
        if has_twins(structure):
            return _Inferred(columns=columns, are_members=True, names=list(structure))
    return _Inferred(columns=columns, are_members=True)


def _with_whole_objects(connection: duckdb.DuckDBPyConnection, call: Sequence[str]) -> _Inferred:
    """Return columns of which those with members of their own are read whole: some differ in case alone."""
    objects = f"read_json_objects({', '.join(call)})"
    structure = json.loads(connection.sql(f"select json_group_structure(json) from {objects}").fetchall()[0][0])
    if len({name.lower() for name in structure}) < len(structure):
        raise SourceError("members of its records, and of objects in them, differ in case alone: rename them")
    return _Inferred(
        columns={
            name: duckdb.sqltype(kind if isinstance(kind, str) and kind != "NULL" else "JSON")
            for name, kind in structure.items()
        },
        are_members=True,
    )


def _has_member(connection: duckdb.DuckDBPyConnection, call: Sequence[str], name: str) -> bool:
    has = f"list_contains(json_keys(json), {quote_literal(name)})"
    return bool(connection.sql(f"select bool_or({has}) from read_json_objects({', '.join(call)})").fetchall()[0][0])


def _as_inferred(connection: duckdb.DuckDBPyConnection, inferred: _Inferred, call: Sequence[str]) -> JsonTypes:
    """Return DuckDB's own types, after converting all values to them."""
    counts = ", ".join(["count(*)", *(f"count({quote_identifier(name)})" for name in inferred.columns)])
    rows = connection.sql(f"select {counts} from read_json({', '.join(call)})").fetchall()[0][0]
    remark = (
        "members differ in case alone, so types are DuckDB's guesses: texts like dates are dates, and integers among "
        "other numbers are floats."
    )
    return JsonTypes({name: str(kind) for name, kind in inferred.columns.items()}, (remark,), rows)


def _reading(prepared: Sequence[PreparedFile], inferred: _Inferred, types: JsonTypes) -> InputReading:
    records = sum(item.layout.records for item in prepared)
    rejected = sum(item.rejected for item in prepared)
    remarks = [remark for item in prepared for remark in item.remarks]
    if types.rows != records:
        remarks.append(f"DuckDB reads {types.rows:,} of {records:,} records.")
    if not inferred.are_members and any(item.layout.objects for item in prepared):
        remarks.append("the records have members without a name, or none: each record is read whole, as JSON.")
    if long_numbers := sum(item.layout.long_numbers for item in prepared):
        what = "number has" if long_numbers == 1 else "numbers have"
        remarks.append(f"{long_numbers:,} {what} more digits than a 64-bit float holds: rounded.")
    if any(item.layout.long_integers for item in prepared) and any(map(has_listed_floats, inferred.columns.values())):
        remarks.append("some integers of more than 15 digits are in lists with other numbers, and are rounded.")
    encodings = {item.encoding for item in prepared}
    return InputReading(
        format="GeoJSON" if prepared[0].is_geojson else "JSON",
        reader="DuckDB",
        files=len(prepared),
        encoding=encodings.pop() if len(encodings) == 1 else None,
        guessed=("encoding",) if any(item.is_guess for item in prepared) else (),
        records=records + rejected,
        rejected_rows=rejected + max(0, records - types.rows),
        remarks=(*remarks, *types.remarks),
    )


def _properties(relation: Relation, columns: Mapping[str, Any]) -> Relation:
    """Return GeoJSON's features with their properties as columns of their own."""
    kind = columns.get("properties")
    if kind is None or kind.id != "struct":
        return relation
    own = [quote_identifier(name) for name in columns if name not in ("type", "properties")]
    taken = {name.lower() for name in columns}
    selected = [
        f"struct_extract(properties, {quote_literal(name)}) as "
        + quote_identifier(f"properties.{name}" if name.lower() in taken else name)
        for name, _ in kind.children
    ]
    return replace(relation, sql=f"(select {', '.join([*own, *selected])} from {relation.sql})")
