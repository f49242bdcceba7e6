"""The tables of TPC-H, made by tpchgen-cli at scale factor 1 (0.01 for small runs)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb

from bench.harness import Run
from bench.peers import install
from colprofile.sources.identifiers import quote_identifier, quote_literal

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def parquet(run: Run, table: str) -> Path:
    """Return one of the tables as Parquet."""
    scale = "0.01" if run.small else "1"
    folder = run.folder / f"tpch-{scale}"
    path = folder / f"{table}.parquet"
    if not path.exists():
        python = install(run.say)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "tpchgen-cli>=2"], check=True)
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(python.with_name("tpchgen-cli")), "parquet", "-s", scale, f"--tables={table}"]
        subprocess.run([*command, "--output-dir", str(folder)], check=True)
    return path


def database(run: Run) -> Path:
    """Return a DuckDB file with all tables, which declares no constraints."""
    files = {table: parquet(run, table) for table in TABLES}
    path = files["lineitem"].with_name("tpch.duckdb")
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        with duckdb.connect(unfinished) as connection:
            for table, file in files.items():
                connection.execute(f"create table {quote_identifier(table)} as from {quote_literal(str(file))}")
        unfinished.rename(path)
    return path
