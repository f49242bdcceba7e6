"""Random schemas with planted keys: inclusions are those of the slow twin, and planted foreign keys are found."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pytest

from colprofile.results.schema import ForeignKey, Inclusion
from colprofile.verbs.schema.foreign_keys import choose_foreign_keys
from colprofile.verbs.schema.inclusions import find_inclusions
from colprofile.verbs.schema.keys import candidate_keys
from tests.support.databases import tables_of
from tests.support.random_schemas import random_schema
from tests.support.sample_databases import Reference, SampleDatabase, score
from tests.support.slow_inclusions import SlowInclusion, slow_inclusions

GROUPS = 5


def found_in(database: SampleDatabase) -> tuple[list[Inclusion], list[ForeignKey]]:
    with duckdb.connect() as connection:
        database.write_duckdb(connection)
        source, tables = tables_of(connection)
        with source.queries() as queries:
            declared = source.declared()
            keys = candidate_keys(tables, declared, queries)
            inclusions, _ = find_inclusions(tables, keys, declared, queries, lambda *_: None)
            return inclusions, choose_foreign_keys(inclusions, tables, keys, declared, queries)


def figures(inclusion: Inclusion) -> SlowInclusion:
    return SlowInclusion(
        inclusion.rows,
        inclusion.values,
        inclusion.target_values,
        inclusion.orphan_rows,
        inclusion.orphan_values,
    )


def place(found: Inclusion) -> Reference:
    return Reference(found.table, found.columns, found.target, found.target_columns)


def is_evident(reference: Reference, slow: SlowInclusion, database: SampleDatabase) -> bool:
    """Whether an inclusion cannot be chance: at least two values of a kind that hardly anything else has."""
    (column,) = reference.target_columns
    return (
        slow.orphan_values == 0
        and slow.values >= 2
        and column in ("number", "handle", "code")
        and reference.table != reference.target
    )


def planted_with_evidence(database: SampleDatabase, slow: Mapping[Reference, SlowInclusion]) -> set[Reference]:
    """Return the planted references of single columns that hold but for one value of ten at most."""
    return {
        each
        for each in database.references
        if len(each.columns) == 1 and slow[each].orphan_values <= slow[each].values // 20 and slow[each].values >= 4
    }


@pytest.mark.parametrize("group", range(GROUPS))
def test_inclusions_are_the_slow_twins(group: int) -> None:
    for seed in range(group, 50, GROUPS):
        database = random_schema(seed)
        slow = {each: figures for size in (1, 2, 3) for each, figures in slow_inclusions(database, size)}
        inclusions, foreign_keys = found_in(database)
        assert {place(each): figures(each) for each in inclusions} == {
            place(each): slow[place(each)] for each in inclusions
        }
        evident = {
            each for each, counted in slow.items() if len(each.columns) == 1 and is_evident(each, counted, database)
        }
        assert evident <= {place(each) for each in inclusions}
        assert planted_with_evidence(database, slow) <= score(foreign_keys, database.references).found
