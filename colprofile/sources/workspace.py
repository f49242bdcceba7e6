"""Workspace: a private DuckDB and a temporary folder, for what is no database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from colprofile.sources.duckdb import connect
from colprofile.temporary import TemporaryFolder

if TYPE_CHECKING:
    import duckdb


class Workspace:
    """A private DuckDB connection and a temporary folder, both gone when it is closed."""

    def __init__(self, memory_limit: int | None, threads: int | None) -> None:
        self._folder = TemporaryFolder()
        self._names = 0
        self._shown: dict[str, str] = {}
        try:
            self.connection: duckdb.DuckDBPyConnection = connect(
                ":memory:", memory_limit, threads, temp_directory=self._folder.name, autoinstall_known_extensions=False
            )
        except BaseException:
            self._folder.close()
            raise

    def new_path(self, suffix: str = "") -> Path:
        """Return a path in the folder that is not used yet."""
        self._names += 1
        return Path(self._folder.name) / f"input-{self._names}{suffix}"

    def call(self, path: str, shown: str) -> None:
        """Say what a file in the folder is called in messages: as the user named it."""
        if path.startswith(self._folder.name):
            self._shown[path] = shown

    def in_users_words(self, message: str) -> str:
        """Return a message in which the files of the folder have the names that the user knows."""
        if self._folder.name in message:
            for path, shown in sorted(self._shown.items(), key=lambda item: -len(item[0])):
                message = message.replace(path, shown)
        return message

    def register(self, table: Any) -> str:
        """Return the name under which DuckDB sees a table, a record batch reader or a data set of Arrow."""
        self._names += 1
        name = f"colprofile_input_{self._names}"
        self.connection.register(name, table)
        return name

    def close(self) -> None:
        """Close the connection and remove the folder."""
        try:
            self.connection.close()
        finally:
            self._folder.close()
