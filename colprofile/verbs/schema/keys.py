"""Candidate keys of each table, and what the database declares of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from colprofile.results.keys import can_identify, joint_plausibility, plausibility
from colprofile.results.schema import CandidateKey, Status
from colprofile.sources.tables.base import Declared, DeclaredKey, Queries
from colprofile.verbs.schema.names import is_named_after
from colprofile.verbs.schema.table_values import ColumnValues, TableValues

_BY_CHANCE = 0.01
"""A combination of columns is a key where a table of independent columns would have one no more often than that."""

_NAMED, _FIRST = 3.0, 2.5
"""What a column named after its table, and the first one, count beside ``plausibility``."""


def candidate_keys(tables: Sequence[TableValues], declared: Declared, queries: Queries) -> list[CandidateKey]:
    """Return the candidate keys of all tables, the primary one of each first; declared keys that rows break too.

    A key found is one column without NULL that can identify (no measurement, no long text), or the smallest
    combination of such that no two rows share. Combinations count where independent columns with as many values would
    not be unique; where there is no other key, the most plausible one does. Where no primary key is declared, the
    key that is most like one is primary: named ``id`` or after its table, first, of whole numbers.
    """
    found = []
    for table in tables:
        of_table = [key for key in declared.keys if key.table == table.name]
        found += _keys_of(table, of_table, queries)
    return found


def _keys_of(table: TableValues, declared: Sequence[DeclaredKey], queries: Queries) -> list[CandidateKey]:
    known = {tuple(sorted(key.columns)): key for key in sorted(declared, key=lambda key: key.is_primary)}
    keys = [_declared_key(table, key, queries) for key in known.values()]
    ranked = _plausible_keys(table)
    has_primary = any(key.is_primary for key in keys)
    for number, columns in enumerate(ranked):
        names = tuple(table.columns[place].name for place in columns)
        if tuple(sorted(names)) not in known:
            keys.append(CandidateKey(table.name, names, "found", not has_primary and number == 0, table.rows))
    if not has_primary and keys and not any(key.is_primary for key in keys):
        first = keys[0]
        keys[0] = CandidateKey(first.table, first.columns, first.status, True, first.rows, first.violating_rows)
    return sorted(keys, key=lambda key: not key.is_primary)


def _declared_key(table: TableValues, key: DeclaredKey, queries: Queries) -> CandidateKey:
    """Return a declared key, and how many rows break it."""
    places = {column.name: column for column in table.columns}
    columns = [places[name] for name in key.columns if name in places]
    is_whole = len(columns) == len(key.columns)
    is_unique = is_whole and any(_is_within(other, columns) for other in table.keys)
    has_null = not is_whole or any(column.profile.nulls for column in columns)
    violating = 0
    if table.rows and not (is_unique and not (has_null and key.is_primary)):
        violating = _violating_rows(key, queries)
    status: Status = "violated" if violating else "declared"
    return CandidateKey(table.name, key.columns, status, key.is_primary, table.rows, violating)


def _is_within(places: tuple[int, ...], columns: Sequence[ColumnValues]) -> bool:
    return set(places) <= {column.number for column in columns}


def _violating_rows(key: DeclaredKey, queries: Queries) -> int:
    table, names = queries.table(key.table), [queries.column(name) for name in key.columns]
    filled = " and ".join(f"{name} is not null" for name in names)
    empty = " or ".join(f"{name} is null" for name in names)
    columns = ", ".join(names)
    repeated = f"select count(*) as n from {table} where {filled} group by {columns} having count(*) > 1"
    found = int(queries.rows(f"select coalesce(sum(g.n), 0) from ({repeated}) g")[0][0])
    if key.is_primary:
        found += int(queries.rows(f"select count(*) from {table} where {empty}")[0][0])
    return found


def _plausible_keys(table: TableValues) -> list[tuple[int, ...]]:
    """Return the keys that can be meant as one, the most plausible first."""
    single = [k for k in table.keys if len(k) == 1 and _can_identify(table.columns[k[0]])]
    several = [k for k in table.keys if len(k) > 1]
    beyond = [k for k in several if _is_beyond_chance(table, k)]
    if not single and not beyond:
        beyond = sorted(several, key=lambda k: _score(table, k), reverse=True)[:1]
    return sorted([*single, *beyond], key=lambda k: _score(table, k), reverse=True)


def _can_identify(column: ColumnValues) -> bool:
    return column.profile.rows > 0 and can_identify(column.profile, is_first=column.number == 0)


def _score(table: TableValues, key: tuple[int, ...]) -> float:
    members = [table.columns[place] for place in key]
    if len(members) > 1:
        return joint_plausibility([column.profile for column in members])
    column = members[0]
    score = plausibility(column.profile, is_first=column.number == 0)
    return score + _NAMED * is_named_after(column.name, table.name) + _FIRST * (column.number == 0)


def _is_beyond_chance(table: TableValues, key: tuple[int, ...]) -> bool:
    """Whether independent columns with as many values would have rows that are equal in all of them."""
    rows = float(table.rows)
    shares = math.prod(_equal_share(table.columns[place]) for place in key)
    chances = sum(math.comb(len(table.columns), size) for size in range(2, len(key) + 1))
    return rows * (rows - 1) / 2 * shares >= math.log(max(1, chances) / _BY_CHANCE)


def _equal_share(column: ColumnValues) -> float:
    """Return the share of pairs of rows that are equal in a column."""
    counts, many = (numbers.astype(float) for numbers in column.counts)
    rows = float((counts * many).sum())
    return float((many * counts * (counts - 1)).sum()) / (rows * (rows - 1)) if rows > 1 else 0.0
