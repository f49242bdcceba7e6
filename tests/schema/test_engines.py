"""The same data give the same findings between tables in every engine, and as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from colprofile.results.schema import Schema
from colprofile.values import Value
from colprofile.verbs.schema.api import schema_of
from tests.support.equal_databases import ENGINES, kept_of, opened_in, shop


def schema_in(engine: str, folder: Path, new_url: Callable[[str], sa.URL]) -> Schema:
    with opened_in(engine, shop(), folder, new_url) as tables:
        return schema_of(tables, kept_of(tables), lambda *_: None)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[str], sa.URL]) -> Schema:
    return schema_in("duckdb", tmp_path_factory.mktemp("duckdb"), new_url)


def near(number: float) -> Any:
    return pytest.approx(number, abs=1e-9)


def as_text(value: Value) -> str:
    """Return a value as text: a boolean as the number that some engines make of it, a decimal as its digits."""
    return str(int(value) if isinstance(value, bool) else value)


def findings(schema: Schema) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that is found, by kind, in order, without what is said of types."""
    return {
        "keys": [
            (key.table, key.columns, key.status, key.is_primary, key.rows, key.violating_rows) for key in schema.keys
        ],
        "inclusions": [
            (
                *(i.table, i.columns, i.target, i.target_columns, i.rows, i.values, i.target_values),
                *(i.orphan_rows, i.orphan_values, i.orphans, near(i.bits), near(i.coverage)),
            )
            for i in schema.inclusions
        ],
        "foreign keys": [
            (f.table, f.columns, f.target, f.target_columns, f.status, f.is_one_to_one, f.statement)
            for f in schema.foreign_keys
        ],
        "repeated columns": [
            (r.kind, r.table, r.column, r.join, r.target_column, r.rows, r.equal_rows, near(r.bits), r.differing)
            for r in schema.repeated_columns
        ],
        "table relations": [(r.kind, r.tables, r.columns, r.rows, near(r.bits)) for r in schema.table_relations],
        "join errors": [
            (e.join, e.attribute, near(e.bits), as_text(e.worst_value), near(e.worst_factor))
            for e in sorted(schema.join_errors, key=lambda e: (e.join.tables, e.attribute))  # some have equal bits
        ],
        "join sizes": [(s.join, s.rows, near(s.estimate), s.lower, s.upper) for s in schema.join_sizes],
        "ledger": [
            (b.table, b.rows, b.columns, near(b.bits), near(b.repeated_within), near(b.repeated_between))
            for b in schema.ledger
        ],
    }


def test_what_was_planted_is_found(expected: Schema) -> None:
    keys = {key.table: key.columns for key in expected.keys if key.is_primary}
    assert keys["order_lines"] == ("order_id", "line")
    assert keys["customers"] == ("customer_id",)
    found = {
        (f.table, f.columns): (f.target, f.inclusion.orphan_rows, f.inclusion.orphans) for f in expected.foreign_keys
    }
    assert found["orders", ("customer_id",)] == ("customers", 1, ((999,),))
    assert found["order_lines", ("product_id",)] == ("products", 0, ())
    assert {(r.table, r.column) for r in expected.repeated_columns} >= {
        ("order_lines", "unit_price"),
        ("orders", "customer_city"),
    }
    assert [r.kind for r in expected.table_relations] == ["contained", "partitions"]
    assert [d.differs for d in expected.domains] == [("types",)]


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine != "duckdb"])
def test_every_engine_finds_the_same(
    engine: str, expected: Schema, tmp_path: Path, new_url: Callable[[str], sa.URL]
) -> None:
    found = schema_in(engine, tmp_path, new_url)
    assert findings(found) == findings(expected)
    if engine == "csv":  # where a code of digits is an integer in every file
        assert found.domains == ()
        return
    assert [(d.differs, d.values, d.shared) for d in found.domains] == [
        (d.differs, d.values, d.shared) for d in expected.domains
    ]
    assert [(f.confidence, f.reasons) for f in found.foreign_keys] == [
        (near(f.confidence), f.reasons) for f in expected.foreign_keys
    ]
    if engine != "parquet":  # whose tables may have indexes once they are in a database
        assert shown_fixes(found) == shown_fixes(expected)


def shown_fixes(schema: Schema) -> list[tuple[str, str, str]]:
    """Return what is to be done, and how in PostgreSQL, but for the names of types, and indexes: DuckDB needs none."""
    made = [fix for fix in schema.fixes if fix.kind != "index"]
    return [(fix.kind, fix.action, fix.changes["postgresql"].partition(" type ")[0]) for fix in made]
