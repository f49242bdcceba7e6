"""profile: of one table, or of all tables of a database."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from colprofile.results.profile import Profile
from colprofile.sources.options import InputKeywords
from colprofile.verbs.database.keywords import ProfileKeywords
from colprofile.verbs.database.opening import check_table, tables_in
from colprofile.verbs.profile.api import profile as profile_table
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.profile.sampling import Sampling

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseProfile


@overload
def profile(source: Any, table: str, *, partial: bool = False, **options: Unpack[ProfileKeywords]) -> Profile: ...


@overload
def profile(
    source: Any,
    table: None = None,
    *,
    tables: str | Sequence[str],
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    partial: bool = False,
    **options: Unpack[ProfileKeywords],
) -> DatabaseProfile: ...


# What the rest returns depends on the data: callers who know it need not ask which it is.
@overload
def profile(
    source: Any,
    table: str | None = None,
    *,
    tables: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    partial: bool = False,
    **options: Unpack[ProfileKeywords],
) -> Profile | Any: ...


def profile(
    source: Any,
    table: str | None = None,
    *,
    tables: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    columns: Sequence[str] | None = None,
    pairs: bool = Counting.pairs,
    nulls: Literal["ignore", "value"] = Counting.nulls,
    threads: int | None = None,
    memory_limit: int | str | None = None,
    fetch: Literal["auto", "always", "never"] = Reading.fetch,
    statement_timeout: float | None = None,
    progress: bool | None = None,
    quality: bool = Counting.quality,
    partial: bool = False,
    example_rows: bool = Counting.sample,
    like: Profile | str | os.PathLike[str] | None = None,
    precision: float | None = None,
    top_pairs: int | None = None,
    min_dependence: float | None = None,
    sample_rows: int | str | None = None,
    confidence: float = Sampling.confidence,
    seed: int = Sampling.seed,
    **inputs: Unpack[InputKeywords],
) -> Profile | DatabaseProfile:
    """Return the profile of a table: entropy and distribution of every column, dependence of every pair.

    Of a database, or a folder, of several tables it is the profile of each, unless ``table`` names one.

    Parameters
    ----------
    source
        A path, glob, folder, address, open file, or a list of these, of one table in any format that
        ``docs/inputs.md`` lists, "-" for standard input; a DuckDB or SQLite file; a database URL, SQLAlchemy Engine or
        other connection; a Spark DataFrame, a session or the address of a server; or a table in Python: pandas, polars,
        Arrow, ibis, narwhals, numpy, a dict or a list.
    table
        With a database: a table (``schema.table`` too), view or query; by default all tables, if there are several.
    tables, exclude
        With a database or a folder of several tables: names or patterns with ``*`` and ``?``, in any case, of the
        tables that are meant, and of those that are not.
    schema
        With a database: the schema whose tables are meant; by default the connection's own.
    columns
        Only these, in this order. ``columns``, ``where`` and ``like`` are for one table.
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
    partial
        With several tables: on Ctrl-C return the tables that were finished before. ``is_complete`` is then False.
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
    Profile or DatabaseProfile
        Entropies in bits. Each figure is exact, or has its interval and ``sampled_rows``. A DatabaseProfile where there
        are several tables, or ``tables``, ``exclude`` or ``schema`` is given: a table that cannot be read is in
        ``skipped`` with its reason.

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
    check_table(table, tables=tables, exclude=exclude, schema=schema)
    options = ProfileKeywords(
        columns=columns,
        pairs=pairs,
        nulls=nulls,
        threads=threads,
        memory_limit=memory_limit,
        fetch=fetch,
        statement_timeout=statement_timeout,
        progress=progress,
        quality=quality,
        example_rows=example_rows,
        like=like,
        precision=precision,
        top_pairs=top_pairs,
        min_dependence=min_dependence,
        sample_rows=sample_rows,
        confidence=confidence,
        seed=seed,
        **inputs,
    )
    if table is not None:
        return profile_table(source, table, **options)
    with tables_in(source, options, schema=schema, tables=tables, exclude=exclude) as found:
        if found is not None:
            from colprofile.verbs.database.profiles import profile_tables

            return profile_tables(found, options, partial=partial)
    return profile_table(source, **options)
