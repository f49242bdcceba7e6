"""The ledger of a database: what each table holds in bits, and what of it is said elsewhere too."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import RepeatedColumn, TableBits, TableRelation
from colprofile.verbs.schema.table_values import TableValues


def database_ledger(
    tables: Sequence[TableValues], repeated: Sequence[RepeatedColumn], relations: Sequence[TableRelation]
) -> list[TableBits]:
    """Return the tables' bits, most repeated bytes first; nothing is counted twice."""
    raise NotImplementedError
