"""JSON files, by DuckDB."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.inputs import InputReading
from colprofile.sources.files.relation import LocalFile, Relation
from colprofile.sources.identifiers import quote_literal
from colprofile.sources.options import InputOptions
from colprofile.sources.workspace import Workspace


def read(files: Sequence[LocalFile], workspace: Workspace, options: InputOptions) -> Relation:
    """Return the relation of JSON files."""
    quoted = ", ".join(quote_literal(file.path) for file in files)
    return Relation(
        sql=f"read_json([{quoted}])", reading=InputReading(format="JSON", reader="DuckDB", files=len(files))
    )
