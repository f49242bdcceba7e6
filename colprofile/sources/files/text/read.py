"""Text files with separated fields, by DuckDB."""

from __future__ import annotations

import os
from collections.abc import Sequence

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.sources.duckdb import readable_errors
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.identifiers import quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of text files."""
    quoted = f"[{', '.join(quote_literal(file.path) for file in files)}]"
    _check_sniffed(workspace.connection, quoted, files[0].shown)
    # The sniffer looks at 20,480 rows; where a later row has another type it must look at all of them.
    suffix = "" if _first_pass_reads(workspace.connection, files, quoted) else ", sample_size=-1"
    return Relation(
        sql=f"read_csv({quoted}{suffix})", reading=InputReading(format="CSV", reader="DuckDB", files=len(files))
    )


def _check_sniffed(connection: duckdb.DuckDBPyConnection, quoted: str, shown: str) -> None:
    """Refuse a CSV whose rows agree so little that DuckDB takes each whole line for one value."""
    with readable_errors(shown):
        names = connection.sql(f"select * from read_csv({quoted}) limit 0").columns
    delimiter = next((sign for sign in ",;\t|" if len(names) == 1 and sign in names[0]), None)
    if delimiter is not None:
        raise SourceError(
            f"{shorten(shown)!r} has the header {shorten(names[0])!r} but its rows do not split at {delimiter!r}: "
            "fix the rows that have more or fewer fields"
        )


def _first_pass_reads(connection: duckdb.DuckDBPyConnection, files: Sequence[LocalFile], quoted: str) -> bool:
    """Return whether a CSV converts with the types that its beginning suggests; short files need no look."""
    if sum(os.path.getsize(file.path) for file in files) < 1 << 18:
        return True
    try:
        connection.execute(f"select count(columns(*)) from read_csv({quoted})").fetchall()
    except duckdb.Error:
        return False
    return True
