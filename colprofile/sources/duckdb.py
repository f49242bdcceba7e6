"""DuckDB as the reader of everything local: tables, views, queries, files and frames."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb

from colprofile.errors import ColprofileError, NoRoom, SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.inputs import InputReading
from colprofile.room import no_room
from colprofile.sources.base import SourceColumn
from colprofile.sources.connection_errors import connection_error, raise_interruption
from colprofile.sources.duckdb_columns import duckdb_column, listed
from colprofile.sources.duckdb_equality import Stored, default_collation, stored_types
from colprofile.sources.identifiers import only_table, quote_identifier, quote_literal, split_identifier
from colprofile.stopping import ends_by

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_BYTES = 1 << 27
_NARROW = ("boolean", "numeric", "temporal")
_LONG_TEXT = 512
_VECTOR = 2048
_MOST_BATCH_ROWS = 1 << 20
_UNREGISTER_TRIES = 1_000


class DuckDBSource:
    """A relation of a DuckDB connection: only ever selected from.

    Parameters
    ----------
    connection
        Left open on leaving unless ``close`` closes it.
    relation
        What stands behind FROM: a quoted table name, a function call or a query in parentheses.
    names
        The columns' own names where DuckDB had to make them unique, else None.
    has_collations
        Whether texts may have collations, which is then looked up: those of files and frames have none.

    Attributes
    ----------
    batch_bytes
        What a batch of rows may take, about; it is set by who has less memory.
    """

    is_pushdown = False
    has_row_numbers = True
    has_workers = False
    sampling_note: str | None = None

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relation: str,
        *,
        description: str,
        table: str | None,
        names: Sequence[str] | None = None,
        stored_bytes: Callable[[], dict[str, int]] = dict,
        expected_rows: Callable[[], int] = int,
        reading: InputReading | None = None,
        has_collations: bool = True,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.connection = connection
        self.relation = relation
        self.description = description
        self.table = table
        self.reading = reading
        self.batch_bytes = _BATCH_BYTES
        self._stored_bytes = stored_bytes
        self.expected_rows = expected_rows
        self._close = close
        try:
            self.columns = self._describe(names, has_collations)
        except BaseException:
            close()
            raise

    def __enter__(self) -> DuckDBSource:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def _describe(self, names: Sequence[str] | None, has_collations: bool) -> tuple[SourceColumn, ...]:
        """Return the columns. Of a wide table each query is bound for seconds, so one query has to tell them all."""
        with readable_errors(self.description):
            # On a user's connection DuckDB runs a query with side effects, such as nextval, as soon as it is bound:
            # then without a row. What reads files and frames has none, and is bound once.
            is_query = has_collations and self.relation.startswith("(")
            bound = self.connection.sql(f"select * from {self.relation}{' limit 0' if is_query else ''}")
            self.sql_names, types = bound.columns, bound.types
            stored: list[Stored] = [None] * len(types)
            default = ""
            if has_collations:
                stored = stored_types(self.connection, self.relation, self.sql_names, types)
                default = default_collation(self.connection) if any(stored) else ""
        self._bound: duckdb.DuckDBPyRelation | None = None if is_query else bound
        self._quoted = tuple(map(quote_identifier, self.sql_names))
        if names is None or len(names) != len(self.sql_names):
            names = self.sql_names
        columns = [
            duckdb_column(name, quoted, kind, of_texts, default)
            for name, quoted, kind, of_texts in zip(names, self._quoted, types, stored, strict=True)
        ]
        reasons = self._incomparable({column.type: column for column in columns if column.is_ranked})
        return tuple(
            replace(column, expression=None, reason=reasons[column.type], is_ranked=False)
            if column.is_ranked and column.type in reasons
            else column
            for column in columns
        )

    def _incomparable(self, by_type: Mapping[str, SourceColumn]) -> dict[str, str]:
        """Return why DuckDB cannot rank the values of some types, of each of which a column is given."""
        reasons: dict[str, str] = {}
        if self._refusal(by_type.values()) is not None:
            for kind, column in by_type.items():
                error = self._refusal([column])
                if error is not None:
                    reasons[kind] = f"DuckDB cannot compare values of type {shorten(kind)}: {first_line(error)}"
        return reasons

    def _refusal(self, columns: Collection[SourceColumn]) -> duckdb.Error | None:
        """Return the error of a query of these columns, None where they can be read."""
        if columns:
            try:
                self.connection.sql(f"select {listed(columns)} from {self.relation} limit 0")
            except duckdb.Error as error:
                return error
        return None

    def batches(self, columns: Sequence[SourceColumn]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Return the schema and an iterator of record batches, one field per column, all from one query.

        Rows come in the order of the source.
        """
        if any(column.is_ranked for column in columns):
            # Ranking sorts the rows: they are put back into their order.
            number = f"number_{uuid.uuid4().hex}"
            numbered = f"(select *, row_number() over () as {number} from {self.relation})"
            return self._batches_of(f"{numbered} order by {number}", columns, number)
        return self._batches_of(self.relation, columns)

    def _batches_of(
        self, relation: str, columns: Sequence[SourceColumn], number: str | None = None
    ) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Return the batches of a relation; ``number`` is its column of row numbers, which is left out."""
        selected = self._selected(columns, number)
        rows = self._batch_rows(columns)
        rows = max(_VECTOR, min(_MOST_BATCH_ROWS, rows // _VECTOR * _VECTOR))
        with readable_errors(self.description):
            # Of a wide table what is bound takes 0.1 GB: it is used once, and let go.
            bound, self._bound = self._bound, None
            if bound is None or selected != "*" or relation != self.relation:
                bound = self.connection.sql(f"select {selected} from {relation}")
            reader = bound.to_arrow_reader(rows)
        return reader.schema, self._read(reader)

    def _batch_rows(self, columns: Sequence[SourceColumn]) -> int:
        """Return how many rows a batch has, in which texts may be long where memory is little."""
        rows = _BATCH_BYTES // (8 * max(1, len(columns)))
        if self.batch_bytes >= _BATCH_BYTES:
            return rows
        widths = (8 if column.kind in _NARROW else _LONG_TEXT for column in columns)
        return min(rows, self.batch_bytes // max(1, sum(widths)))

    def _selected(self, columns: Sequence[SourceColumn], number: str | None) -> str:
        """Return what to select: of all columns a star, which DuckDB binds faster than thousands of names."""
        readable = [column for column in self.columns if column.expression is not None]
        if list(columns) != readable or len(self.columns) != len(self._quoted):  # some are not in the relation at all
            return listed(columns)
        of_all = [(quoted, column.expression) for quoted, column in zip(self._quoted, self.columns, strict=True)]
        excluded = [*([number] if number else []), *(quoted for quoted, expression in of_all if expression is None)]
        replaced = [f"{expression} as {quoted}" for quoted, expression in of_all if expression not in (None, quoted)]
        exclude = f" exclude ({', '.join(excluded)})" if excluded else ""
        return f"*{exclude}" + (f" replace ({', '.join(replaced)})" if replaced else "")

    @contextlib.contextmanager
    def sampled_batches(
        self, columns: Sequence[SourceColumn], rows: int, size: int, seed: int
    ) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Open what ``batches`` returns, of ``size`` of the ``rows`` rows, drawn at random without replacement.

        Row numbers are drawn here. DuckDB's reservoir is not a sample without replacement: the first rows of a table
        come out too seldom, and parts of it too evenly.
        """
        import pyarrow as pa

        from colprofile.counting.sampling import draw_rows

        # Names that no table and no column has. DuckDB reads the columns of the drawn rows only. In order, so that the
        # same seed gives the same rows in the same order.
        drawn, number = f"drawn_{uuid.uuid4().hex}", f"number_{uuid.uuid4().hex}"
        self.connection.register(drawn, pa.table({"number": draw_rows(rows, size, seed) + 1}))
        try:
            yield self._batches_of(
                f"(select * from (select *, row_number() over () as {number} from {self.relation}) "
                f"where {number} in (select number from {drawn})) order by {number}",
                columns,
                number,
            )
        finally:
            unregister(self.connection, drawn)

    def count_rows(self) -> int:
        """Return how many rows there are."""
        with readable_errors(self.description):
            return int(self.connection.execute(f"select count(*) from {self.relation}").fetchall()[0][0])

    def is_sampled(self) -> bool:
        """Whether the source is a query that draws a sample by itself."""
        with readable_errors(self.description):
            plan = self.connection.execute(f"explain (format json) select * from {self.relation}").fetchall()[0][1]
        return plan_draws_sample(plan)

    def _read(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        try:
            while True:
                with readable_errors(self.description):
                    batch = reader.read_next_batch()
                yield batch
        except StopIteration:
            return
        finally:
            reader.close()

    def stored_bytes(self) -> dict[str, int]:
        """Return bytes in storage by column name, for the columns whose size the source knows."""
        return self._stored_bytes()

    def interrupt(self) -> None:
        """Stop the query that runs, from another thread."""
        self.connection.interrupt()


def unregister(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Take back a registered table, however often Ctrl-C interrupts that."""
    for _ in range(_UNREGISTER_TRIES):
        with contextlib.suppress(duckdb.InterruptException):
            connection.unregister(name)
            return


def plan_draws_sample(plan: str) -> bool:
    """Whether DuckDB's plan of a query, as JSON, takes a sample: its rows may come in blocks, and no bound follows.

    >>> plan_draws_sample(
    ...     '[{"name": "READ", "children": [{"name": "SCAN", "extra_info": {"Sample Method": "System"}}]}]'
    ... )
    True
    >>> plan_draws_sample('[{"name": "SCAN", "children": [], "extra_info": {"Table": "Sample Method"}}]')
    False
    """
    nodes = list(json.loads(plan))
    while nodes:
        node = nodes.pop()
        if node.get("name", "").endswith("_SAMPLE") or "Sample Method" in (node.get("extra_info") or {}):
            return True
        nodes += node.get("children") or []
    return False


def open_connection_table(
    connection: duckdb.DuckDBPyConnection,
    table: str | None,
    *,
    description: str,
    close: Callable[[], None] = lambda: None,
) -> DuckDBSource:
    """Open a table, qualified or not, a view or a query of a connection; None takes the only table there is.

    Raises
    ------
    SourceNotFound
        No such table; the near names are in the message.
    SourceError
        Several tables and none named, or a statement that is not a query.
    """
    try:
        known = _tables(connection, table)
        if table is None:
            advice = ": name a file, a frame or a query instead"
            table = only_table(_told_apart(known), description, advice)
        parts = _find(known, table)
        if parts is None:  # in parts, in another case, or not at all: all names are looked at
            known = _tables(connection)
            parts = _find(known, table)
        if parts is None:
            relation, name = _unlisted(connection, table, [name for _, _, name in known], description)
            return DuckDBSource(connection, relation, description=description, table=name, close=close)
        relation = ".".join(map(quote_identifier, parts))
        return DuckDBSource(
            connection,
            relation,
            description=description,
            table=parts[-1],
            stored_bytes=lambda: stored_segments(connection, parts),
            expected_rows=lambda: _estimated_rows(connection, parts),
            close=close,
        )
    except BaseException:
        close()
        raise


def _unlisted(
    connection: duckdb.DuckDBPyConnection, given: str, known: Sequence[str], description: str
) -> tuple[str, str]:
    """Return relation and name of what is no table of the catalog: a query, or what only a replacement scan knows."""
    query = _query(connection, given)
    if query is not None:
        return f"({query}\n)", shorten(query, 500)
    relation = ".".join(map(quote_identifier, split_identifier(given)))
    try:
        connection.sql(f"select * from {relation} limit 0")
    except duckdb.Error as error:
        hint = did_you_mean(given, known)
        raise SourceNotFound(f"no table {shorten(given)!r} in {description}. {hint}") from error
    return relation, given


def _tables(connection: duckdb.DuckDBPyConnection, called: str | None = None) -> list[tuple[str, str, str]]:
    """Return (database, schema, name) of tables and views that are not internal, the search path's first.

    All of them, or those that are ``called`` so.
    """
    rows = connection.execute(
        "select database_name, schema_name, table_name from duckdb_tables() "
        "where not internal and table_name = coalesce($1, table_name) "
        "union all select database_name, schema_name, view_name from duckdb_views() "
        "where not internal and view_name = coalesce($1, view_name)",
        [None if called is None else called.encode("utf-8", "replace").decode()],
    ).fetchall()
    here = connection.execute("select current_database(), current_schema()").fetchall()[0]
    return sorted(rows, key=lambda row: (row[0] != "temp", (row[0], row[1]) != here, row))


def _told_apart(known: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return the names of tables, with the schema where several have one name."""
    amounts = Counter(name for _, _, name in known)
    return [name if amounts[name] == 1 else f"{schema}.{name}" for _, schema, name in known]


def _estimated_rows(connection: duckdb.DuckDBPyConnection, parts: tuple[str, ...]) -> int:
    """Return how many rows the catalog says that a table has; 0 for views and tables of other databases."""
    found = connection.execute(
        "select estimated_size from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?",
        list(parts),
    ).fetchall()
    return int(found[0][0] or 0) if found else 0


def _find(known: Sequence[tuple[str, str, str]], given: str) -> tuple[str, ...] | None:
    """Return the table that ``given`` names: the name as it is first, then in dotted parts, then in any case."""
    parts = tuple(split_identifier(given))
    for fold in (str, str.lower):
        for row in known:
            if fold(row[2]) == fold(given):
                return row
        for row in known:
            if tuple(map(fold, row[3 - len(parts) :])) == tuple(map(fold, parts)) and len(parts) <= 3:
                return row
    return None


def _query(connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    """Return ``text`` without its semicolon if it is one query, None if it is no SQL.

    Raises
    ------
    SourceError
        It is another statement, several, or begins like a query and does not parse.
    """
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error:
        if re.match(r"\s*(select|from|with|values)\s", text, re.IGNORECASE):
            with readable_errors("the query"):
                connection.extract_statements(text)
        return None
    if not statements:
        return None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise SourceError(f"{shorten(text)!r} is not one query: give a table's name or a single SELECT")
    return statements[0].query.strip().rstrip(";").rstrip()


def stored_segments(connection: duckdb.DuckDBPyConnection, parts: tuple[str, ...]) -> dict[str, int]:
    """Return the bytes that a table's column segments take in a DuckDB file, slack at block ends included.

    A segment reaches to the next one in its block, the last to the block's end. Empty for tables in memory and views.
    """
    try:
        # Nothing may fail here: an error would abort the transaction that the connection may be in.
        is_stored = connection.execute(
            "select exists (from duckdb_databases() where database_name = ? and path is not null and type = 'duckdb') "
            "and exists (from duckdb_tables() where (database_name, schema_name, table_name) = (?, ?, ?))",
            [parts[0], *parts],
        ).fetchall()[0][0]
        if not is_stored:
            return {}
        relation = ".".join(map(quote_identifier, parts))
        rows = connection.execute(
            "select column_name, block_id, block_offset, len(additional_block_ids) "
            f"from pragma_storage_info({quote_literal(relation)}) where persistent and block_id >= 0 "
            "order by block_id, block_offset"
        ).fetchall()
        size = connection.execute(
            "select block_size from pragma_database_size() where database_name = ?", [parts[0]]
        ).fetchall()[0][0]
    except duckdb.Error:
        return {}  # it is not to be had
    stored: dict[str, int] = {}
    for number, (column, block, offset, more) in enumerate(rows):
        following = rows[number + 1] if number + 1 < len(rows) else (None, None, 0, 0)
        end = following[2] if following[1] == block else size
        stored[column] = stored.get(column, 0) + (end - offset) + more * size
    return stored


def first_line(error: BaseException) -> str:
    """Return what an error says in one line without DuckDB's category; a CSV's three lines are one sentence."""
    lines = str(error).strip().split("\n")
    text = "; ".join(lines[:3]) if "CSV Error on Line" in lines[0] else lines[0]
    head, separator, rest = text.partition("Error: ")
    return shorten(rest if separator and len(head) < 40 else text, 300)


@contextlib.contextmanager
def readable_errors(description: str) -> Iterator[None]:
    """Turn DuckDB's and Arrow's errors while reading into one SourceError line; an interruption stays one."""
    import pyarrow as pa

    try:
        yield
    except (StopIteration, ColprofileError):
        raise
    except duckdb.OutOfMemoryException as error:
        raise NoRoom(
            f"cannot read {description}: DuckDB's memory limit is reached; raise memory_limit= or choose fewer columns"
        ) from error
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise_interruption(error)
        clear = no_room(error) or connection_error(error, description)
        if clear is not None:
            raise clear from error
        raise SourceError(f"cannot read {description}: {first_line(error)}") from error


def connect(path: str, memory_limit: int | None, threads: int | None, *, read_only: bool = False, **config: Any) -> Any:
    """Return a connection of our own, with further settings in ``config``."""
    if memory_limit:
        config["memory_limit"] = f"{memory_limit}B"
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(path, read_only=read_only, config=config)
    if memory_limit:
        connection.execute("set enable_external_file_cache = false")  # what a file holds is read once, mostly
    ends_by(connection.interrupt)
    connection.execute("set enable_progress_bar = false")  # its bar goes to standard output, where results go
    return connection
