"""evidence: how far some columns determine another, whether that is a finding or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack

from colprofile.errors import ArgumentError, shorten
from colprofile.results.audit import Evidence
from colprofile.results.saved import saved_profile
from colprofile.sources.options import InputKeywords
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading

if TYPE_CHECKING:
    from colprofile.verbs.profile.count_table import CountedTable


def evidence(
    source: Any,
    columns: str | Sequence[str],
    target: str,
    table: str | None = None,
    *,
    nulls: Literal["ignore", "value"] = "ignore",
    threads: int | None = None,
    memory_limit: int | str | None = None,
    progress: bool | None = None,
    **inputs: Unpack[InputKeywords],
) -> Evidence:
    """Return the figures of one dependency, columns → target, whatever they are: g3, μ+, RFI, bits, violating rows.

    Parameters
    ----------
    source, table, nulls, threads, memory_limit, progress, inputs
        As for ``audit``.
    columns
        The left side: one name, or any number of names.
    target
        The right side: one name.

    Returns
    -------
    Evidence
        Over the rows where none of the columns is NULL. ``bits`` is what a lookup would save per row of the table,
        0 if it would save nothing; ``log2_chance`` is for this one question, not corrected for others. Where the target
        is constant ``uncertainty_coefficient``, ``rfi`` and ``mu_plus`` are None: nothing needs to be determined.

    Raises
    ------
    ArgumentError
        The target is among the columns, a column is named twice, a name is not a text, no row has a value in all of
        them, or the source is a Profile.
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened or read, or one of the columns cannot be counted.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"zip": [1, 1, 2, 2, 2, 3], "city": ["a", "a", "b", "b", "x", "a"]})
    >>> found = evidence(frame, "zip", "city")
    >>> found.violating_rows, found.g3
    (1, 0.16666666666666666)
    """
    left = _left_side(columns, target)
    if saved_profile(source) is not None:
        raise ArgumentError(
            "a Profile holds no rows to compare: give the source; profile.pair(x, y) has single columns"
        )
    counting = Counting([*left, target], pairs=False, nulls=nulls, quality=False, sample=False)
    reading = Reading(threads, memory_limit, progress=progress, inputs=inputs)
    with counted_table(source, table, counting, reading) as counted:
        counted.check_columns()
        found = counted.session.run(lambda: _evidence(counted, len(left)))
    if found is None:
        raise ArgumentError("no row has a value in all of these columns: there is nothing to compare")
    return found


def _evidence(counted: CountedTable, count: int) -> Evidence | None:
    """Return the figures of the first ``count`` columns → the next one; None where no row has values in all."""
    from colprofile.counting.dependencies.relation import measure
    from colprofile.verbs.audit.audited_table import audited_table

    audited = audited_table(
        counted.profile, count, counted.coded, scratch=counted.session.scratch_for(counted.coded.rows)
    )
    measured = measure(audited.relation, tuple(range(count)), count)
    return audited.evidence(measured) if measured.sums.rows else None


def _left_side(columns: Any, target: Any) -> list[str]:
    """Return the left side as a list of names."""
    left = [columns] if isinstance(columns, str) else list(columns) if isinstance(columns, Iterable) else [columns]
    for name in (*left, target):
        if not isinstance(name, str):
            raise ArgumentError(f"{name!r} is not a column name: give texts, columns=['a', 'b'], target='c'")
    if not left or target in left or len(set(left)) < len(left):
        raise ArgumentError(
            f"columns={[shorten(name) for name in left]!r} must be different columns, at least one, and not the target "
            f"{shorten(target)!r}"
        )
    return left
