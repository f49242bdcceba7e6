"""Which inclusions are foreign keys: evidence in bits, names, types, coverage, cardinality, direction, declarations."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import CandidateKey, ForeignKey, Inclusion
from colprofile.sources.tables.base import Declared, Queries
from colprofile.verbs.schema.table_values import TableValues


def choose_foreign_keys(
    inclusions: Sequence[Inclusion],
    tables: Sequence[TableValues],
    keys: Sequence[CandidateKey],
    declared: Declared,
    queries: Queries,
) -> list[ForeignKey]:
    """Return the foreign keys, those of one table together, at most one target per set of columns."""
    raise NotImplementedError
