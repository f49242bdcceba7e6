"""``query=``: one query over files, each of which is a view by its name."""

from __future__ import annotations

import contextlib
import glob
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

from colprofile.errors import ArgumentError, SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.folders import list_folder
from colprofile.sources.files.lakes import lake_kind
from colprofile.sources.files.relation import Relation, named_sql
from colprofile.sources.files.streams import STANDARD_INPUT, stream_name
from colprofile.sources.files.union import joined_reading
from colprofile.sources.identifiers import quote_identifier
from colprofile.sources.workspace import Workspace

DATA = "data"
"""The name of a single source in a query."""


def query_relation(
    query: str, given: Sequence[Any], read: Callable[[Sequence[Any]], Relation], workspace: Workspace
) -> Relation:
    """Return the relation of a query over files.

    Parameters
    ----------
    query
        One SELECT. A file is named by its name without ending, by its whole name, or by its path in quotes; a single
        one also as ``data``. Paths of other files in quotes are read too.
    given
        What the user named.
    read
        Returns the relation of some of that.

    Raises
    ------
    ArgumentError
        It is not one query, or DuckDB refuses it.
    SourceNotFound
        It names a table that is none of the files.
    """
    names = _tables_of(query, workspace.connection)
    places = _names_of(given)
    relations = []
    for name in names:
        place = _place(name, places)
        relation = read([place])
        rows = named_sql(relation, workspace.connection)
        workspace.connection.execute(f"create temp view {quote_identifier(name)} as select * from {rows}")
        relations.append(relation)
    if not relations:
        raise ArgumentError(f"query={shorten(query)!r} reads no file. {did_you_mean('', places)}")
    sql = f"({_without_end(query)}\n)"
    try:
        # Nothing in it may mean a variable of this program.
        workspace.connection.execute("set python_enable_replacements = false")
        workspace.connection.sql(f"select * from {sql} limit 0")
    except duckdb.Error as error:
        raise ArgumentError(f"query={shorten(query)!r} cannot be run: {first_line(error)}") from error
    reading = joined_reading([relation.reading for relation in relations])
    return Relation(sql=sql, reading=replace(reading, query=query))


def _tables_of(query: str, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the tables that a query reads, as far as they are not qualified by a schema."""
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise ArgumentError(f"query={shorten(query)!r} is not SQL: {first_line(error)}") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise ArgumentError(f"query={shorten(query)!r} is not one query: give a single SELECT")
    given = [_without_end(query)]
    tree = json.loads(connection.execute("select json_serialize_sql(?::varchar)", given).fetchall()[0][0])
    if tree.get("error"):
        raise ArgumentError(f"query={shorten(query)!r} is not a plain SELECT: {tree.get('error_message')}")
    defined = {entry["key"].lower() for node in _nodes(tree) for entry in (node.get("cte_map") or {}).get("map", ())}
    tables = [
        node["table_name"]
        for node in _nodes(tree)
        if node.get("type") == "BASE_TABLE" and not node.get("schema_name") and not node.get("catalog_name")
    ]
    return list({name.lower(): name for name in tables if name.lower() not in defined}.values())


def _without_end(query: str) -> str:
    """Return a single statement without its semicolon, and what comments follow it."""
    # Positions are in bytes.
    data = query.encode("utf-8", "surrogatepass")
    ends = (
        at for at, kind in duckdb.tokenize(query) if kind == duckdb.token_type.operator and data[at : at + 1] == b";"
    )
    return data[: next(ends, len(data))].decode("utf-8", "surrogatepass")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _names_of(given: Sequence[Any]) -> dict[str, Any]:
    """Return what the user named by the names that a query may use for it; the shorter one first in messages."""
    names: dict[str, Any] = {DATA: given[0]} if len(given) == 1 else {}
    doubtful: set[str] = set()
    for place in [part for named in given for part in [named, *_within(named)]]:
        whole = place if isinstance(place, str) else stream_name(place)
        base = PurePath(unquote(urlsplit(whole).path) if "://" in whole else whole).name
        for name in dict.fromkeys([base.partition(".")[0], base, whole]):
            if name in ("", STANDARD_INPUT) or (name == DATA and len(given) == 1):
                continue
            if names.setdefault(name, place) is not place:
                doubtful.add(name)
    for name in doubtful:
        del names[name]
    return names


def _within(place: Any) -> Sequence[str]:
    """Return the files in a folder, or that match a pattern."""
    if not isinstance(place, str) or lake_kind(place) is not None:
        return ()
    if os.path.isdir(place):
        with contextlib.suppress(SourceError):
            return list_folder(place, place).data
        return ()
    return sorted(glob.glob(place, recursive=True)) if not os.path.exists(place) and "://" not in place else ()


def _place(name: str, places: dict[str, Any]) -> Any:
    """Return what a name in a query stands for."""
    folded = {known.lower(): place for known, place in places.items()}
    if name in places or name.lower() in folded:
        return places.get(name, folded.get(name.lower()))
    if os.path.exists(name) or "/" in name or "*" in name:
        return name
    raise SourceNotFound(f"no table {shorten(name)!r} for the query. {did_you_mean(name, places)}")
