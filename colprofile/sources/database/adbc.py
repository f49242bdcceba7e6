"""Tables and queries of ADBC connections, as Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from colprofile.errors import SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import first_line
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.arrow_columns import arrow_relation
from colprofile.sources.identifiers import is_query, only_table, quote_identifier, split_identifier

if TYPE_CHECKING:
    from colprofile.sources.workspace import Workspace

SHOWN = "ADBC connection"


def adbc_relation(connection: Any, table: str | None, workspace: Workspace) -> tuple[str, Relation]:
    """Return the name of a table or query of an ADBC connection, and its relation, read once into a file.

    It is read in the connection's own transaction, so that rows that are not committed are there.

    Raises
    ------
    SourceNotFound
        No such table; the near names are in the message.
    SourceError
        Several tables and none named, or the driver fails.
    """
    try:
        query, name = _query(connection, table)
        with connection.cursor() as cursor:
            cursor.execute(query)
            reading = InputReading(format=SHOWN, reader="ADBC")
            return name, arrow_relation(cursor.fetch_record_batch(), workspace, reading)
    except connection.Error as error:
        raise SourceError(f"cannot read the {SHOWN}: {first_line(error)}") from error


def _query(connection: Any, table: str | None) -> tuple[str, str]:
    """Return the query to run, and what it reads."""
    if table is not None and is_query(table):
        return table.strip().rstrip(";"), shorten(table.strip(), 500)
    known = list(_tables(connection))
    if table is None:
        table = only_table([name for _, name in known], f"the {SHOWN}", ": name one, or give a query")
    parts = split_identifier(table)
    for fold in (str, str.lower):
        for schema, name in known:
            if fold(name) == fold(table) or [fold(schema), fold(name)][-len(parts) :] == [*map(fold, parts)]:
                return f"select * from {'.'.join(map(quote_identifier, filter(None, (schema, name))))}", name
    raise SourceNotFound(
        f"no table {shorten(table)!r} in the {SHOWN}. {did_you_mean(table, [name for _, name in known])}"
    )


def _tables(connection: Any) -> Iterator[tuple[str, str]]:
    """Yield schema and name of all tables and views."""
    for catalog in connection.adbc_get_objects(depth="tables").read_all().to_pylist():
        for schema in catalog["catalog_db_schemas"] or ():
            for table in schema["db_schema_tables"] or ():
                if "SYSTEM" not in (table["table_type"] or "").upper():
                    yield schema["db_schema_name"] or "", table["table_name"]
