"""open_spark: a Spark DataFrame, or a table or query of a Spark session, as a source."""

from __future__ import annotations

from typing import Any

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.sources.base import SourceColumn
from colprofile.sources.identifiers import is_query
from colprofile.sources.partitions.source import PartitionedSource
from colprofile.sources.restrict import checked_text
from colprofile.sources.spark.engine import SparkEngine
from colprofile.sources.spark.errors import readable_errors
from colprofile.sources.spark.recognise import is_spark_session
from colprofile.sources.spark.types import spark_column
from colprofile.sources.workspace import Workspace


def open_spark(source: Any, table: str | None, where: str | None, workspace: Workspace) -> PartitionedSource:
    """Open a DataFrame, or what ``table`` names of a session: a table, a view or a query.

    Raises
    ------
    ArgumentError
        ``table`` is given with a DataFrame, or not with a session; ``where`` is not allowed.
    SourceError
        There is no such table, or it has no columns.
    """
    is_session = is_spark_session(source)
    description = "the Spark session" if is_session else "the Spark DataFrame"
    if not is_session and table is not None:
        raise ArgumentError(f"a Spark DataFrame is not a database: it has no table {shorten(table)!r}")
    if is_session and table is None:
        raise ArgumentError("the Spark session has many tables: name one with table=, or give a query")
    with readable_errors(description):
        frame = source
        if is_session:
            frame = source.sql(table) if is_query(str(table)) else source.table(table)
        if where is not None:
            frame = frame.where(f"({checked_text(where, 'spark')}\n)")
        fields = frame.schema.fields
    if not fields:
        raise SourceError(f"{description} has no columns")
    columns = [spark_column(field.dataType) for field in fields]
    skipped = [
        None
        if column.expression is not None
        else SourceColumn(field.name, field.dataType.simpleString(), "nested", None, column.reason)
        for field, column in zip(fields, columns, strict=True)
    ]
    with readable_errors(description):
        engine = SparkEngine(frame, columns, description)
    return PartitionedSource(engine, None if table is None else shorten(table, 500), workspace, skipped)
