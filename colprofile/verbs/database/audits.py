"""The audits of all tables of a database, and what lies between the tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

from colprofile.counting.scratch import Scratch
from colprofile.errors import ColprofileError, one_line
from colprofile.progress import Progress, report
from colprofile.results.audit import Audit
from colprofile.results.database import DatabaseAudit, DatabaseProfile, TableAudit
from colprofile.results.schema import EVERYTHING, Schema
from colprofile.sources.tables.base import NotBetween, Tables
from colprofile.sources.tables.patterns import Patterns, chosen_names
from colprofile.stopping import ENDINGS, interruptible, kept_on_interrupt
from colprofile.verbs.audit.api import audit, audit_and_keep, check_search, plan
from colprofile.verbs.audit.options import MAX_ERROR
from colprofile.verbs.database.inputs import inputs_of, useless_inputs, without
from colprofile.verbs.database.keywords import AuditKeywords
from colprofile.verbs.database.run import check_of_many, each_table, fault, of_database, provenance_of
from colprofile.verbs.profile.count_table import CountedTable
from colprofile.verbs.profile.limits import memory_shares
from colprofile.verbs.profile.options import Reading
from colprofile.verbs.schema.api import schema_of
from colprofile.verbs.schema.table_values import TableValues, table_values

MAX_DETERMINANTS = 1
"""Most columns on the left side of a dependency in the audit of a whole database, by default."""

INTERRUPTED = "Interrupted: what lies between the tables was not looked for."
ONE_AFTER_THE_OTHER = (
    "The tables were read one after the other: rows that were added or removed meanwhile may look like orphans."
)
FROM_PROFILES = "Made from profiles: what lies between tables needs their rows. Audit the source for it."


def audit_tables(tables: Tables, options: AuditKeywords, *, partial: bool) -> DatabaseAudit:
    """Return the audit of each table and of what lies between; errors as ``each_table`` says.

    What cannot be found between tables is a note, and loses no table's audit.
    """
    began = time.perf_counter()
    _check(options)
    memory = memory_shares(options.get("memory_limit"))
    shown = Progress(options.get("progress"), "looking for tables")
    with shown, Scratch(memory.process) as scratch, tables.snapshot() as is_snapshot:
        kept: list[TableValues] = []
        notes: list[str] = []
        unfinished: list[str] = []
        read = _reader(tables, options, partial, scratch, kept, notes, unfinished)
        found = each_table(
            tables.names,
            read,
            shown,
            description=tables.description,
            partial=partial,
            is_cut_short=lambda table: table.result.search.ended_by == "interrupt",
        )
        schema, is_complete = Schema(notes=(INTERRUPTED,), unfinished=("all steps",)), found.is_complete
        if is_complete:
            schema, is_complete = _between(tables, kept, shown, partial=partial)
            was_compared = len(kept) > 1 and EVERYTHING not in schema.unfinished
            notes += [ONE_AFTER_THE_OTHER] if was_compared and not is_snapshot else []
    made = [table.result.provenance for table in found.results]
    return DatabaseAudit(
        tables=found.results,
        schema=replace(schema, notes=(*notes, *schema.notes), unfinished=(*unfinished, *schema.unfinished)),
        skipped=found.skipped,
        provenance=provenance_of(tables.description, made, time.perf_counter() - began),
        is_complete=is_complete,
        notes=(*_notes(options, found.results), *tables.remarks),
    )


def audit_profiles(
    saved: DatabaseProfile, options: AuditKeywords, chosen: Patterns, exclude: Patterns
) -> DatabaseAudit:
    """Return the audit of the profiles of a database's tables: of columns and pairs alone, and nothing between.

    Raises
    ------
    ArgumentError
        No profile has pairs, or all are of samples; an option is about rows.
    SourceNotFound
        A pattern that no table has.
    """
    _check(options)
    names = chosen_names(saved.names, chosen, exclude, saved.provenance.source)
    of_rows = without(options, frozenset({"max_determinants", "max_error"}))
    source = saved.provenance.source
    with Progress(False, "") as shown:
        found = each_table(
            names,
            lambda name: TableAudit(name, audit(saved[name].result, **of_rows)),
            shown,
            description=source,
            partial=False,
        )
    return DatabaseAudit(
        tables=found.results,
        schema=Schema(notes=(FROM_PROFILES,), unfinished=(EVERYTHING,)),
        skipped=(*saved.skipped, *found.skipped),
        provenance=saved.provenance,
        is_complete=saved.is_complete,
        notes=saved.notes,
    )


def _determinants(options: AuditKeywords) -> int:
    given = options.get("max_determinants")
    return MAX_DETERMINANTS if given is None else given


def _check(options: AuditKeywords) -> None:
    check_search(_determinants(options), options.get("max_error", 0.0), options.get("max_seconds"))
    check_of_many(options)


def _reader(
    tables: Tables,
    options: AuditKeywords,
    partial: bool,
    scratch: Scratch,
    kept: list[TableValues],
    notes: list[str],
    unfinished: list[str],
) -> Callable[[str], TableAudit]:
    """Return what audits one table, and keeps of it what is needed between tables."""
    useless = useless_inputs(options, tables)

    def read(name: str) -> TableAudit:
        began = time.perf_counter()
        source, table = tables.given(name)
        useful = without(options, useless.get(name, frozenset()))
        counting, searching = plan(
            _determinants(options),
            options.get("max_error", MAX_ERROR),
            options.get("max_seconds"),
            options.get("nulls", "ignore"),
            partial=partial,
            latent_classes=options.get("latent_classes", False),
        )
        reading = Reading(
            threads=options.get("threads"),
            memory_limit=options.get("memory_limit"),
            statement_timeout=options.get("statement_timeout"),
            progress=options.get("progress"),
            inputs=inputs_of(useful),
        )

        def keep(counted: CountedTable, found: Audit) -> None:
            try:
                kept.append(table_values(name, counted, found, scratch))
            except ENDINGS:
                raise
            except Exception as error:
                unfinished.append(f"the table {name}")
                notes.append(f"Nothing was compared with {one_line(name, 80)!r}: {_reason(error)}.")

        found = audit_and_keep(source, table, counting, reading, searching, keep)
        made = replace(found.provenance, duration=time.perf_counter() - began)
        return TableAudit(name, replace(found, provenance=of_database(made, tables.description, name)))

    return read


def _between(tables: Tables, kept: list[TableValues], shown: Progress, *, partial: bool) -> tuple[Schema, bool]:
    """Return what lies between the tables, and whether Ctrl-C left the time for it."""
    if not kept:
        return Schema(), True
    try:
        with kept_on_interrupt() if partial else nullcontext(), shown.headed("between tables"):
            return interruptible(lambda: schema_of(tables, kept, report), is_bound=_is_bound(tables)), True
    except KeyboardInterrupt:
        if not partial:
            raise
        return Schema(notes=(INTERRUPTED,), unfinished=("all steps",)), False
    except ENDINGS:
        raise
    except Exception as error:
        lost = EVERYTHING if isinstance(error, NotBetween) else "all steps"
        return Schema(
            notes=(f"What lies between the tables was not found: {_reason(error)}.",), unfinished=(lost,)
        ), True


def _is_bound(tables: Tables) -> bool:
    """Whether queries have to be asked in this thread: of SQLite, unless each thread may open its file."""
    if tables.dialect != "sqlite":
        return False
    place = getattr(getattr(tables.given(tables.names[0])[0], "url", None), "database", None)
    return place in (None, "", ":memory:")


def _reason(error: Exception) -> str:
    known = isinstance(error, ColprofileError)
    return one_line(str(error) if known else f"a fault of colprofile: {fault(error)}", 400).rstrip(".")


def _notes(options: AuditKeywords, audits: tuple[TableAudit, ...]) -> list[str]:
    """Return what the reader should know of the whole."""
    if options.get("max_determinants") is not None or not any(len(table.result.columns) > 2 for table in audits):
        return []
    return [
        "Dependencies on several columns were not searched for, which takes long with many tables: "
        "max_determinants=2 or 3 does it, and so does the audit of one table."
    ]
