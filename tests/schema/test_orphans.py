"""Orphans as databases count them: by the collation of the key, and of texts that they do not compare as they are."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from colprofile import DatabaseAudit, audit
from colprofile.verbs.schema.compared import is_equal_as_stored
from tests.support.inclusion_columns import column_of


def test_the_collation_of_the_key_decides_in_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.executescript("""
            create table parent (code text collate nocase primary key);
            insert into parent values ('AB'), ('CD'), ('EF');
            create table child (id integer primary key, code varchar(9) references parent (code));
            insert into child (code) values ('ab'), ('Cd'), ('ef'), ('AB'), (null), ('no'), ('no');""")
    connection.close()
    audited = audit(tmp_path / "a.db")
    assert isinstance(audited, DatabaseAudit)
    found = audited.schema
    assert found is not None
    [key] = found.foreign_keys
    assert (key.status, key.inclusion.orphan_values, key.inclusion.orphan_rows) == ("violated", 1, 2)
    with sqlite3.connect(tmp_path / "a.db") as connection:
        assert connection.execute(key.proof).fetchall() == [(2,)]
        assert connection.execute(key.orphan_query).fetchall() == [(6, "no"), (7, "no")]
    connection.close()


@pytest.mark.parametrize(("dialect", "expected"), [("mysql", False), ("postgresql", False), ("sqlite", True)])
def test_texts_of_different_collations_are_compared_as_text(dialect: str, expected: bool) -> None:
    columns = column_of("a", "x", ["u"]), column_of("b", "y", ["u"])
    names = ("varchar(9) collate utf8mb4_bin", "varchar(9) collate latin1_bin", "varchar(20) collate utf8mb4_bin")
    one, other, third = (replace(columns[0], profile=replace(columns[0].profile, type=name)) for name in names)
    queries = Mock(dialect=dialect)
    assert is_equal_as_stored(queries, one, third)
    assert is_equal_as_stored(queries, one, other) == expected
