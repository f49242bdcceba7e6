"""Workspace: a private DuckDB and a temporary folder, for what is no database."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colprofile.sources.duckdb import connect

if TYPE_CHECKING:
    import duckdb


class Workspace:
    """A private DuckDB connection and a temporary folder, both gone when it is closed."""

    def __init__(self, memory_limit: int | None, threads: int | None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="colprofile-")
        self._names = 0
        try:
            self.connection: duckdb.DuckDBPyConnection = connect(
                ":memory:", memory_limit, threads, temp_directory=self._folder.name
            )
        except BaseException:
            self._folder.cleanup()
            raise

    def new_path(self, suffix: str = "") -> Path:
        """Return a path in the folder that is not used yet."""
        self._names += 1
        return Path(self._folder.name) / f"input-{self._names}{suffix}"

    def register(self, table: Any) -> str:
        """Return the name under which DuckDB sees a table, a record batch reader or a data set of Arrow."""
        self._names += 1
        name = f"colprofile_input_{self._names}"
        self.connection.register(name, table)
        return name

    def close(self) -> None:
        """Close the connection and remove the folder."""
        self.connection.close()
        self._folder.cleanup()
