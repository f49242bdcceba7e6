"""Inclusion dependencies between all columns: refuted by sketches first, the survivors verified."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import CandidateKey, Inclusion
from colprofile.sources.tables.base import Declared, Queries
from colprofile.verbs.schema.report import Report
from colprofile.verbs.schema.table_values import TableValues


def find_inclusions(
    tables: Sequence[TableValues], keys: Sequence[CandidateKey], declared: Declared, queries: Queries, report: Report
) -> list[Inclusion]:
    """Return the inclusions, exact and near, of single columns and of up to three, most evidence first."""
    raise NotImplementedError
