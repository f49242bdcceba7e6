"""Columns that a foreign key's path has too: copied, or determined by the reference."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import ForeignKey, RepeatedColumn
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.table_values import TableValues


def find_repeated_columns(
    tables: Sequence[TableValues], foreign_keys: Sequence[ForeignKey], queries: Queries, report: Report
) -> list[RepeatedColumn]:
    """Return the columns that repeat what their references lead to, most bits first."""
    raise NotImplementedError
