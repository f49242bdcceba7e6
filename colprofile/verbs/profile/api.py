"""profile: every column and every pair of a table, from one pass over its rows."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Unpack

from colprofile.results.profile import Profile
from colprofile.results.saved import saved_profile
from colprofile.sources.options import InputKeywords
from colprofile.stopping import import_whole
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.profile.sampling import Sampling
from colprofile.verbs.profile.structure import ledger, named_clusters, spanning_tree

if TYPE_CHECKING:
    from colprofile.verbs.profile.count_table import CountedTable
    from colprofile.verbs.profile.session import Session

COUNTING = ("colprofile.verbs.profile.session", "colprofile.verbs.profile.count_table")
"""What counting a source needs: slow to import, and only imported when something is counted."""


def profile(
    source: Any,
    table: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    pairs: bool = Counting.pairs,
    nulls: Literal["ignore", "value"] = Counting.nulls,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    fetch: Literal["auto", "always", "never"] = Reading.fetch,
    statement_timeout: float | None = None,
    progress: bool | None = None,
    quality: bool = Counting.quality,
    example_rows: bool = Counting.sample,
    like: Profile | str | os.PathLike[str] | None = None,
    precision: float | None = None,
    top_pairs: int | None = None,
    min_dependence: float | None = None,
    sample_rows: int | str | None = None,
    confidence: float = Sampling.confidence,
    seed: int = Sampling.seed,
    **inputs: Unpack[InputKeywords],
) -> Profile:
    """Return the profile of a table: entropy and distribution of every column, dependence of every pair.

    Parameters
    ----------
    source
        A path, glob, folder, address, open file, or a list of these, of one table in any format that
        ``docs/inputs.md`` lists, "-" for standard input; a DuckDB or SQLite file; a database URL, SQLAlchemy Engine or
        other connection; a Spark DataFrame, a session or the address of a server; or a table in Python: pandas, polars,
        Arrow, ibis, narwhals, numpy, a dict or a list.
    table
        With a database: a table (``schema.table`` too), view or query.
    columns
        Only these, in this order.
    pairs
        Whether to count pairs. A table with more than a million, those of 1,414 columns, is profiled without, and a
        note says so.
    nulls
        "ignore": a column's measures are over its rows that are not NULL, a pair's over the rows where neither is.
        "value": NULL is a value of its own in entropies and pairs.
    threads
        Cores to use; all by default. Where a database counts, this many connections are used: at most 4, at most what
        an Engine's pool keeps, and more than one only with PostgreSQL, where they share one snapshot.
    memory_limit
        Bytes, or text such as "2GB", that the process may take in all, at least 400 MB. By default values and codes are
        planned for half of the machine's memory, and DuckDB keeps its own limit. Python and the libraries take 300 MB
        of a limit; of the rest the private DuckDB that reads files and frames may take half while it reads. Values and
        codes for which there is no room go to temporary files, with the same results. What the process held before,
        such as frames, comes on top. ``docs/profile.md`` has more.
    fetch
        With a database URL or Engine: "always" fetches the rows and counts them here; "never" counts in the database,
        so that only sums cross the wire; "auto" fetches tables of up to 5 million rows. With Spark: "always" fetches
        the rows, packed by the executors; "never" has pairs counted by them; "auto" fetches what the memory limit has
        room for. The numbers are the same.
    statement_timeout
        With a database URL or Engine: seconds that one statement may take.
    progress
        Whether to show progress on standard error; by default where that is a terminal and the work takes over a
        second.
    quality
        Whether to look for what is probably wrong in the data: duplicate rows, texts and numbers that stand for missing
        values, and more. It is ``Profile.quality``, and takes a tenth of the time at most.
    example_rows
        Whether the first ten rows are kept in ``Profile.example_rows``, from where reports show them.
    like
        A Profile, or the path of a saved one. Each column's histogram is counted on the cells of this profile's
        histogram, so that ``Histogram.merge`` can add the two: for partitions that are profiled separately.
    precision
        Bits. Pairs are estimated from random rows until the interval of their mutual information is no wider than this.
        Pairs for which that would be slower than counting are counted exactly, as are all columns. The dependence of
        an estimated pair is that of the sampled rows.
    top_pairs
        Return only this many pairs, those of highest dependence, counted exactly. Random rows rule out most others.
    min_dependence
        Return only pairs with at least this dependence, counted exactly. Random rows rule out most others.
    sample_rows
        Count only this many rows, or a share such as "10%", drawn at random from the whole table in one pass. Every
        entropy and mutual information becomes an interval; dependence is that of the sampled rows. This is for tables
        whose columns alone take too long to count.
    confidence
        Probability that all intervals and decisions of the profile hold together.
    seed
        Random seed: the same seed draws the same rows of the same table.
    inputs
        How files are read where a file alone does not tell: ``delimiter``, ``encoding``, ``header``, ``skip``,
        ``null``, ``decimal``, ``thousands``, ``quote``, ``comment``, ``all_text``, ``types``, ``ragged``,
        ``accept_rejects`` for text files, ``sheet`` for workbooks, ``flatten`` for nested data, ``query``, ``where``.
        ``docs/inputs.md`` explains them. What was found out instead is in ``Profile.provenance.reading``.

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
    known = like if like is None or isinstance(like, Profile) else saved_profile(like) or Profile.load(like)
    sampling = Sampling(precision, top_pairs, min_dependence, sample_rows, confidence, seed)
    return profile_of(
        source,
        table,
        Counting(columns, pairs, nulls, known, quality=quality, sample=example_rows, sampling=sampling),
        Reading(threads, memory_limit, fetch, statement_timeout, progress, inputs),
    )


def profile_of(source: Any, table: str | None, counting: Counting, reading: Reading) -> Profile:
    """Return the profile that ``profile`` describes, from its options."""
    import_whole(*COUNTING)
    from colprofile.verbs.profile.session import counting_session

    began = time.perf_counter()
    with counting_session(source, table, counting, reading) as session:
        found = counted_profile(session)
        return replace(found, provenance=replace(found.provenance, duration=time.perf_counter() - began))


def counted_profile(session: Session) -> Profile:
    """Return the profile of an opened source."""
    found = session.run(partial(_count, session))
    found = replace(found, clusters=named_clusters(found.columns, found.pairs))
    # The tree and the ledger are of all pairs, counted: with fewer or estimated ones they would say too little.
    counting = session.counting
    if counting.pairs and not found.provenance.is_sampled and not counting.sampling.is_selecting:
        edges = spanning_tree(found.pairs, found.rows)
        found = replace(found, edges=edges, ledger=ledger(found.rows, found.columns, edges))
    return found


def _count(session: Session) -> Profile:
    """Count a source: a sample of it, inside its database, or here."""
    session.limit_pairs()
    if session.counting.sampling.sample_rows is not None:
        from colprofile.verbs.profile.count_sample import count_sample

        return count_sample(session)
    # Samples of pairs are drawn from codes, so rows are fetched even where counting in the database was asked for.
    if session.source.is_pushdown and session.columns and not session.counting.sampling.is_of_pairs:
        from colprofile.verbs.profile.count_in_database import count_in_database

        return count_in_database(session)
    if session.source.has_workers:
        from colprofile.verbs.profile.on_workers.count import count_by_workers, is_for_workers

        if is_for_workers(session) and (found := count_by_workers(session)) is not None:
            return found
    from colprofile.verbs.profile.count_table import count_every_row

    return count_every_row(session)


@contextlib.contextmanager
def counted_table(source: Any, table: str | None, counting: Counting, reading: Reading) -> Iterator[CountedTable]:
    """Count a table and yield it with its codes, which are there until the block is left.

    Work on the codes goes through ``counted.session.run``, so that Ctrl-C ends it within a second. Rows are always
    fetched, even with ``fetch="never"``.

    Raises
    ------
    SourceError, SourceNotFound, SourceBusy, ArgumentError
        As ``profile``.
    KeyboardInterrupt
        On Ctrl-C; nothing is left behind.
    """
    import_whole(*COUNTING)
    from colprofile.verbs.profile.count_table import count_table
    from colprofile.verbs.profile.session import counting_session

    with counting_session(source, table, counting, reading) as session:
        session.check_pairs()
        yield session.run(partial(count_table, session))
