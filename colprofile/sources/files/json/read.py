"""JSON files, by DuckDB, with types that lose nothing and records counted independently."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.files.json.errors import clear_errors
from colprofile.sources.files.json.prepare import PreparedFile, prepared_file
from colprofile.sources.files.json.structure import StructureTypes, merged_structures, own_names
from colprofile.sources.files.json.types import (
    JsonTypes,
    checked_types,
    columns_argument,
    has_listed_floats,
)
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.flatten import flattened
from colprofile.sources.identifiers import quote_identifier, quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace
from colprofile.stopping import check

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
    remarks
        What a person should know of it.
    """

    columns: Mapping[str, Any]
    are_members: bool
    names: Sequence[str] | None = None
    remarks: tuple[str, ...] = ()


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
            if not inferred.columns:
                raise SourceError(
                    f"members of objects in {shorten(files[0].shown, 200)!r} differ in case alone: rename them"
                )
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
    """Return the columns of all records. DuckDB's own inference of all of them could not be interrupted."""
    call = _call(prepared)
    # Not json_group_structure, which takes more memory than the file.
    structures = connection.execute(
        f"select json_structure(json), count(*) from read_json_objects({', '.join(call)}) "
        "group by all order by 2 desc, 1"
    )
    structure = merged_structures(json.loads(text) for text in _texts(structures))
    are_objects = prepared[0].layout.objects > 0
    types = StructureTypes(has_long_integers=any(item.layout.long_integers for item in prepared))
    if not are_objects or not isinstance(structure, dict) or not structure or not all(structure):
        kind = "JSON" if are_objects else types.of(structure, None, "value")
        return _Inferred(columns={"json": duckdb.sqltype(kind)}, are_members=False, remarks=tuple(types.remarks))
    if len({name.lower() for name in structure}) < len(structure):
        columns = _described(connection, [*call, "sample_size=-1"])
        return _Inferred(columns=columns, are_members=True, names=own_names(columns, structure))
    hints = _described(connection, call)
    order = [*(name for name in hints if name in structure), *(name for name in structure if name not in hints)]
    columns = {name: duckdb.sqltype(types.of(structure[name], hints.get(name), name)) for name in order}
    return _Inferred(columns=columns, are_members=True, remarks=tuple(types.remarks))


def _texts(result: duckdb.DuckDBPyConnection) -> Iterator[str]:
    while rows := result.fetchmany(1_000):
        check()
        yield from (text for text, _ in rows if text is not None)


def _described(connection: duckdb.DuckDBPyConnection, call: Sequence[str]) -> dict[str, Any]:
    """Return the types by column that DuckDB infers, mostly from the first records: they tell dates and maps."""
    columns: dict[str, Any] = {}
    for threshold in _MOST_LIKE_A_MAP:
        sql = f"select * from read_json({', '.join([*call, f'map_inference_threshold={threshold}'])}) limit 0"
        try:
            found = connection.sql(sql)
        except duckdb.NotImplementedException:  # objects whose members differ in case alone
            return {}
        columns = dict(zip(found.columns, found.types, strict=True))
        # A map in place of all columns: the records have few members in common.
        if list(columns) != ["json"] or columns["json"].id != "map":
            break
    return columns


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
    remarks += (
        types.remarks if inferred.are_members else [remark.replace("'json'", "'value'") for remark in types.remarks]
    )
    if not inferred.are_members and any(item.layout.objects for item in prepared):
        remarks.append("the records have members without a name, or none: each record is read whole, as JSON.")
    if long_numbers := sum(item.layout.long_numbers for item in prepared):
        what = "number has" if long_numbers == 1 else "numbers have"
        remarks.append(f"{long_numbers:,} {what} more digits than a 64-bit float holds: rounded.")
    if any(item.layout.long_integers for item in prepared) and any(map(has_listed_floats, inferred.columns.values())):
        remarks.append("some integers of more than 15 digits are in lists with other numbers, and are rounded.")
    encodings = {item.encoding for item in prepared} - {"utf-8"}  # which JSON is in
    return InputReading(
        format="GeoJSON" if prepared[0].is_geojson else "JSON",
        reader="DuckDB",
        files=len(prepared),
        encoding=encodings.pop() if len(encodings) == 1 else None,
        guessed=("encoding",) if any(item.is_guess for item in prepared) else (),
        records=records + rejected,
        rejected_rows=rejected + max(0, records - types.rows),
        remarks=(*remarks, *inferred.remarks),
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
