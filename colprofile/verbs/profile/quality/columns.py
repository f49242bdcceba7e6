"""What is probably wrong in one column, by the kind of its values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from colprofile.results.quality import TextShape
from colprofile.sources.base import SourceColumn
from colprofile.values import value_family
from colprofile.verbs.profile.quality.column import Fault, QualityColumn
from colprofile.verbs.profile.quality.numbers import number_issues
from colprofile.verbs.profile.quality.texts import text_issues
from colprofile.verbs.profile.quality.times import time_issues

MISSING_SHARE = 0.2
MOSTLY_MISSING_SHARE = 0.6
CONSTANT_SHARE = 0.99
_CONSTANT_ROWS = 100

_NOT_PROSE = ("uuid", "bit", "json", "xml", "inet", "cidr", "macaddr", "uniqueidentifier", "tsvector", '"null"', "null")
"""Types whose text form nobody wrote."""


def column_faults(source: SourceColumn, column: QualityColumn) -> tuple[TextShape | None, list[Fault]]:
    """Return what a column looks like if it is text, and what is probably wrong in it."""
    found: list[Fault] = []
    shape = None
    is_filled = column.marginal.filled > 0
    is_constant = column.marginal.distinct == 1 and not column.marginal.nulls
    family = value_family(source.kind, source.type)
    if is_filled and source.kind in ("text", "categorical"):
        if family == "text" and not source.type.lower().startswith(_NOT_PROSE):
            shape, found = text_issues(column)
    elif is_filled and source.kind == "numeric":
        found = list(number_issues(column))
    elif is_filled and family == "moment":
        found = list(time_issues(column))
    if is_constant:  # what it is has been said
        return shape, []
    return shape, [*found, *common_faults(column)]


def common_faults(column: QualityColumn) -> Iterator[Fault]:
    """Yield what can be wrong in a column of any kind."""
    yield from _missing(column)
    yield from _nearly_constant(column)


def _missing(column: QualityColumn) -> Iterator[Fault]:
    """Yield the remark on a column that is NULL in many rows, though not in all."""
    nulls = column.marginal.nulls
    if MISSING_SHARE * column.rows <= nulls < column.rows and nulls:
        is_mostly = nulls >= MOSTLY_MISSING_SHARE * column.rows
        yield column.fault("missing", "medium" if is_mostly else "low", _NULL, rows=nulls, values=())


_NULL = np.array([-1], np.int64)
"""The position of NULL, whose code is 0."""


def _nearly_constant(column: QualityColumn) -> Iterator[Fault]:
    """Yield the remark on a column with one value in nearly every row that has one."""
    counts, filled = column.counts, column.marginal.filled
    if filled < _CONSTANT_ROWS:
        return
    sizes, _ = column.marginal.fingerprint
    rows = filled - int(sizes.max())
    if 0 < rows <= (1 - CONSTANT_SHARE) * filled:
        top = int(np.argmax(counts))
        others = np.flatnonzero(counts)
        others = others[others != top]
        yield column.fault("nearly_constant", "low", others, shown=np.array([top], np.int64))
