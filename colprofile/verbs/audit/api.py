"""audit: what is redundant in a table, what determines what, and the SQL that removes the redundancy."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Unpack

from colprofile.errors import ArgumentError
from colprofile.results.audit import Audit
from colprofile.results.saved import saved_profile
from colprofile.sources.options import InputKeywords
from colprofile.stopping import import_whole
from colprofile.verbs.audit.options import MAX_DETERMINANTS, MAX_ERROR
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading

if TYPE_CHECKING:
    from colprofile.verbs.profile.count_table import CountedTable


def audit(
    source: Any,
    table: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    max_determinants: int = MAX_DETERMINANTS,
    max_error: float = MAX_ERROR,
    nulls: Literal["ignore", "value"] = "ignore",
    threads: int | None = None,
    memory_limit: int | str | None = None,
    statement_timeout: float | None = None,
    progress: bool | None = None,
    partial: bool = False,
    max_seconds: float | None = None,
    latent_classes: bool = False,
    **inputs: Unpack[InputKeywords],
) -> Audit:
    """Return what is redundant in a table: findings with evidence and fixes, exact dependencies, the ledger of bits.

    Parameters
    ----------
    source
        What ``profile`` takes, read once; or a Profile with pairs, or the path of a saved one, of which only columns
        and pairs are judged.
    table, columns, threads, memory_limit, statement_timeout, progress, inputs
        As for ``profile``.
    max_determinants
        Most columns on the left side of a dependency or in a key: 1, 2 or 3.
    max_error
        Share of the rows that may contradict a near dependency with several columns on the left, from 0 to 0.05. There
        are so many combinations that beyond 0.01 most of them are of little use. For one column it is always 0.05.
    nulls
        "ignore": a dependency is over the rows where none of its columns is NULL. "value": NULL is a value.
    partial
        On Ctrl-C while dependencies of several columns are searched, return what was found so far.
        ``search.ended_by`` is then "interrupt".
    max_seconds
        End the search for dependencies so many seconds after the start, and return what was found so far: pairs of
        columns, which are counted for half of the time at most, then one column on the left before two, and two before
        three. Reading the rows, describing the columns and writing down what was found are not cut short.
        None: the search ends after a fixed amount of work, one to two minutes on two cores, so that the same table
        gives the same result; of more than a million pairs those of the columns with the fewest values are counted.
        ``search.levels`` has what was looked at, ``search.ended_by`` why no more was, and a note says it.
    latent_classes
        Whether to fit latent classes too (seconds per million cells), for ``ledger.latent_class_bits``.

    Returns
    -------
    Audit
        Findings with most bits first. A dependency is a finding if it is strong: μ+ is at least 0.9, at most 5 % of the
        rows contradict it (``max_error`` for several columns on the left), at least half of the rows share their left
        side with another row, and a lookup by it saves at least half of the target's bits. And it must be more than
        chance: in a table of independent columns any finding appears with a probability of at most 0.001. What follows
        from other findings is left out.

    Raises
    ------
    ArgumentError
        An argument is outside what is allowed; a Profile without pairs or of a sample, or together with arguments
        about reading.
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened or read.
    KeyboardInterrupt
        On Ctrl-C, without ``partial``.

    Examples
    --------
    >>> import pandas as pd, colprofile
    >>> frame = pd.DataFrame({"zip": [i % 50 for i in range(400)], "city": [f"c{i % 50 // 5}" for i in range(400)]})
    >>> found = colprofile.audit(frame).finding("zip", "city")
    >>> found.kind, found.statement
    ('dependency', 'zip determines city in every row.')
    """
    if max_determinants not in (1, 2, 3):
        raise ArgumentError(f"max_determinants={max_determinants!r} is not allowed: give 1, 2 or 3")
    if not 0 <= max_error <= 0.05:
        raise ArgumentError(f"max_error={max_error!r} is not allowed: give a share of the rows from 0 to 0.05")
    if max_seconds is not None and not max_seconds > 0:
        raise ArgumentError(f"max_seconds={max_seconds!r} is not allowed: give seconds above 0")
    saved = saved_profile(source)
    if saved is not None:
        if table is not None or columns is not None or nulls != "ignore" or inputs:
            raise ArgumentError(
                "a saved profile is already counted: leave out table=, columns=, nulls= and how files are read"
            )
        if latent_classes:
            raise ArgumentError("a Profile has no rows to fit latent classes to: audit the source for them")
        from colprofile.verbs.audit.search import audit_of_profile

        return audit_of_profile(saved)
    began, begun = time.perf_counter(), time.monotonic()
    until = math.inf if max_seconds is None else begun + max_seconds / 2
    counting = Counting(columns=columns, nulls=nulls, sample=False, are_pairs_bounded=True, pairs_until=until)
    reading = Reading(threads, memory_limit, statement_timeout=statement_timeout, progress=progress, inputs=inputs)
    import_whole("colprofile.verbs.audit.search")
    with counted_table(source, table, counting, reading) as counted:
        from colprofile.verbs.audit.search import audit_of_profile, audit_of_table

        if not counted.columns:
            return audit_of_profile(counted.profile)
        saved_bits = counted.session.run(lambda: _saved_bits(counted)) if latent_classes else None
        stop = threading.Event()
        deadline = math.inf if max_seconds is None else begun + max_seconds

        def finish() -> bool:
            """Stop searching and keep what was found, if that was asked for."""
            if partial:
                stop.set()
            return partial

        found = counted.session.run(
            lambda: audit_of_table(counted, max_determinants, max_error, stop, deadline), finish
        )
    ledger = found.ledger
    if saved_bits is not None:
        undefined = {name: reason for name, reason in ledger.undefined.items() if name != "latent_class_bits"}
        ledger = replace(ledger, latent_class_bits=max(0.0, ledger.bits_apart - saved_bits), undefined=undefined)
    made = replace(found.provenance, duration=time.perf_counter() - began)
    return replace(found, ledger=ledger, provenance=made)


def _saved_bits(counted: CountedTable) -> float:
    """Return the bits per row that latent classes show to be redundant, NULL being a value."""
    from colprofile.verbs.latent.fit import fit_classes
    from colprofile.verbs.latent.options import DEFAULTS

    return fit_classes(counted, replace(DEFAULTS, nulls="value")).table_redundancy if counted.coded.rows else 0.0
