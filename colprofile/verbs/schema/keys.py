"""Candidate keys of each table, and what the database declares of them."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import CandidateKey
from colprofile.sources.tables.base import Declared, Queries
from colprofile.verbs.schema.table_values import TableValues


def candidate_keys(tables: Sequence[TableValues], declared: Declared, queries: Queries) -> list[CandidateKey]:
    """Return the candidate keys of all tables, the primary one of each first; declared keys that rows break too."""
    raise NotImplementedError
