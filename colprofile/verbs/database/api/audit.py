"""audit: of one table, or of all tables of a database and what lies between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from colprofile.results.audit import Audit
from colprofile.results.saved import saved_database
from colprofile.sources.options import InputKeywords
from colprofile.verbs.audit.api import audit as audit_table
from colprofile.verbs.audit.options import MAX_ERROR
from colprofile.verbs.database.keywords import AuditKeywords
from colprofile.verbs.database.opening import check_table, check_unsaved, tables_in

if TYPE_CHECKING:
    from colprofile.results.database import DatabaseAudit


@overload
def audit(source: Any, table: str, **options: Unpack[AuditKeywords]) -> Audit: ...


@overload
def audit(
    source: Any,
    table: None = None,
    *,
    tables: str | Sequence[str],
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    **options: Unpack[AuditKeywords],
) -> DatabaseAudit: ...


# What the rest returns depends on the data: callers who know it need not ask which it is.
@overload
def audit(
    source: Any,
    table: str | None = None,
    *,
    tables: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
    **options: Unpack[AuditKeywords],
) -> Audit | Any: ...


def audit(
    source: Any,
    table: str | None = None,
    *,
    tables: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    schema: str | None = None,
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
) -> Audit | DatabaseAudit:
    """Return what is redundant in a table: findings with evidence and fixes, exact dependencies, the ledger of bits.

    Of a database, or a folder, of several tables it is the audit of each and of what lies between them: keys, foreign
    keys, what tables repeat of each other, joins in bits, and fixes.

    Parameters
    ----------
    source
        What ``profile`` takes, read once; or a Profile or DatabaseProfile with pairs, or the path of a saved one, of
        which only columns and pairs are judged.
    table, tables, exclude, schema, columns, threads, memory_limit, statement_timeout, progress, inputs
        As for ``profile``. ``columns`` and ``where`` are for one table.
    max_determinants
        Most columns on the left side of a dependency or in a key: 1, 2 or 3. By default 3, and 1 for several tables.
    max_error
        Share of the rows that may contradict a near dependency with several columns on the left, from 0 to 0.05. There
        are so many combinations that beyond 0.01 most of them are of little use. For one column it is always 0.05.
    nulls
        "ignore": a dependency is over the rows where none of its columns is NULL. "value": NULL is a value.
    partial
        On Ctrl-C while dependencies of several columns are searched, return what was found so far.
        ``search.ended_by`` is then "interrupt". With several tables: return those that were finished before, and
        ``is_complete`` is then False.
    max_seconds
        End the search for dependencies so many seconds after the start, and return what was found so far: pairs of
        columns, which are counted for half of the time at most, then one column on the left before two, and two before
        three. Reading the rows, describing the columns and writing down what was found are not cut short.
        None: the search ends after a fixed amount of work, one to two minutes on two cores, so that the same table
        gives the same result; of more than a million pairs those of the columns with the fewest values are counted.
        ``search.levels`` has what was looked at, ``search.ended_by`` why no more was, and a note says it. With several
        tables each has so many seconds.
    latent_classes
        Whether to fit latent classes too (seconds per million cells), for ``ledger.latent_class_bits``.

    Returns
    -------
    Audit or DatabaseAudit
        A DatabaseAudit where there are several tables, or ``tables``, ``exclude`` or ``schema`` is given. Findings with
        most bits first. A dependency is a finding if it is strong: μ+ is at least 0.9, at most 5 % of the rows
        contradict it (``max_error`` for several columns on the left), at least half of the rows share their left
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
    check_table(table, tables=tables, exclude=exclude, schema=schema)
    options = AuditKeywords(
        columns=columns,
        max_determinants=max_determinants,
        max_error=max_error,
        nulls=nulls,
        threads=threads,
        memory_limit=memory_limit,
        statement_timeout=statement_timeout,
        progress=progress,
        partial=partial,
        max_seconds=max_seconds,
        latent_classes=latent_classes,
        **inputs,
    )
    if table is None and (saved := saved_database(source)) is not None:
        from colprofile.verbs.database.audits import audit_profiles

        check_unsaved(schema)
        return audit_profiles(saved, options, tables, exclude)
    if table is not None:
        return audit_table(source, table, **options)
    with tables_in(source, options, schema=schema, tables=tables, exclude=exclude) as found:
        if found is not None:
            from colprofile.verbs.database.audits import audit_tables

            return audit_tables(found, options, partial=partial)
    return audit_table(source, **options)
