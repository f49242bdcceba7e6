"""Open a pandas, polars or Arrow table."""

from __future__ import annotations
from typing import Any
from colprofile.inputs import InputReading
from colprofile.sources.files.relation import Relation
from colprofile.sources.frames.arrow_columns import arrow_relation
from colprofile.sources.workspace import Workspace


def open_frame(frame: Any, table: str | None, workspace: Workspace) -> tuple[str, Relation]:
    return "Arrow table", arrow_relation(frame, workspace, InputReading(format="Arrow table", reader="pyarrow"))
