"""The statements that a planner report advises: quoted rightly, in an order in which they run."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count

from colprofile.catalogs.statistics import SavedTable
from colprofile.results.planner import ColumnStatistics, GroupStatistics, PairStatistics, Statement
from colprofile.sources.identifiers import quote_identifier
from colprofile.verbs.planner.columns import Remedy

NAME_BYTES = 63
"""PostgreSQL cuts longer names in silence, and then two may clash."""

DISTINCT_SHARE = 0.1
"""Where more than this share of the rows are distinct values, PostgreSQL takes the number to grow with the table."""


def advise(
    table: SavedTable,
    columns: Sequence[ColumnStatistics],
    remedies: Mapping[str, Remedy],
    pairs: Sequence[PairStatistics],
    groups: Sequence[GroupStatistics],
    taken: Iterable[str],
) -> tuple[Statement, ...]:
    """Return the statements in the order in which they run: settings, statistics of several columns, then ANALYZE.

    ``remedies`` are by the column's name; ``taken`` are names of statistics that exist in the table's schema.
    """
    statements: list[Statement] = []
    for column in columns:
        if column.name in remedies:
            statements += _column_statements(table, column, remedies[column.name])
    names = set(taken)
    for group in groups:
        statements += _several(table, group.columns, group, names)
    for pair in pairs:
        if pair.verdict == "advised":
            statements += _several(table, (pair.x, pair.y), pair, names)
    touched = {name for statement in statements for name in statement.columns}
    touched |= set(remedies)
    if touched:
        statements.append(_analyze(table, columns, touched))
    return tuple(statements)


def _column_statements(table: SavedTable, column: ColumnStatistics, remedy: Remedy) -> Iterable[Statement]:
    """Yield the settings of one column."""
    quoted = table.column(column.name).quoted
    gain = max(0.0, math.log2(column.q_error or 1.0) - remedy.error)
    altered = f"ALTER TABLE {table.quoted} ALTER COLUMN {quoted} SET"
    if remedy.distinct is not None:
        inherited = "_inherited" if table.has_children else ""
        value = _distinct_setting(remedy.distinct, column.rows)
        sql = f"{altered} (n_distinct{inherited} = {value})"
        yield Statement("set n_distinct", sql, (column.name,), gain, column.reason)
    if remedy.target != column.statistics_target:
        sql = f"{altered} STATISTICS {remedy.target}"
        yield Statement("set statistics", sql, (column.name,), gain, column.reason)


def _distinct_setting(distinct: int, rows: int) -> str:
    """Return a number of distinct values, or minus their share of the rows where they grow with the table.

    >>> _distinct_setting(500, 100_000), _distinct_setting(50_000, 100_000)
    ('500', '-0.5')
    """
    if distinct > DISTINCT_SHARE * rows:
        return f"{-distinct / rows:.4g}"
    return str(distinct)


def _several(
    table: SavedTable, columns: tuple[str, ...], found: PairStatistics | GroupStatistics, names: set[str]
) -> Iterable[Statement]:
    """Yield the statements for statistics of several columns, making the best of what exists."""
    same = [item for item in table.extended if set(item.columns) == set(columns)]
    missing = tuple(kind for kind in found.kinds if not any(kind in item.kinds for item in same))
    quoted = next((item.quoted for item in same if "mcv" in item.kinds and "mcv" in found.kinds), None)
    if missing:
        name = statistics_name(table.name, columns, names)
        names.add(name)
        # Such a name is no keyword.
        made = f"{table.quoted_schema}.{name if re.fullmatch(r'[a-z_][a-z0-9_]*', name) else quote_identifier(name)}"
        listed = ", ".join(table.column(column).quoted for column in columns)
        sql = f"CREATE STATISTICS {made} ({', '.join(missing)}) ON {listed} FROM {table.quoted}"
        yield Statement("create statistics", sql, columns, found.bits, found.reason)
        quoted = made if "mcv" in missing else quoted
    if found.statistics_target is not None and quoted is not None:
        sql = f"ALTER STATISTICS {quoted} SET STATISTICS {found.statistics_target}"
        amount = found.evidence.combinations if found.evidence else 0
        yield Statement("alter statistics", sql, columns, found.bits, f"to list all {amount:,} combinations")


def _analyze(table: SavedTable, columns: Sequence[ColumnStatistics], touched: set[str]) -> Statement:
    """Return the ANALYZE of all columns that need it; of the whole table where these are most of it."""
    names = tuple(column.name for column in table.columns if column.name in touched)
    listed = "" if len(names) > len(table.columns) / 2 else f" ({', '.join(table.column(n).quoted for n in names)})"
    stale = [column for column in columns if column.verdict in ("stale", "never analysed")]
    gain = max((max(0.0, column.error - (column.fresh_error or 0.0)) for column in stale), default=0.0)
    why = "applies the settings above" if not stale else "stale: " + ", ".join(column.name for column in stale)
    return Statement("analyze", f"ANALYZE {table.quoted}{listed}", names, gain, why)


def statistics_name(table: str, columns: Sequence[str], taken: Iterable[str]) -> str:
    """Return a name for statistics of several columns: readable, at most 63 bytes, not taken.

    >>> statistics_name("flights", ["carrier", "dest"], []), statistics_name("T", ["a b", "C"], ["t_a_b_c_stats"])
    ('flights_carrier_dest_stats', 't_a_b_c_stats_2')
    """
    words = "_".join(re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") or "column" for word in (table, *columns))
    stem = words if not words[0].isdigit() else f"t{words}"
    if len(stem) > NAME_BYTES - 10:
        digest = hashlib.md5("\0".join((table, *columns)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        stem = f"{stem[:36].rstrip('_')}_{digest[:8]}"
    known = set(taken)
    endings = chain(["_stats"], (f"_stats_{number}" for number in count(2)))
    return next(stem + ending for ending in endings if stem + ending not in known)
