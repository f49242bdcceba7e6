"""open_spark: a Spark DataFrame, or a table or query of a Spark session, as a source."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from colprofile.errors import ArgumentError, SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.base import Fetch, SourceColumn
from colprofile.sources.identifiers import is_query
from colprofile.sources.partitions.source import PartitionedSource
from colprofile.sources.restrict import checked_text
from colprofile.sources.spark.engine import SparkEngine
from colprofile.sources.spark.errors import readable_errors
from colprofile.sources.spark.quiet import quiet
from colprofile.sources.spark.recognise import is_spark_session
from colprofile.sources.spark.sessions import activate, open_session
from colprofile.sources.spark.tables import draws_sample, frame_of, restricted_frame
from colprofile.sources.spark.types import SparkColumn, spark_column
from colprofile.sources.urls import hide_passwords
from colprofile.sources.workspace import Workspace
from colprofile.stopping import left_alone


def open_spark(
    source: Any, table: str | None, where: str | None, workspace: Workspace, fetch: Fetch = "auto"
) -> PartitionedSource:
    """Open a DataFrame, or what ``table`` names of a session or of a server: a table, a view or a query.

    Parameters
    ----------
    source
        A DataFrame, a session, or the address of a server (see ``open_session``), whose session ends with the source.

    Raises
    ------
    ArgumentError
        ``table`` is given with a DataFrame; ``where`` is not allowed; the address is none; a query asks for a sample
        that Spark does not draw.
    MissingExtra
        The address needs pyspark, which is not installed.
    SourceNotFound
        There is no such table.
    SourceError
        It has no columns, or there is no server.
    """
    with contextlib.ExitStack() as ours:
        if isinstance(source, str):
            description = hide_passwords(source)
            session, close = open_session(source)
            ours.callback(close)
        elif is_spark_session(source):
            description, session, close = "the Spark session", source, _nothing
        else:
            description, session, close = "the Spark DataFrame", None, _nothing
            if table is not None:
                raise ArgumentError(f"a Spark DataFrame is not a database: it has no table {shorten(table)!r}")
        is_sampled = table is not None and is_query(table) and draws_sample(table)
        condition = None if where is None else checked_text(where, "spark")

        def find() -> tuple[SparkEngine, str | None, list[SourceColumn | None]]:
            with readable_errors(description), quiet():
                activate(source.sparkSession if session is None else session)
                frame, name = (source, None) if session is None else frame_of(session, table, description)
                if condition is not None:
                    frame, name = restricted_frame(frame, name, condition, description)
                fields = frame.schema.fields
                columns = [spark_column(field.dataType) for field in fields]
                engine = SparkEngine(frame, columns, description, close=close, is_sampled=is_sampled)
                return engine, name, _skipped(fields, columns)

        # Spark may be asked for the first time here, and then takes its time.
        engine, name, skipped = left_alone(find)
        if not skipped:
            raise SourceError(f"{description} has no columns")
        ours.pop_all()
        opened = PartitionedSource(engine, name, workspace, skipped, fetch=fetch)
        if condition is not None and session is None:
            opened.reading = InputReading(format="Spark DataFrame", reader="Spark", where=condition)
        return opened


def _nothing() -> None:
    """Close nothing: what the user gave stays open."""


def _skipped(fields: Sequence[Any], columns: Sequence[SparkColumn]) -> list[SourceColumn | None]:
    """Return by their places the columns that cannot be counted; None for all others."""
    return [
        None
        if column.expression is not None
        else SourceColumn(field.name, field.dataType.simpleString(), "nested", None, column.reason)
        for field, column in zip(fields, columns, strict=True)
    ]
