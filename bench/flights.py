"""Flights in memory: 336,776 rows × 19 columns, 171 pairs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from bench import data
from bench.harness import Measurement, Run, case, processor_note
from bench.machine import cores

if TYPE_CHECKING:
    from colprofile.counting.pairs import PairCount

CORES = cores()


@case("flights")
def profile_against_summarize(run: Run) -> list[Measurement]:
    """profile() with all pairs, and without, against SUMMARIZE, and against itself without data quality."""
    import colprofile

    connection = _connection(run)
    times = run.interleave(
        {
            "pairs": lambda: colprofile.profile(connection, "flights"),
            "plain": lambda: colprofile.profile(connection, "flights", quality=False, example_rows=False),
            "columns": lambda: colprofile.profile(connection, "flights", pairs=False),
            "plain columns": lambda: colprofile.profile(
                connection, "flights", pairs=False, quality=False, example_rows=False
            ),
            "summarize": lambda: connection.execute("summarize flights").fetchall(),
        }
    )
    return [
        run.compare(
            "flights: profile() with all pairs",
            times["pairs"],
            times["summarize"],
            "SUMMARIZE",
            share=0.4,
            note=processor_note(times["pairs"], times["summarize"]),
        ),
        run.compare("flights: profile(pairs=False)", times["columns"], times["summarize"], "SUMMARIZE"),
        run.compare(
            "flights: profile() with data quality",
            times["pairs"],
            times["plain"],
            "quality=False",
            share=1.1,
            note=processor_note(times["pairs"], times["plain"]),
        ),
        run.compare(
            "flights: profile(pairs=False) with data quality",
            times["columns"],
            times["plain columns"],
            "quality=False",
            share=1.1,
            note=processor_note(times["columns"], times["plain columns"]),
        ),
    ]


@case("flights-pairs")
def pairs_against_sql_and_scikit_learn(run: Run) -> list[Measurement]:
    """The sums of all pairs from codes, against one GROUPING SETS query and against scikit-learn."""
    connection = _connection(run)
    names = _names(connection)
    query = grouping_sets_query(names)
    labels = factorize(connection, names)
    with ThreadPoolExecutor(CORES) as executor:
        count_pairs = _counter(connection, executor)
        check_pairs(count_pairs(), scikit_learn_loop(labels))
        times = run.interleave(
            {
                "colprofile": count_pairs,
                "grouping sets": lambda: connection.execute(query).fetchall(),
            }
        )
        slow = run.interleave(
            {"colprofile": count_pairs, "scikit-learn": lambda: scikit_learn_loop(labels)}, warm=False
        )
    pairs = math.comb(len(names), 2)
    each = times["colprofile"].median * CORES / (pairs * labels[0].size) * 1e9
    what = f"flights: counting {pairs} pairs"
    note = f"{each:.2f} ns per row, pair and core, dense and grouped pairs together, expected bits included"
    return [
        run.compare(what, times["colprofile"], times["grouping sets"], "GROUPING SETS", faster=10, note=note),
        run.compare(what, slow["colprofile"], slow["scikit-learn"], "scikit-learn", faster=100),
    ]


def check_pairs(counted: list[PairCount], expected: list[float]) -> None:
    """Make sure that we and scikit-learn find the same mutual information, in bits."""
    found = [
        math.log2(s.rows) + (s.joint_clogc - s.x_clogc - s.y_clogc) / s.rows if s.rows else 0.0
        for s in (pair.sums for pair in counted)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def grouping_sets_query(names: list[str]) -> str:
    """Return one query for Σ c log2 c and the joint cells of every pair: what mutual information needs."""
    columns = ", ".join(f'"{name}"' for name in names)
    sets = ", ".join(f'("{x}", "{y}")' for x, y in itertools.combinations(names, 2))
    return f"""
        with cells as (
            select grouping_id({columns}) as pair, count(*) as c
            from flights
            group by grouping sets ({sets})
        )
        select pair, sum(c * log2(c)), count(*) from cells group by pair
    """


def factorize(connection: duckdb.DuckDBPyConnection, names: list[str]) -> list[np.ndarray]:
    """Return each column as labels 0 … k − 1, NULL as −1: scikit-learn's starting point, not timed."""
    import pandas as pd

    frame = connection.execute("from flights").df()
    return [pd.factorize(frame[name])[0] for name in names]


def scikit_learn_loop(labels: list[np.ndarray]) -> list[float]:
    """Return the mutual information of every pair in bits, over the rows where neither is NULL."""
    from sklearn.metrics import mutual_info_score

    found = []
    for x, y in itertools.combinations(labels, 2):
        complete = (x >= 0) & (y >= 0)
        found.append(mutual_info_score(x[complete], y[complete]) / math.log(2))
    return found


def _connection(run: Run) -> duckdb.DuckDBPyConnection:
    if "flights" not in run.cache:
        made = data.flights(data.SMALL_ROWS if run.small else None)
        made.execute("set enable_progress_bar = false")
        run.cache["flights"] = made
    connection: duckdb.DuckDBPyConnection = run.cache["flights"]
    return connection


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [row[0] for row in connection.execute("describe flights").fetchall()]


def _counter(connection: duckdb.DuckDBPyConnection, executor: Executor) -> Callable[[], list[PairCount]]:
    """Return what counts all pairs from codes already made: the columns' own values, no bins."""
    from colprofile.counting.coded import encode_table
    from colprofile.counting.pairs import PairColumn, count_pairs

    reader = connection.sql("from flights").to_arrow_reader(1_000_000)
    coded = encode_table(
        reader,
        reader.schema,
        executor=executor,
        memory_limit=1 << 33,
        progress=lambda rows: None,
    )
    columns = [
        PairColumn(codes, np.concatenate([[marginal.nulls], marginal.counts]))
        for codes, marginal in zip(coded.codes, coded.marginals, strict=True)
    ]
    pairs = list(itertools.combinations(range(len(columns)), 2))
    return lambda: count_pairs(columns, pairs, executor=executor, progress=lambda finished: None)
