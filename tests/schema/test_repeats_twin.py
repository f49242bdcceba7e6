"""Random small databases with planted copies: figures are those of a loop over the rows, and the plants are found."""

from __future__ import annotations

import random
from collections import Counter

import duckdb
import pytest

from colprofile.measures.entropy import entropy
from colprofile.measures.lookup import savings
from colprofile.verbs.schema.repeated_columns import find_repeated_columns
from colprofile.verbs.schema.repeated_rows import find_repeated_rows
from tests.support.databases import foreign_key, tables_of

Row = dict[str, object]


def silent(_what: str, _done: int, _steps: int | None) -> None:
    pass


def random_tables(chance: random.Random) -> tuple[list[Row], list[Row], dict[str, tuple[str, float]]]:
    """Return a parent table, a child table that refers to it, and the child's copies with their share of noise."""
    parents: list[Row] = []
    for number in range(chance.randint(30, 80)):
        texts = [None if chance.random() < 0.1 else f"t{chance.randint(0, 25)}" for _ in range(2)]
        parents.append({"key": number * 3, "p0": texts[0], "p1": texts[1], "p2": chance.randint(0, 10**6)})
    copies = {f"c{number}": (f"p{number}", chance.choice([0.0, 0.05, 0.2])) for number in range(3)}
    children: list[Row] = []
    for number in range(chance.randint(600, 900)):
        parent = chance.choice(parents)
        row: Row = {"id": number, "up": parent["key"], "noise": f"t{chance.randint(0, 25)}"}
        for name, (origin, share) in copies.items():
            other = chance.choice(parents)[origin]
            row[name] = other if chance.random() < share else parent[origin]
        if chance.random() < 0.05:
            row["up"] = None if chance.random() < 0.5 else 100_001
        children.append(row)
    return parents, children, copies


def write(connection: duckdb.DuckDBPyConnection, name: str, rows: list[Row]) -> None:
    types = {"key": "integer", "p2": "integer", "c2": "integer", "up": "integer", "id": "integer"}
    columns = ", ".join(f'"{column}" {types.get(column, "varchar")}' for column in rows[0])
    connection.execute(f"create table {name} ({columns})")
    marks = ", ".join("?" for _ in rows[0])
    connection.executemany(f"insert into {name} values ({marks})", [list(row.values()) for row in rows])


def slow_figures(parents: list[Row], children: list[Row], column: str, target: str) -> tuple[int, int, float]:
    """Return the joined rows, those that agree, and the bits per row of the child that the copy saves."""
    by_key = {parent["key"]: parent for parent in parents}
    joined = [(child[column], by_key[child["up"]][target]) for child in children if child["up"] in by_key]
    equal = sum(own == other for own, other in joined)
    values = Counter(own for own, _ in joined)
    bits = entropy(list(values.values())) or 0.0
    return len(joined), equal, savings(len(joined), 0, len(values), bits, len(joined) - equal) / len(children)


@pytest.mark.parametrize("seed", range(6))
def test_copies_are_counted_as_a_loop_counts_them(seed: int) -> None:
    parents, children, copies = random_tables(random.Random(seed))
    connection = duckdb.connect()
    write(connection, "parents", parents)
    write(connection, "children", children)
    source, tables = tables_of(connection)
    key = foreign_key(connection, "children", "up", "parents", "key")
    with source.queries() as queries:
        found = find_repeated_columns(tables, [key], queries, silent)
    assert {(each.column, each.target_column) for each in found} == {(name, at) for name, (at, _) in copies.items()}
    for each in found:
        assert each.target_column is not None
        rows, equal, bits = slow_figures(parents, children, each.column, each.target_column)
        assert (each.rows, each.equal_rows) == (rows, equal)
        assert each.bits == pytest.approx(bits)
        if each.query is None:
            assert rows == equal
        else:
            listed = connection.execute(each.query).fetchall()
            assert len(listed) == rows - equal
            assert set(each.differing) <= set(listed)
            assert len(each.differing) == min(5, len(listed))


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_in_another_table_as_sets_say(seed: int) -> None:
    chance = random.Random(seed)
    whole = [(number, chance.choice([None, "a", "b", "c"]), chance.randint(0, 500)) for number in range(200)]
    part = chance.sample(whole, chance.randint(100, 200))
    changed = [(n, text, value + 1000 if chance.random() < 0.02 else value) for n, text, value in part]
    connection = duckdb.connect()
    for name, rows in (("whole", whole), ("excerpt", changed)):
        connection.execute(f"create table {name} (id integer, text varchar, value integer)")
        connection.executemany(f"insert into {name} values (?, ?, ?)", rows)
    source, tables = tables_of(connection)
    with source.queries() as queries:
        [found] = find_repeated_rows(tables, [], queries, silent)
    assert found.tables[0] == "excerpt"
    assert found.rows == len(set(changed) & set(whole))
    assert found.kind == ("equal" if len(set(whole) - set(changed)) <= 0.05 * len(whole) else "contained")
    assert found.query is not None
    assert set(connection.execute(found.query).fetchall()) == set(changed) - set(whole)
