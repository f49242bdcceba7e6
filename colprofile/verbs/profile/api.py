"""profile: every column and every pair of a table, exact, from one pass over its rows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from colprofile import __version__
from colprofile.errors import ArgumentError, SourceNotFound, did_you_mean, shorten
from colprofile.progress import Progress
from colprofile.results.histogram import Histogram
from colprofile.results.profile import Profile, Provenance, SkippedColumn
from colprofile.results.serialize import refuse_saved, saved_profile
from colprofile.sources.base import Source, SourceColumn
from colprofile.values import value_family
from colprofile.verbs.profile.limits import half_of_memory, interruptible, parse_bytes, worker_count
from colprofile.verbs.profile.structure import ledger, named_clusters, spanning_tree

if TYPE_CHECKING:
    from colprofile.verbs.profile.count_table import Counted, CountedTable
    from colprofile.verbs.profile.sampling import Promise


def profile(
    source: Any,
    table: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    pairs: bool = True,
    nulls: Literal["ignore", "value"] = "ignore",
    threads: int | None = None,
    memory_limit: int | str | None = None,
    fetch: Literal["auto", "always", "never"] = "auto",
    statement_timeout: float | None = None,
    progress: bool | None = None,
    like: Profile | str | os.PathLike[str] | None = None,
    precision: float | None = None,
    top_pairs: int | None = None,
    min_dependence: float | None = None,
    sample_rows: int | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Profile:
    """Return the exact profile of a table: entropy and distribution of every column, dependence of every pair.

    Parameters
    ----------
    source
        A path, glob or list of paths (Parquet, CSV, JSON; one DuckDB or SQLite file), a DuckDB connection, a database
        URL or SQLAlchemy Engine, or a pandas, polars or Arrow table.
    table
        With a database: a table (``schema.table`` too), view or query.
    columns
        Only these, in this order.
    pairs
        Whether to count pairs.
    nulls
        "ignore": a column's measures are over its rows that are not NULL, a pair's over the rows where neither is.
        "value": NULL is a value of its own in entropies and pairs.
    threads
        Cores to use; all by default. Where a database counts: connections to it, at most 4 and no more than an Engine's
        pool keeps; further ones need PostgreSQL, where they share one snapshot.
    memory_limit
        Bytes, or text such as "2GB", that codes may take in memory before they are mapped to a temporary file. Half of
        the machine's memory by default. The private DuckDB that reads files and frames gets the same limit.
    fetch
        With a database URL or Engine: "always" fetches the rows and counts them here; "never" counts in the database,
        so that only sums cross the wire; "auto" fetches tables of up to 5 million rows. The numbers are the same.
    statement_timeout
        With a database URL or Engine: seconds that one statement may take.
    progress
        Whether to show progress on standard error; by default where that is a terminal and the work takes over a
        second.
    like
        A Profile, or the path of a saved one. Each column's histogram is counted on the cells of this profile's, so
        that ``Histogram.merge`` can add the two up: for partitions that are profiled apart.
    precision
        Bits: pairs are estimated from random rows until their mutual information is known within an interval so wide;
        what samples cannot settle cheaply is counted exactly, and so are all columns.
    top_pairs
        Return only so many pairs, those of highest dependence, exactly; most others are ruled out from random rows.
    min_dependence
        Return only pairs with at least this dependence, exactly; most others are ruled out from random rows.
    sample_rows
        Look at so many rows only, drawn at random from the whole table in one pass: every entropy and mutual
        information becomes an interval. For tables of which even the columns are too much to count.
    confidence
        Probability that all intervals and decisions of the profile hold together.
    seed
        Of the random rows: the same seed draws the same rows of the same table.

    Returns
    -------
    Profile
        Entropies in bits. Each figure is exact, or has its interval and ``sampled_rows``.

    Raises
    ------
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened or read.
    ArgumentError
        An argument is outside what is allowed.
    KeyboardInterrupt
        On Ctrl-C, within a second; nothing is left behind.

    Notes
    -----
    ``docs/bounds.md`` has the guarantees behind ``precision``, ``top_pairs``, ``min_dependence`` and ``sample_rows``,
    with proofs.

    Examples
    --------
    >>> import duckdb, colprofile
    >>> con = duckdb.connect()
    >>> _ = con.execute("create table t as select i % 4 as a, i % 2 as b from range(64) r(i)")
    >>> result = colprofile.profile(con, "t")
    >>> result["a"].entropy, result.pair("a", "b").mutual_information
    (2.0, 1.0)
    """
    refuse_saved(source)
    return counted_profile(
        source,
        table,
        columns=columns,
        pairs=pairs,
        nulls=nulls,
        threads=threads,
        memory_limit=memory_limit,
        fetch=fetch,
        statement_timeout=statement_timeout,
        progress=progress,
        like=None if like is None else saved_profile(like) or Profile.load(like),
        promise=promise_of(precision, top_pairs, min_dependence, sample_rows, confidence, seed, pairs),
    )


def counted_profile(
    source: Any,
    table: str | None,
    *,
    columns: Sequence[str] | None,
    pairs: bool,
    nulls: Literal["ignore", "value"],
    threads: int | None,
    memory_limit: int | str | None,
    progress: bool | None,
    like: Profile | None,
    is_compared: bool = False,
    fetch: Literal["auto", "always", "never"] = "auto",
    statement_timeout: float | None = None,
    inspect: Callable[[CountedTable], None] | None = None,
    is_finishing: Callable[[], bool] = lambda: False,
    promise: Promise | None = None,
) -> Profile:
    """Return a profile, its histograms on the cells of ``like``: to merge the two, or to compare them.

    To be compared, a table may lack some of ``columns``. ``inspect`` is called with the counted table while its codes
    are there. On Ctrl-C ``is_finishing`` is asked whether it will come to an end by itself; then that is waited for.
    ``promise`` lets figures come from samples.
    """
    from colprofile.sources.open import open_source

    began = time.perf_counter()
    if nulls not in ("ignore", "value"):
        raise ArgumentError(f"nulls={nulls!r} is not allowed: give 'ignore' or 'value'")
    workers = worker_count(threads)
    limit = parse_bytes(memory_limit) if memory_limit is not None else None
    with open_source(
        source, table, memory_limit=limit, threads=threads, fetch=fetch, statement_timeout=statement_timeout
    ) as opened:
        if is_compared and columns is not None:
            chosen = [column for column in opened.columns if column.name in columns]
        else:
            chosen = _chosen(opened, columns)
        cells = cells_to_match(like, chosen) if like is not None else {}
        counted = [column for column in chosen if column.expression is not None]
        with Progress(progress) as shown:
            result = _counted(
                opened,
                counted,
                pairs,
                nulls,
                workers,
                limit or half_of_memory(),
                shown,
                cells,
                is_compared,
                inspect,
                is_finishing,
                promise,
            )
        looked = [column.sampled_rows for column in result.columns] + [pair.sampled_rows for pair in result.pairs]
        sampled = [rows for rows in looked if rows is not None]
        # The tree and the ledger are of all pairs, counted: with fewer or estimated ones they would say too little.
        is_whole = pairs and (promise is None or (not sampled and not promise.is_selecting))
        edges = spanning_tree(result.pairs, result.rows) if is_whole else ()
        return Profile(
            rows=result.rows,
            columns=result.columns,
            pairs=result.pairs,
            skipped=tuple(
                SkippedColumn(column.name, column.type, column.reason or "")
                for column in chosen
                if column.expression is None
            ),
            has_pairs=pairs,
            provenance=Provenance(
                source=opened.description,
                table=opened.table,
                is_exact=not sampled,
                sampled_rows=max(sampled, default=None),
                nulls=nulls,
                version=__version__,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                duration=time.perf_counter() - began,
            ),
            notes=result.notes,
            clusters=named_clusters(result.columns, result.pairs),
            edges=edges,
            ledger=ledger(result.rows, result.columns, edges) if is_whole else None,
            joints=result.joints,
        )


def cells_to_match(profile: Profile, columns: Iterable[SourceColumn]) -> Mapping[str, Histogram]:
    """Return by name the profile's histograms that columns of a source can be counted on: those of the same family."""
    known = {column.name: column for column in reversed(profile.columns)}
    return {
        column.name: known[column.name].histogram
        for column in columns
        if column.name in known
        and value_family(column.kind, column.type) == value_family(known[column.name].kind, known[column.name].type)
    }


def _counted(
    source: Source,
    columns: Sequence[SourceColumn],
    pairs: bool,
    nulls: Literal["ignore", "value"],
    workers: int,
    memory_limit: int,
    shown: Progress,
    like: Mapping[str, Histogram],
    is_compared: bool,
    inspect: Callable[[CountedTable], None] | None,
    is_finishing: Callable[[], bool],
    promise: Promise | None,
) -> Counted:
    """Count in worker threads while the main thread waits for them or for Ctrl-C."""
    from colprofile.verbs.profile.count_table import Counted

    if not columns:
        return Counted(source_rows(source), (), (), ())
    cancelled = threading.Event()
    # One thread more than cores: it reads ahead, and mostly waits for DuckDB's own threads.
    with ThreadPoolExecutor(workers + 1) as executor, ThreadPoolExecutor(1) as conductor:
        count = _way_of_counting(source, executor, workers, memory_limit, inspect, promise)
        work = conductor.submit(
            count,
            source,
            columns,
            pairs=pairs,
            nulls=nulls,
            shown=shown,
            cancelled=cancelled,
            like=like,
            is_compared=is_compared,
        )

        def stop() -> None:
            cancelled.set()
            source.interrupt()

        return interruptible(work, stop, is_finishing)


def _way_of_counting(
    source: Source,
    executor: ThreadPoolExecutor,
    workers: int,
    memory_limit: int,
    inspect: Callable[[CountedTable], None] | None,
    promise: Promise | None,
) -> Callable[..., Counted]:
    """Return what counts a source: here, in its database, or from a sample."""
    if promise is not None and promise.sample_rows is not None:
        from colprofile.verbs.profile.count_sample import count_sample

        return partial(count_sample, executor=executor, memory_limit=memory_limit, promise=promise)
    # What inspects the table or samples it needs its codes, so its rows are fetched whatever was asked for.
    if inspect is None and promise is None and getattr(source, "is_pushdown", False):
        from colprofile.verbs.profile.count_in_database import count_in_database

        return partial(count_in_database, workers=workers)
    from colprofile.verbs.profile.count_table import count_table

    return partial(count_table, executor=executor, memory_limit=memory_limit, inspect=inspect, promise=promise)


def promise_of(
    precision: float | None,
    top_pairs: int | None,
    min_dependence: float | None,
    sample_rows: int | None,
    confidence: float,
    seed: int,
    pairs: bool,
) -> Promise | None:
    """Return what is asked of samples, None where every row is to be counted.

    Raises
    ------
    ArgumentError
        An option is outside what is allowed, or two contradict each other.
    """
    asked = (precision, top_pairs, min_dependence, sample_rows)
    if all(option is None for option in asked) and (confidence, seed) == (0.95, 0):
        return None
    from colprofile.verbs.profile.sampling import Promise

    promise = Promise(precision, top_pairs, min_dependence, sample_rows, confidence, seed)
    if not pairs and any(option is not None for option in (precision, top_pairs, min_dependence)):
        raise ArgumentError("precision, top_pairs and min_dependence are about pairs: leave out pairs=False, or them")
    return None if all(option is None for option in asked) else promise


def source_rows(source: Source) -> int:
    """Return the rows of a source none of whose columns can be counted."""
    if (count_rows := getattr(source, "count_rows", None)) is not None:
        return int(count_rows())
    connection = getattr(source, "connection", None)
    relation = getattr(source, "relation", None)
    if connection is None or relation is None:
        return 0
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])


def _chosen(source: Source, columns: Sequence[str] | None) -> list[SourceColumn]:
    if columns is None:
        return list(source.columns)
    if isinstance(columns, str):
        raise ArgumentError(f"columns={columns!r} is a text: give a list of column names, [{columns!r}]")
    by_name = {column.name: column for column in reversed(source.columns)}
    chosen: list[SourceColumn] = []
    for name in columns:
        if name not in by_name:
            raise SourceNotFound(f"no column {shorten(name)!r} in {source.description}. {did_you_mean(name, by_name)}")
        if by_name[name] in chosen:
            raise ArgumentError(f"column {shorten(name)!r} is named twice: name each once")
        chosen.append(by_name[name])
    if not chosen:
        raise ArgumentError("columns is empty: name at least one, or leave it out for all")
    return chosen
