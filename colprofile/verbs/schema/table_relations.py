"""Tables that say the same: equal, contained, parts of one, lookups that hold nothing new."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import ForeignKey, RepeatedColumn, TableRelation
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.table_values import TableValues


def find_table_relations(
    tables: Sequence[TableValues],
    foreign_keys: Sequence[ForeignKey],
    repeated: Sequence[RepeatedColumn],
    queries: Queries,
    report: Report,
) -> list[TableRelation]:
    """Return the tables that repeat each other, most bits first."""
    raise NotImplementedError
