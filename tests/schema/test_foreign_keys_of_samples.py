"""Foreign keys of well-known schemas without their constraints: most keys are small numbers from 1 that fit any key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import colprofile
from colprofile.results.database import DatabaseAudit
from colprofile.verbs.schema.foreign_keys import choose_foreign_keys
from colprofile.verbs.schema.inclusions import find_inclusions
from colprofile.verbs.schema.keys import candidate_keys
from tests.support import sample_variants as variants
from tests.support.databases import tables_of
from tests.support.sample_chinook import chinook
from tests.support.sample_databases import SampleDatabase, Score, references, score
from tests.support.sample_northwind import northwind
from tests.support.sample_sakila import sakila
from tests.support.sketched_databases import SKETCHES, sketched


def audited(source: Any, database: SampleDatabase) -> Score:
    """Return the score of a whole audit."""
    result = colprofile.audit(source, progress=False)
    assert isinstance(result, DatabaseAudit)
    assert not result.skipped
    assert not any("fault" in note for note in (*result.notes, *result.schema.notes))
    assert all(key.status == "found" for key in result.schema.foreign_keys)
    return score(result.schema.foreign_keys, database.references)


def searched(database: SampleDatabase) -> Score:
    """Return the score of the search for foreign keys alone, which is what names can change."""
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        source, tables = tables_of(connection)
        with source.queries() as queries:
            declared = source.declared()
            keys = candidate_keys(tables, declared, queries)
            inclusions, _ = find_inclusions(tables, keys, declared, queries, lambda *_: None)
            found = choose_foreign_keys(inclusions, tables, keys, declared, queries)
    return score(found, database.references)


@pytest.mark.parametrize("build", [chinook, northwind])
def test_all_are_found_and_no_others(build: Callable[[], SampleDatabase]) -> None:
    database = build()
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        result = audited(connection, database)
    assert (result.missed, result.false) == (frozenset(), frozenset())


def test_tables_of_one_key_and_views_lead_to_no_others() -> None:
    """Only the copy of the films for searches, which refers to them and is not declared to, comes in addition."""
    database = sakila()
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        connection.execute(
            "create view customer_list as select customer_id as id, address, phone, city, country, store_id as sid "
            "from customer join address using (address_id) join city using (city_id) join country using (country_id)"
        )
        connection.execute(
            "create view films as select film_id, title, category_id from film join film_category using (film_id)"
        )
        result = audited(connection, database)
    assert not result.missed
    assert result.false <= set(references("film_text(film_id) film(film_id)"))


@pytest.mark.parametrize(
    "write",
    [
        lambda database, path: database.write_sqlite(path / "x.sqlite"),
        lambda database, path: database.write_folder(path / "x", "csv"),
    ],
    ids=["SQLite", "folder"],
)
def test_files_give_the_same(write: Callable[[SampleDatabase, Path], Path], tmp_path: Path) -> None:
    database = northwind()
    result = audited(write(database, tmp_path), database)
    assert (result.missed, result.false) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("build", "least"),
    [
        (variants.plural_chinook, 1.0),
        (variants.upper_northwind, 0.9),
        (variants.german_northwind, 0.9),
        (variants.short_sakila, 0.9),
    ],
)
def test_habits_of_naming_change_little(build: Callable[[], SampleDatabase], least: float) -> None:
    result = searched(build())
    assert min(result.precision, result.recall) >= least, (result.missed, result.false)


@pytest.mark.parametrize("name", SKETCHES)
def test_other_schemas(name: str) -> None:
    result = searched(sketched(SKETCHES[name]))
    assert min(result.precision, result.recall) >= 0.8, (result.missed, result.false)
