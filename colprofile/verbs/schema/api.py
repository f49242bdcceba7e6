"""schema_of: what the counted tables of a database say of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from colprofile.results.schema import Schema
from colprofile.sources.tables.base import Tables
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


def schema_of(source: Tables, tables: Sequence[TableValues], report: Report) -> Schema:
    """Return what was found between tables: from what was kept of each, and queries where that is not enough."""
    declared = source.declared()
    with source.queries() as queries:
        keys = candidate_keys(tables, declared, queries)
        inclusions, left_out = find_inclusions(tables, keys, declared, queries, report)
        foreign_keys = choose_foreign_keys(inclusions, tables, keys, declared, queries)
        repeated = find_repeated_columns(tables, foreign_keys, queries, report)
        relations = find_table_relations(tables, foreign_keys, repeated, queries, report)
        errors = find_join_errors(tables, foreign_keys, queries, report)
        notes: list[str] = []
        sizes = find_join_sizes(tables, foreign_keys, queries, report, notes)
    return Schema(
        keys=tuple(keys),
        foreign_keys=tuple(foreign_keys),
        inclusions=tuple(inclusions),
        repeated_columns=tuple(repeated),
        table_relations=tuple(relations),
        domains=tuple(find_domains(tables, inclusions, foreign_keys, repeated)),
        join_errors=tuple(errors),
        join_sizes=tuple(sizes),
        ledger=tuple(database_ledger(tables, repeated, relations)),
        fixes=tuple(schema_fixes(source, tables, keys, foreign_keys, repeated, relations)),
        notes=(*_notes(left_out), *notes),
    )


def _notes(left_out: int) -> Iterator[str]:
    """Yield what the reader should know of what is not shown."""
    if left_out:
        yield (
            f"{left_out:,} more pairs of columns may hold the values of one another: small numbers that fit any key, "
            "without a name that speaks for them, are left out."
        )
