"""schema_of: what the counted tables of a database say of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from colprofile.errors import ColprofileError, one_line
from colprofile.results.schema import FAILED, Inclusion, Schema
from colprofile.sources.tables.base import Tables
from colprofile.stopping import ENDINGS, ends_by
from colprofile.verbs.schema.domains import find_domains
from colprofile.verbs.schema.fixes import schema_fixes
from colprofile.verbs.schema.foreign_keys import choose_foreign_keys
from colprofile.verbs.schema.inclusions import find_inclusions
from colprofile.verbs.schema.join_errors import find_join_errors
from colprofile.verbs.schema.join_sizes import find_join_sizes
from colprofile.verbs.schema.keys import candidate_keys
from colprofile.verbs.schema.ledger import database_ledger
from colprofile.verbs.schema.repeated_columns import find_repeated_columns
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.table_relations import find_table_relations
from colprofile.verbs.schema.table_values import TableValues

T = TypeVar("T")


def schema_of(source: Tables, tables: Sequence[TableValues], report: Report) -> Schema:
    """Return what was found between tables: from what was kept of each, and queries where that is not enough.

    A step that fails finds nothing, and a note says why.
    """
    steps = _Steps()
    declared = source.declared()
    with source.queries() as queries:
        ends_by(queries.interrupt)
        # Views repeat what is in these.
        own = [table for table in tables if table.name not in source.views] or tables
        keys = steps.list_of("keys", lambda: candidate_keys(own, declared, queries))
        nothing: tuple[list[Inclusion], int] = ([], 0)
        inclusions, left_out = steps.result_of(
            "inclusions", lambda: find_inclusions(own, keys, declared, queries, report, steps.notes), nothing
        )
        foreign_keys = steps.list_of(
            "foreign keys", lambda: choose_foreign_keys(inclusions, own, keys, declared, queries, report, steps.notes)
        )
        if source.dialect == "duckdb":  # joins without them, and deletes seldom
            foreign_keys = [replace(key, is_indexed=None) for key in foreign_keys]
        repeated = steps.list_of(
            "repeated columns", lambda: find_repeated_columns(own, foreign_keys, queries, report, steps.notes)
        )
        relations = steps.list_of(
            "repeated tables",
            lambda: find_table_relations(own, foreign_keys, repeated, queries, report, steps.notes),
        )
        errors = steps.list_of(
            "errors of joins", lambda: find_join_errors(own, foreign_keys, queries, report, steps.notes)
        )
        sizes = steps.list_of(
            "sizes of joins", lambda: find_join_sizes(own, foreign_keys, queries, report, steps.notes)
        )
    domains = steps.list_of("domains", lambda: find_domains(own, foreign_keys, repeated))
    ledger = steps.list_of("ledger", lambda: database_ledger(own, repeated, relations))
    fixes = steps.list_of("fixes", lambda: schema_fixes(source, tables, keys, foreign_keys, repeated, relations))
    return Schema(
        keys=tuple(keys),
        foreign_keys=tuple(foreign_keys),
        inclusions=tuple(inclusions),
        repeated_columns=tuple(repeated),
        table_relations=tuple(relations),
        domains=tuple(domains),
        join_errors=tuple(errors),
        join_sizes=tuple(sizes),
        ledger=tuple(ledger),
        fixes=tuple(fixes),
        notes=(*_left_out(left_out), *steps.notes),
        unfinished=tuple(steps.unfinished),
    )


def _left_out(left_out: int) -> Iterator[str]:
    """Yield what the reader should know of what is not shown."""
    if left_out:
        yield (
            f"{left_out:,} {'pair of columns was' if left_out == 1 else 'pairs of columns were'} left out: "
            "small whole numbers that fit any key, and no name that suggests a reference."
        )


class _Steps:
    """The steps of the work, with a note for each that failed."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.unfinished: list[str] = []

    def list_of(self, what: str, find: Callable[[], list[T]]) -> list[T]:
        """Return what a step finds, as ``result_of``."""
        return self.result_of(what, find, [])

    def result_of(self, what: str, find: Callable[[], T], nothing: T) -> T:
        """Return what a step finds; nothing where it fails: that loses neither the audits nor the other steps."""
        try:
            return find()
        except ENDINGS:
            raise
        except ColprofileError as error:
            reason = str(error)
        except Exception as error:
            reason = f"a fault of colprofile: {type(error).__name__}: {error}"
        self.unfinished.append(what)
        self.notes.append(f"{FAILED}{what} ({one_line(reason, 300)}).")
        return nothing
