"""DuckDB relations: their query runs once, on the user's connection, into a file of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import duckdb

from colprofile.inputs import InputReading
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.spool import spooled_source

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace

_NAME = "colprofile_relation"


class _Queries:
    """As much of a connection as a DuckDBSource needs to read: the queries of one relation."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """Return the relation of a query in which the relation is a table of the name ``_NAME``."""
        found = self._relation.query(_NAME, query)
        assert found is not None  # None is for statements that are no queries
        return found


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
