"""Queries that a database refuses lose what they ask for, and a note says so; all other findings stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pytest

from colprofile.errors import SourceError
from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.api import schema_of
from tests.support.databases import tables_of


class Refusing:
    """Queries that are refused where they read the table ``b_lost``."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queries, name)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        if '"b_lost"' in sql:
            raise SourceError("the table is gone")
        return self._queries.rows(sql)


def test_what_is_refused_is_told_and_the_rest_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = duckdb.connect()
    connection.execute("""
        create table parents as select 1000 + i * 7 as id, 'n' || (i * 37 % 101) as name from range(300) t(i);
        alter table parents add primary key (id);""")
    for name in ("a_kept", "b_lost", "c_kept"):
        connection.execute(f"""
            create table {name} (i integer primary key, parent_id bigint references parents (id), parent_name varchar);
            insert into {name} select r, id, name from range(900) t(r), parents where id = 1000 + r * 11 % 300 * 7;""")
    source, tables = tables_of(connection)
    opened = source.queries

    @contextmanager
    def refusing() -> Iterator[Any]:
        with opened() as queries:
            yield Refusing(queries)

    monkeypatch.setattr(source, "queries", refusing)
    found = schema_of(source, tables, lambda *_: None)
    assert {(each.table, each.column) for each in found.repeated_columns if each.kind == "copy"} == {
        ("a_kept", "parent_name"),
        ("c_kept", "parent_name"),
    }
    assert {each.join.tables for each in found.join_errors} == {("a_kept", "parents"), ("c_kept", "parents")}
    assert [each.tables for each in found.table_relations if each.kind == "equal"] == [("c_kept", "a_kept")]
    gone = "(the table is gone)."
    assert found.notes[1:] == (
        f"Foreign keys are known by hashes of their values alone: b_lost.parent_id {gone}",
        f"Columns were not compared with what their references lead to: b_lost.parent_id {gone}",
        "Tables were not compared: a_kept with b_lost, b_lost with a_kept, b_lost with c_kept, c_kept with b_lost "
        f"{gone}",
        f"Errors of joins are not known along foreign keys: b_lost.parent_id {gone}",
        f"Sizes of joins are not known: a_kept with parents with b_lost, b_lost with parents with c_kept {gone}",
    )
