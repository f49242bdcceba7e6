"""DuckDB relations: their query runs once, on the user's connection, into a file of the workspace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import duckdb

from colprofile.inputs import InputReading
from colprofile.sources.base import Source, SourceColumn
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.spool import spooled_batches

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace

_NAME = "colprofile_relation"


class _Queries:
    """As much of a connection as a DuckDBSource needs to read: the queries of one relation."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """Return the relation of a query in which the relation is a table of the name ``_NAME``."""
        return self._relation.query(_NAME, query)


def relation_of_relation(relation: duckdb.DuckDBPyRelation, workspace: Workspace) -> Relation:
    """Return the relation of a DuckDB relation's rows, in the workspace.

    Raises
    ------
    SourceError
        Its query fails.
    """
    reading = InputReading(format="DuckDB relation", reader="DuckDB")
    queries = cast("duckdb.DuckDBPyConnection", _Queries(relation))
    source = DuckDBSource(queries, _NAME, description=reading.format, table=None)
    return spooled_source(source, workspace, reading)


def spooled_source(source: Source, workspace: Workspace, reading: InputReading) -> Relation:
    """Return the relation of all rows of a source, which is read once and now, in this thread."""
    readable = [column for column in source.columns if column.expression is not None]
    # Rows of which no column can be read are rows all the same.
    schema, batches = source.batches(readable or [SourceColumn("", "", "text", "null")])
    table = spooled_batches(schema, batches, workspace, reading.format)
    numbers = iter(range(len(readable)))
    columns = [
        column if column.expression is None else replace(column, expression=f"c{next(numbers)}")
        for column in source.columns
    ]
    return Relation(
        sql=workspace.register(table), reading=reading, columns=columns, expected_rows=lambda: table.num_rows
    )
