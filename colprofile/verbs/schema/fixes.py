"""Fixes as SQL: keys, foreign keys, indexes, and what replaces repeated columns and tables."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import (
    CandidateKey,
    ForeignKey,
    RepeatedColumn,
    SchemaFix,
    TableRelation,
)
from colprofile.sources.tables.base import Tables
from colprofile.verbs.schema.table_values import TableValues


def schema_fixes(
    source: Tables,
    tables: Sequence[TableValues],
    keys: Sequence[CandidateKey],
    foreign_keys: Sequence[ForeignKey],
    repeated: Sequence[RepeatedColumn],
    relations: Sequence[TableRelation],
) -> list[SchemaFix]:
    """Return what to do, in an order in which each can be done after those before."""
    raise NotImplementedError
