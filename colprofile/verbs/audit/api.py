"""audit: what is redundant in a table, what determines what, and the SQL that removes the redundancy."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
    max_determinants: int | None = None,
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
    """Return the audit of one table, as ``colprofile.audit`` describes it, by default with ``max_determinants`` 3."""
    most = MAX_DETERMINANTS if max_determinants is None else max_determinants
    check_search(most, max_error, max_seconds)
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
    began = time.perf_counter()
    reading = Reading(threads, memory_limit, statement_timeout=statement_timeout, progress=progress, inputs=inputs)
    counting, searching = plan(most, max_error, max_seconds, nulls, partial=partial, latent_classes=latent_classes)
    found = audit_and_keep(source, table, replace(counting, columns=columns), reading, searching)
    return replace(found, provenance=replace(found.provenance, duration=time.perf_counter() - began))


def check_search(max_determinants: int, max_error: float, max_seconds: float | None) -> None:
    """Raise ArgumentError where the search of an audit is asked for what is not allowed."""
    if max_determinants not in (1, 2, 3):
        raise ArgumentError(f"max_determinants={max_determinants!r} is not allowed: give 1, 2 or 3")
    if not 0 <= max_error <= 0.05:
        raise ArgumentError(f"max_error={max_error!r} is not allowed: give a share of the rows from 0 to 0.05")
    if max_seconds is not None and not max_seconds > 0:
        raise ArgumentError(f"max_seconds={max_seconds!r} is not allowed: give seconds above 0")


@dataclass(frozen=True)
class Searching:
    """What is searched for in a counted table, and until when: ``deadline`` is on the clock of ``time.monotonic``."""

    max_determinants: int = MAX_DETERMINANTS
    max_error: float = MAX_ERROR
    deadline: float = math.inf
    partial: bool = False
    latent_classes: bool = False


def plan(
    max_determinants: int,
    max_error: float,
    max_seconds: float | None,
    nulls: Literal["ignore", "value"],
    *,
    partial: bool,
    latent_classes: bool,
) -> tuple[Counting, Searching]:
    """Return what an audit that begins now counts and searches for: pairs for half of the time at most."""
    begun, seconds = time.monotonic(), math.inf if max_seconds is None else max_seconds
    counting = Counting(nulls=nulls, sample=False, are_pairs_bounded=True, pairs_until=begun + seconds / 2)
    return counting, Searching(max_determinants, max_error, begun + seconds, partial, latent_classes)


def audit_and_keep(
    source: Any,
    table: str | None,
    counting: Counting,
    reading: Reading,
    searching: Searching,
    keep: Callable[[CountedTable, Audit], object] | None = None,
) -> Audit:
    """Return the audit of a table that is counted now; ``keep`` is given it while the table's codes are there."""
    import_whole("colprofile.verbs.audit.search")
    with counted_table(source, table, counting, reading) as counted:
        from colprofile.verbs.audit.search import audit_of_profile, audit_of_table

        saved_bits = None
        if counted.columns:
            if searching.latent_classes:
                saved_bits = counted.session.run(lambda: _saved_bits(counted))
            stop = threading.Event()

            def finish() -> bool:
                """Stop searching and keep what was found, if that was asked for."""
                if searching.partial:
                    stop.set()
                return searching.partial

            most, error, deadline = searching.max_determinants, searching.max_error, searching.deadline
            found = counted.session.run(lambda: audit_of_table(counted, most, error, stop, deadline), finish)
        else:
            found = audit_of_profile(counted.profile)
        if keep is not None:
            counted.session.run(lambda: keep(counted, found))
    if saved_bits is None:
        return found
    ledger = found.ledger
    undefined = {name: reason for name, reason in ledger.undefined.items() if name != "latent_class_bits"}
    ledger = replace(ledger, latent_class_bits=max(0.0, ledger.bits_apart - saved_bits), undefined=undefined)
    return replace(found, ledger=ledger)


def _saved_bits(counted: CountedTable) -> float:
    """Return the bits per row that latent classes show to be redundant, NULL being a value."""
    from colprofile.verbs.latent.fit import fit_classes
    from colprofile.verbs.latent.options import DEFAULTS

    return fit_classes(counted, replace(DEFAULTS, nulls="value")).table_redundancy if counted.coded.rows else 0.0
