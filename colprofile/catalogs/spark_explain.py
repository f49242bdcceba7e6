"""What ``EXPLAIN COST`` says: the rows that Spark's optimizer estimates."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable, Iterator, Sequence

from colprofile.catalogs.spark import RowsOf, SparkTable
from colprofile.errors import SourceError

AT_ONCE = 25
"""Predicates in one EXPLAIN: one at a time takes twice as long."""


def explained_rows(
    rows_of: RowsOf, table: SparkTable, conditions: Sequence[str], progress: Callable[[int], object]
) -> list[float]:
    """Return the rows that Spark estimates for each condition on the table: three significant digits.

    CBO must be on. Each condition is the filter of one part of a UNION ALL, whose column has a random name: values in
    the plan cannot be taken for it. ``progress`` is called with the number of conditions that are done.

    Raises
    ------
    SourceError
        Spark did not plan a condition, or shows no rows.
    """
    found: list[float] = []
    for start in range(0, len(conditions), AT_ONCE):
        some = conditions[start : start + AT_ONCE]
        mark = f"p{secrets.token_hex(8)}"
        parts = [f"select 1 as {mark}_{number} from {table.quoted} where {item}" for number, item in enumerate(some)]
        plan = str(rows_of(f"explain cost {' union all '.join(parts)}")[0][0])
        pattern = rf"\[1 AS {mark}_(\d+)#\d+\], Statistics\(sizeInBytes=[^,()]*, rowCount=([0-9.E+]+)\)"
        rows = {int(number): float(amount) for number, amount in re.findall(pattern, plan)}
        if len(rows) != len(some):
            raise SourceError(f"EXPLAIN COST of {table.quoted} shows no estimates: {_said(plan)}")
        found += [rows[number] for number in range(len(some))]
        progress(len(found))
    return found


@contextlib.contextmanager
def with_cbo(rows_of: RowsOf, table: SparkTable) -> Iterator[None]:
    """Switch CBO on in the session, and back to what it was at the end."""
    if table.settings.is_cbo_enabled:
        yield
        return
    rows_of("set spark.sql.cbo.enabled = true")
    try:
        yield
    finally:
        rows_of("set spark.sql.cbo.enabled = false")


def _said(plan: str) -> str:
    lines = [line.strip() for line in plan.splitlines() if line.strip() and not line.startswith("==")]
    return lines[0][:200] if lines else "it is empty"
