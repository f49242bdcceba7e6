"""Columns of one domain in several tables under different names or types."""

from __future__ import annotations

from collections.abc import Sequence

from colprofile.results.schema import Domain, ForeignKey, Inclusion
from colprofile.verbs.schema.table_values import TableValues


def find_domains(
    tables: Sequence[TableValues], inclusions: Sequence[Inclusion], foreign_keys: Sequence[ForeignKey]
) -> list[Domain]:
    """Return the domains whose columns differ in name or type."""
    raise NotImplementedError
