"""What ``EXPLAIN`` says: the rows that PostgreSQL's planner estimates."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from colprofile.catalogs.statistics import SavedTable

if TYPE_CHECKING:
    import sqlalchemy as sa


def run(connection: sa.Connection, statement: str) -> sa.CursorResult[Any]:
    """Run a statement as it stands: the driver looks for no parameters in it, so names may hold signs of per cent."""
    return connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def planned_rows(connection: sa.Connection, table: SavedTable, condition: str | None = None) -> int:
    """Return the rows that the planner estimates for the table, or for a condition on it."""
    where = f" where {condition}" if condition else ""
    statement = f"explain (format json) select 1 from {table.quoted}{where}"
    found: Any = run(connection, statement).scalar()
    plan = json.loads(found) if isinstance(found, str) else found
    return int(plan[0]["Plan"]["Plan Rows"])


def table_rows(connection: sa.Connection, table: SavedTable) -> int:
    """Return the rows of the whole table that the planner assumes."""
    with in_one_process(connection):
        return planned_rows(connection, table)


@contextlib.contextmanager
def in_one_process(connection: sa.Connection) -> Iterator[None]:
    """Make EXPLAIN show plans of one process: those of several show fewer rows, each process its own."""
    run(connection, "set local max_parallel_workers_per_gather = 0")
    yield
    run(connection, "set local max_parallel_workers_per_gather to default")
