"""opened_relation: the source of a relation in a private DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from colprofile.sources.base import SourceColumn
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.files.relation import Relation
from colprofile.sources.identifiers import quote_identifier
from colprofile.sources.workspace import Workspace


def opened_relation(relation: Relation, shown: str, workspace: Workspace) -> DuckDBSource:
    """Return the source of a relation in a workspace, which is closed with it; ``shown`` is how results name it."""
    source = DuckDBSource(
        workspace.connection,
        relation.sql,
        description=shown,
        table=None,
        names=relation.names,
        stored_bytes=relation.stored_bytes,
        expected_rows=relation.expected_rows,
        reading=relation.reading,
        has_collations="collate" in (relation.reading.query or "").lower(),
        close=workspace.close,
    )
    if relation.columns is not None:
        source.columns = _merged(relation.columns, source.columns, source.sql_names)
    # People know the rows of what they gave, not of what a query or a condition leaves of it.
    source.has_row_numbers = relation.reading.query is None and relation.reading.where is None
    return source


def _merged(
    given: Sequence[SourceColumn | None], described: Sequence[SourceColumn], sql_names: Sequence[str]
) -> tuple[SourceColumn, ...]:
    """Return all columns of an input: those given, and in place of None what DuckDB says of them."""
    rest = iter(zip(described, sql_names, strict=True))
    columns = []
    for column in given:
        if column is not None and column.expression is None:
            columns.append(column)
            continue
        found, sql_name = next(rest)
        if column is not None and column.expression is not None:
            found = replace(column, expression=column.expression.replace("@", quote_identifier(sql_name)))
        columns.append(found)
    return tuple(columns)
