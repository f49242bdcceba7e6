"""Joins in bits: how wrong a planner is about a condition on the table referred to, and how many rows a join has."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import ForeignKey, JoinError, JoinSize
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.table_values import TableValues


def find_join_errors(
    tables: Sequence[TableValues], foreign_keys: Sequence[ForeignKey], queries: Queries, report: Report
) -> list[JoinError]:
    """Return the planner's mean error per foreign key and attribute, most bits first."""
    raise NotImplementedError


def find_join_sizes(
    tables: Sequence[TableValues], foreign_keys: Sequence[ForeignKey], queries: Queries, report: Report
) -> list[JoinSize]:
    """Return the sizes of joins along foreign keys, of two and three tables."""
    raise NotImplementedError
