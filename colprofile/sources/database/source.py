"""SQLAlchemySource: a table, view or query of any database that SQLAlchemy 2 reaches, only ever selected from.

Everything happens in one read-only transaction, on one snapshot where the database has them. Its columns can be
counted where they are (``pushdown``), on several connections that share the snapshot, or fetched batch by batch and
counted by the kernels.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from colprofile.sources.base import Fetch, Source, SourceColumn
from colprofile.sources.database.borrowed import BorrowedTransaction
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.connections import SharedConnections
from colprofile.sources.database.engine_sql import Expression
from colprofile.sources.database.engines import engine_for, own_copy
from colprofile.sources.database.relations import DatabaseRelation, find_relation
from colprofile.sources.database.remote_engines import left_alone
from colprofile.sources.database.small_marginal import RowsOf
from colprofile.sources.database.transaction import ReadTransaction

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

FETCH_ROWS = 5_000_000
"""Tables of at most this many rows are fetched by ``fetch="auto"``."""

_BATCH_CELLS = 1 << 17
"""Cells per batch: few enough that the Python objects are still in cache when they become an array."""
_LOCAL = frozenset({"sqlite", "duckdb"})
"""Databases inside our own process: there is no wire, and fetching is always the faster way."""

_CANCEL_PAUSE = 0.2


class SQLAlchemySource(Source):
    """A relation of a database behind a SQLAlchemy Engine.

    Parameters
    ----------
    engine
        The user's, or ours for a URL. Not disposed of on leaving unless ``dispose``.
    table
        A table or view, qualified by its schema or not, or a query. None takes the only table there is.
    fetch, statement_timeout
        As for ``profile``. "auto" fetches everything from databases in our own process.
    transaction
        An open transaction of the engine to read in; it stays open on leaving, unless ``ends_transaction``. By default
        the source has its own.
    where
        A condition in the database's SQL: only rows that satisfy it are there.

    Raises
    ------
    SourceNotFound
        No such table; the near names are in the message.
    SourceError
        No server, no database, no permission.

    Notes
    -----
    Of locks PostgreSQL takes the weakest, ACCESS SHARE, on the relation and what it is made of, until the source is
    left: readers and writers go on; ALTER, DROP and TRUNCATE wait, and so do all statements behind them. The snapshot
    keeps VACUUM from removing rows that are deleted in the meantime. The server's own work_mem limits the memory for
    sorting and grouping, per statement and connection; settings are changed for the transaction alone.
    """

    def __init__(
        self,
        engine: sa.Engine,
        table: str | None,
        *,
        fetch: Fetch = "auto",
        statement_timeout: float | None = None,
        dispose: bool = False,
        transaction: ReadTransaction | None = None,
        ends_transaction: bool = False,
        where: str | None = None,
    ) -> None:
        self._interrupted = threading.Event() if transaction is None else transaction.interrupted
        self._cancelled_at = 0.0
        self._shared: SharedConnections | None = None
        self._cleanup = contextlib.ExitStack()
        try:
            copy = own_copy(engine) if transaction is None else None
            self._engine = engine if copy is None else copy
            if dispose or copy is not None:
                self._cleanup.callback(self._engine.dispose)
            self._transaction = transaction or ReadTransaction(self._engine, statement_timeout, self._interrupted)
            if transaction is None or ends_transaction:
                self._cleanup.callback(self._transaction.close)
            self.description = self._transaction.description
            with self._transaction.readable():
                # Only the first statement of a transaction may do it.
                self._snapshot = None if fetch == "always" else self._transaction.exported_snapshot()
                relation = self._transaction.waited_for(
                    lambda: find_relation(self._connection, table, self.description, self.rows_of, where)
                )
            self.relation = relation
            self.table: str | None = relation.name
            self.plans = {plan.name: plan for plan in relation.plans}
            self.columns = tuple(_source_column(relation, name, self.plans.get(name)) for name in relation.column_names)
            self.is_pushdown = fetch == "never" or (fetch == "auto" and self._is_large())
        except BaseException:
            self._cleanup.close()
            raise

    def __enter__(self) -> SQLAlchemySource:
        return self

    def __exit__(self, *exception: object) -> None:
        self._cleanup.close()

    @property
    def _connection(self) -> sa.Connection:
        return self._transaction.connection

    def _is_large(self) -> bool:
        if self._engine.dialect.name in _LOCAL:
            return False
        some: sa.Select[Any] = sa.select(sa.literal_column("1").label("one")).select_from(self.relation.clause)
        limited = some.limit(FETCH_ROWS + 1).subquery("some")
        return int(self.rows_of(sa.select(sa.func.count()).select_from(limited))[0][0]) > FETCH_ROWS

    def rows_of(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> list[tuple[Any, ...]]:
        """Return all rows of a statement, as ``ReadTransaction.rows_of``."""
        return self._transaction.rows_of(statement)

    def run(
        self, jobs: Sequence[Callable[[RowsOf], T]], progress: Callable[[int], None], connections: int = 1
    ) -> list[T]:
        """Return the results of jobs, ``connections`` at a time. Each job gets a function that runs a statement.

        Further connections read the same snapshot; where there are none to be had, fewer or one do all the work. Give
        the longest jobs first. ``progress`` is called in this thread with how many are done; what it raises ends the
        work.
        """
        with SharedConnections(self._transaction, self._snapshot, self.relation.clause, connections) as shared:
            self._shared = shared
            try:
                return shared.run(jobs, progress)
            finally:
                self._shared = None

    def some_rows(self, rows: int, wanted: int) -> sa.FromClause | None:
        """Return about this many rows from blocks all over a table of ``rows`` rows; None where the database cannot."""
        clause = self.relation.clause
        if self.dialect != "postgresql" or not self.relation.has_blocks or not rows:
            return None
        percentage = sa.func.system(min(100.0, 100.0 * wanted / rows))
        return sa.tablesample(clause, percentage, name="some", seed=sa.literal_column("1"))

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the database."""
        return str(self._engine.dialect.name)

    def count_rows(self) -> int:
        """Return the rows of the relation."""
        return int(self.rows_of(sa.select(sa.func.count()).select_from(self.relation.clause))[0][0])

    @contextlib.contextmanager
    def sampled_batches(
        self, columns: Sequence[SourceColumn], rows: int, size: int, seed: int
    ) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Open what ``batches`` returns, of ``size`` of the ``rows`` rows, drawn at random without replacement."""
        from colprofile.counting.sampling import draw_rows, take_rows

        schema, batches = self.batches(columns)
        yield schema, take_rows(batches, draw_rows(rows, size, seed))

    def batches(self, columns: Sequence[SourceColumn]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Return the schema and an iterator of record batches, one field per column, all from one query."""
        import pyarrow as pa

        from colprofile.sources.database.fetch import arrow_type

        plans = [self.plans[column.name] for column in columns]
        schema = pa.schema([(f"c{i}", arrow_type(plan)) for i, plan in enumerate(plans)])
        return schema, self._read(plans, schema)

    def _read(self, plans: Sequence[ColumnPlan], schema: pa.Schema) -> Generator[pa.RecordBatch, None, None]:
        import pyarrow as pa

        from colprofile.sources.database.fetch import arrow_array, arrow_type, ranked_array

        expressions = list(chain.from_iterable(_fetched(plan) for plan in plans))
        selected = sa.select(*(e.label(f"c{i}") for i, e in enumerate(expressions))).select_from(self.relation.clause)
        size = max(1000, min(100_000, _BATCH_CELLS // len(expressions)))
        transaction = self._transaction
        with transaction.readable(), transaction.clock():
            transaction.check()
            with _closed_on_error(transaction):
                # Options of the statement alone: the connection may serve others afterwards.
                streamed = {"stream_results": True, "max_row_buffer": size}
                result = transaction.waited_for(lambda: self._connection.execute(selected, execution_options=streamed))
            result = result.yield_per(size)
        with contextlib.ExitStack() as stack:
            # A lost connection keeps SQLAlchemy from closing its cursor.
            for opened in (result.cursor, result):
                if opened is not None:
                    stack.callback(transaction.close_quietly, opened.close)
            while True:
                with transaction.readable(), transaction.clock():
                    rows = transaction.waited_for(lambda: result.fetchmany(size))
                    if not rows:
                        return
                    fields = iter(zip(*rows, strict=True))
                    arrays = [
                        ranked_array(plan, *(next(fields) for _ in arrow_type(plan)))
                        if plan.wire == "ranked"
                        else arrow_array(plan, next(fields))
                        for plan in plans
                    ]
                    batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
                yield batch

    def interrupt(self) -> None:
        """Stop the statements that run, from another thread."""
        self._interrupted.set()
        if time.monotonic() - self._cancelled_at > _CANCEL_PAUSE:
            self._cancelled_at = time.monotonic()
            (self._shared or self._transaction).cancel()


@contextlib.contextmanager
def _closed_on_error(transaction: ReadTransaction) -> Iterator[None]:
    """Close the cursor of a statement that fails: SQLAlchemy leaves it open where the connection was lost."""
    cursors: list[Any] = []
    connection = transaction.connection

    def remember(_: Any, cursor: Any, *__: Any) -> None:
        cursors.append(cursor)

    sa.event.listen(connection, "before_cursor_execute", remember)
    try:
        yield
    except BaseException:
        for cursor in cursors:
            transaction.close_quietly(cursor.close)
        raise
    finally:
        sa.event.remove(connection, "before_cursor_execute", remember)


def _fetched(plan: ColumnPlan) -> list[Expression]:
    """Return what to select for a column: itself, or the rank, the text and the key of a ranked column."""
    if plan.wire != "ranked" or plan.label is None:
        return [plan.carry(plan.key)]
    rank = sa.func.dense_rank().over(partition_by=plan.key.is_(None), order_by=plan.key)
    text = sa.func.min(plan.label).over(partition_by=plan.key)
    return [sa.case((plan.key.is_not(None), rank)), text, *([] if plan.equality is None else [plan.equality])]


def _source_column(relation: DatabaseRelation, name: str, plan: ColumnPlan | None) -> SourceColumn:
    if plan is None:
        shown, kind, reason = relation.skipped[name]
        return SourceColumn(name, shown, kind, None, reason)
    return SourceColumn(
        name, plan.type, plan.kind, name, is_decimal_text=plan.wire == "decimal", is_ranked=plan.wire == "ranked"
    )


def _family(source: str | sa.URL) -> str:
    """Return the dialect that a URL names."""
    driver = source.drivername if isinstance(source, sa.URL) else source.partition("://")[0]
    return driver.partition("+")[0].lower()


def open_sqlalchemy(
    source: Any,
    table: str | None,
    *,
    fetch: Fetch = "auto",
    statement_timeout: float | None = None,
    where: str | None = None,
) -> SQLAlchemySource:
    """Open a URL (text or SQLAlchemy's), an Engine or a Connection; raise what they do that open it.

    Raises
    ------
    ArgumentError
        ``where`` is not allowed.
    """
    if isinstance(source, sa.Connection):
        borrowed = BorrowedTransaction(source, statement_timeout, threading.Event())
        return SQLAlchemySource(
            source.engine, table, fetch=fetch, transaction=borrowed, ends_transaction=True, where=where
        )
    is_ours = not isinstance(source, sa.Engine)
    engine = left_alone(_family(source), lambda: engine_for(source)) if is_ours else source
    return SQLAlchemySource(
        engine, table, fetch=fetch, statement_timeout=statement_timeout, dispose=is_ours, where=where
    )
