"""Tables of very many columns: few queries however many columns there are, and the same rows as column by column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.identifiers import quote_identifier

_MANY = 600


class _Counted:
    """A connection that counts the queries it binds, and refuses to rank what it is told not to."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, refused: str = "") -> None:
        self.connection = connection
        self.refused = refused
        self.queries = 0

    def sql(self, query: str) -> Any:
        self.queries += 1
        if self.refused and self.refused in query.split(" from ")[0]:
            raise duckdb.BinderException("Binder Error: no order for this type")
        return self.connection.sql(query)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


def _source(connection: Any, relation: str = "t") -> DuckDBSource:
    return DuckDBSource(connection, relation, description="a table", table="t")


def _rows(source: DuckDBSource, columns: Any) -> list[list[Any]]:
    _, batches = source.batches(columns)
    found: list[list[Any]] = [[] for _ in columns]
    for batch in batches:
        for values, array in zip(found, batch.columns, strict=True):
            values += array.to_pylist()
    return found


def test_one_query_describes_and_reads_a_wide_table_of_plain_columns(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"create table t as select {', '.join(f'i + {j} as c{j}' for j in range(_MANY))} from range(3) r(i)"
    )
    counted = _Counted(connection)
    source = _source(counted)
    found = _rows(source, source.columns)
    assert counted.queries == 1
    assert found == [[j, j + 1, j + 2] for j in range(_MANY)]
    assert _rows(source, source.columns) == found, "read again, what was bound is bound again"
    assert counted.queries == 2


def test_types_are_tried_together_and_not_column_by_column(connection: duckdb.DuckDBPyConnection) -> None:
    lists = ", ".join(f"[i, {j}] as l{j}, interval (i) day as d{j}" for j in range(_MANY // 2))
    connection.execute(f"create table t as select {lists} from range(2) r(i)")
    counted = _Counted(connection)
    assert all(column.is_ranked for column in _source(counted).columns)
    assert counted.queries == 2
    counted = _Counted(connection, refused='"d')
    columns = _source(counted).columns
    assert counted.queries == 4, "what all have in common fails, then each of two types is tried"
    assert [column.is_ranked for column in columns] == [column.name.startswith("l") for column in columns]
    reasons = {column.reason for column in columns if column.name.startswith("d")}
    assert reasons == {"DuckDB cannot compare values of type INTERVAL: no order for this type"}


@pytest.mark.parametrize("is_refused", [False, True])
def test_all_columns_read_as_each_by_itself(connection: duckdb.DuckDBPyConnection, is_refused: bool) -> None:
    types = {
        "it's, \"n": "interval",
        "Select": "uuid",
        "a.b": "int[]",
        "*": "integer",
        " ": "varchar",
        "exclude": "hugeint",
    }
    listed = ", ".join(f"{quote_identifier(name)} {kind}" for name, kind in types.items())
    connection.execute(f"create table t ({listed})")
    connection.execute(
        "insert into t select interval (7 - i) day, md5(i::varchar)::uuid, [i % 2], i, 'v' || i, i * 1e20::hugeint "
        "from range(5) r(i)"
    )
    source = _source(_Counted(connection, "order by \"it's" if is_refused else ""))
    able = [column for column in source.columns if column.expression is not None]
    assert len(able) == 6 - is_refused
    ranked, others = [c for c in able if c.is_ranked], [c for c in able if not c.is_ranked]
    together = dict(zip(able, _rows(source, able), strict=True))
    for column in others:
        assert together[column] == _rows(source, [column])[0]
    for column in ranked:
        assert together[column] == _rows(source, [column, others[0]])[0]
    assert [row["text"] for row in together[ranked[-1]]] == ["[0]", "[1]", "[0]", "[1]", "[0]"]


def test_names_that_differ_in_a_query_alone(connection: duckdb.DuckDBPyConnection) -> None:
    source = _source(connection, "(select 1 as a, 2 as a, 3 as A)")
    assert _rows(source, source.columns) == [[1], [2], [3]]
