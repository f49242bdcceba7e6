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
    """Return the profile of one table, as ``colprofile.profile`` describes it."""
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
