"""Inclusions between all columns of many files: the same question to colprofile and to Desbordante, the same answer."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np

from bench import data
from bench.audit import CORES, Peer
from bench.harness import Measurement, Run, Timing, case
from bench.peers import install

TABLES, COLUMNS, ROWS = 100, 20, 100_000
_SMALL_TABLES, _SMALL_ROWS = 6, 500

SPIDER = "Desbordante Spider"

Inclusions = set[tuple[tuple[int, int], tuple[int, int]]]
"""((table, column), (table, column) that has all of its values), by number."""


@case("inclusions", peers=True)
def inclusions_of_many_files(run: Run) -> list[Measurement]:
    """All inclusions between the columns of a folder of CSV files, read and counted on both sides."""
    tables, rows = (_SMALL_TABLES, _SMALL_ROWS) if run.small else (TABLES, ROWS)
    folder = written(run.folder, tables, rows)
    peer = Peer(install(run.say))
    try:
        theirs = peer.ask("Spider", str(folder), 1)
        ours = found_in(folder)
        seconds = run.measure({"colprofile": lambda: _seconds(folder)}, repeat=1, warm=False)["colprofile"]
    finally:
        peer.close()
    other = {((a, b), (c, d)) for (a, b), (c, d) in theirs["found"]}
    if ours != other:
        raise RuntimeError(f"{SPIDER}: {len(ours - other)} found by us alone, {len(other - ours)} by the peer alone")
    what = f"{tables} CSV files of {COLUMNS} columns and {rows:,} rows: all inclusions between columns"
    note = f"{len(ours):,} inclusions, the same on both sides"
    return [run.compare(what, Timing(tuple(seconds)), Timing((float(theirs["seconds"]),)), SPIDER, faster=1, note=note)]


def _seconds(folder: Path) -> float:
    start = time.perf_counter()
    found_in(folder)
    return time.perf_counter() - start


def found_in(folder: Path) -> Inclusions:
    """Return all inclusions between the columns of a folder's files."""
    from colprofile.counting.coded import encode_table
    from colprofile.counting.value_hashes import hashed_values
    from colprofile.verbs.schema.inclusion_search import included_columns

    columns: list[Any] = []
    places = []
    with duckdb.connect() as connection, ThreadPoolExecutor(CORES + 1) as executor:
        connection.execute("set enable_progress_bar = false")
        for table, path in enumerate(sorted(folder.iterdir())):
            reader = connection.sql(f"from read_csv('{path}')").to_arrow_reader(1_000_000)
            options: dict[str, Any] = {"memory_limit": 1 << 31, "progress": lambda rows: None}
            with encode_table(reader, reader.schema, executor=executor, **options) as coded:
                for number, (marginal, values) in enumerate(
                    zip(coded.marginals, executor.map(hashed_values, coded.marginals), strict=True)
                ):
                    size = SimpleNamespace(distinct=marginal.distinct)
                    columns.append(SimpleNamespace(**vars(values), profile=size))
                    places.append((table, number))
    exact = included_columns(columns, lambda _, others: np.zeros(others.size, np.int64))
    return {(places[each.column], places[each.target]) for each in exact}


def written(folder: Path, tables: int, rows: int) -> Path:
    """Write the files, once: keys, references to them, codes, small numbers, texts and measurements."""
    target = folder / f"inclusions-{tables}-{rows}-{data.RECIPE}"
    if target.exists():
        return target
    part = target.with_name(f"{target.name}.part")
    part.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(17)
    with duckdb.connect() as connection:
        for table in range(tables):
            shown = [f"range + 1 as c{0}", f"{10**9 + table} + range * 97 as c{1}"]
            for column in range(2, COLUMNS):
                other, few, seed = (int(random.integers(1, most)) for most in (tables + 1, rows, 10**6))
                drawn = f"hash(range, {seed})"
                kind = column % 6
                expression = {
                    0: f"{10**9 + other - 1} + ({drawn} % {rows}) * 97",
                    1: f"1 + {drawn} % {few}",
                    2: f"'code ' || {drawn} % {1 + few // 10}",
                    3: f"md5(({drawn} % {few} + {other % 5})::varchar)",
                    4: f"{drawn} % {10 ** (1 + column % 5)}",
                    5: f"({drawn} % 1000000)::double / 128",
                }[kind]
                shown.append(f"{expression} as c{column}")
            statement = f"select {', '.join(shown)} from range({rows})"
            connection.execute(f"copy ({statement}) to '{part / f't{table:03}.csv'}' (header)")
    part.rename(target)
    return target
