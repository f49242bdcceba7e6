"""Delta and Iceberg tables, by their own libraries: which of the files in their folders count is in their logs."""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from colprofile.errors import MissingExtra, SourceError, shorten
from colprofile.inputs import InputReading
from colprofile.progress import report
from colprofile.sources.files.relation import Relation
from colprofile.sources.identifiers import quote_literal
from colprofile.sources.workspace import Workspace

_METADATA = re.compile(r"v?\d+.*\.metadata\.json")

LakeKind = Literal["Delta", "Iceberg", "Hudi"]


@dataclass(frozen=True)
class Lake:
    """A folder that is a table with a log, and how the user named it."""

    kind: LakeKind
    path: str
    shown: str


def lake_kind(folder: str | Path) -> LakeKind | None:
    """Return what kind of table with a log a folder is; None for any other folder."""
    folder = Path(folder)
    if (folder / "_delta_log").is_dir():
        return "Delta"
    if (folder / ".hoodie").is_dir():
        return "Hudi"
    metadata = folder / "metadata"
    with contextlib.suppress(OSError):
        if metadata.is_dir() and any(map(_METADATA.fullmatch, os.listdir(metadata))):
            return "Iceberg"
    return None


def read_lake(lake: Lake, workspace: Workspace) -> Relation:
    """Return the relation of the rows that a table has now.

    Raises
    ------
    MissingExtra
        Its library is not installed.
    SourceError
        It is damaged, needs a feature that its library has not, or is of a kind that is not read.
    """
    if lake.kind == "Hudi":
        raise SourceError(f"{shorten(lake.shown, 200)!r} is a Hudi table, which is not read: write its rows as Parquet")
    with _one_line(lake):
        return _delta(lake, workspace) if lake.kind == "Delta" else _iceberg(lake, workspace)


def _delta(lake: Lake, workspace: Workspace) -> Relation:
    try:
        from deltalake import DeltaTable
    except ImportError as error:
        raise MissingExtra("reading Delta tables", "delta") from error
    table = DeltaTable(lake.path)
    rows = table.to_pyarrow_dataset()
    return Relation(
        sql=workspace.register(rows),
        reading=InputReading(
            format=f"Delta, version {table.version()}", reader="deltalake", files=len(table.file_uris())
        ),
    )


def _iceberg(lake: Lake, workspace: Workspace) -> Relation:
    try:
        from pyiceberg.table import StaticTable
    except ImportError as error:
        raise MissingExtra("reading Iceberg tables", "iceberg") from error
    import pyarrow.parquet as pq

    scan = StaticTable.from_metadata(str(_latest_metadata(Path(lake.path) / "metadata"))).scan()
    # Deleted rows are taken out as the rows are read, which happens once: the rest is kept for those who come again.
    path, done = workspace.new_path(".parquet"), 0
    with scan.to_arrow_batch_reader() as batches, pq.ParquetWriter(path, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            done += batch.num_rows
            report(f"reading rows of {shorten(lake.shown, 60)}", done, None)
    return Relation(
        sql=f"read_parquet({quote_literal(str(path))})",
        reading=InputReading(format="Iceberg", reader="pyiceberg", files=len(list(scan.plan_files()))),
        expected_rows=lambda: done,
    )


def _latest_metadata(folder: Path) -> Path:
    """Return the newest description of an Iceberg table, as its catalog would name it."""
    hint = folder / "version-hint.text"
    if hint.is_file():
        version = hint.read_text("utf-8").strip()
        for name in (f"v{version}.metadata.json", f"{version}.metadata.json"):
            if (folder / name).is_file():
                return folder / name
    return max(folder.glob("*.metadata.json"), key=_version)


def _version(path: Path) -> tuple[int, int]:
    """Return the number that a description's name begins with, and when it was written."""
    found = re.match(r"v?(\d+)", path.name)
    return int(found[1]) if found else -1, path.stat().st_mtime_ns


@contextlib.contextmanager
def _one_line(lake: Lake) -> Iterator[None]:
    """Say in one line why a library cannot read a table, and keep its warnings to itself."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (SourceError, MissingExtra):
        raise
    except Exception as error:  # each library has errors of its own, which have no base in common
        text: Any = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(
            f"cannot read the {lake.kind} table {shorten(lake.shown, 200)!r}: {shorten(text, 200)}"
        ) from error
