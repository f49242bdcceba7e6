"""Examination: a table's saved statistics and its data, all read in one read-only snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from colprofile.catalogs.counts import DrawnCombinations, count_column, count_rows, draw_combinations
from colprofile.catalogs.explain import table_rows
from colprofile.catalogs.postgresql import catalog_query, read_table
from colprofile.catalogs.statistics import SavedColumn, SavedTable
from colprofile.errors import SourceNotFound, did_you_mean, shorten
from colprofile.progress import Progress
from colprofile.results.planner import ColumnStatistics, GroupStatistics, Measurement, PairStatistics
from colprofile.results.provenance import SkippedColumn
from colprofile.sources.database.engines import error_code, error_line
from colprofile.sources.database.source import SQLAlchemySource
from colprofile.sources.database.transaction import ReadTransaction
from colprofile.verbs.planner import explain
from colprofile.verbs.planner.columns import FreshColumn, Remedy, column_statistics, fresh_column
from colprofile.verbs.planner.estimates import Case, TableFacts
from colprofile.verbs.planner.groups import final_pairs, grow_groups
from colprofile.verbs.planner.options import MOST_DRAWN, PlannerOptions
from colprofile.verbs.planner.pairs import examined, screened
from colprofile.verbs.profile.api import profile

_NO_GROUPING = ("42883", "42P22", "42804", "42846")
"""SQLSTATEs of a type without equality, without a collation or without a cast: it cannot be grouped."""


@dataclass
class Examination:
    """What is found out about a table, step by step."""

    table: SavedTable
    rows: int = 0
    planner_rows: int = 0
    columns: list[ColumnStatistics] = field(default_factory=list)
    remedies: dict[str, Remedy] = field(default_factory=dict)
    fresh: dict[str, FreshColumn] = field(default_factory=dict)
    pairs: tuple[PairStatistics, ...] = ()
    pairs_left_out: int = 0
    groups: list[GroupStatistics] = field(default_factory=list)
    skipped: list[SkippedColumn] = field(default_factory=list)
    probes: dict[explain.Key, explain.Probe] = field(default_factory=dict)
    taken_names: list[str] = field(default_factory=list)
    measured: dict[explain.Key, Measurement] = field(default_factory=dict)
    measured_after: dict[explain.Key, Measurement] = field(default_factory=dict)

    def add_probe(self, columns: tuple[str, ...], probe: explain.Probe | None) -> None:
        """Remember predicates on these columns, if there are any, for EXPLAIN."""
        if probe is not None:
            self.probes[columns] = probe


def examine_table(transaction: ReadTransaction, name: str, options: PlannerOptions, shown: Progress) -> Examination:
    """Return everything that can be found out without changing anything.

    Columns, pairs, groups and the catalog are read in the snapshot of this one transaction. Only EXPLAIN always goes
    by the newest statistics, since the server keeps no older ones. Nothing must have been read in the transaction.
    """
    # Further connections may share the work of counting pairs; only the first statement can export the snapshot.
    transaction.exported_snapshot()
    connection = transaction.connection
    saved = read_table(connection, name)
    found = Examination(saved)
    # EXPLAIN locks the table, so that it cannot be dropped while it is counted.
    found.planner_rows = table_rows(connection, saved)
    chosen = _chosen(found, options.columns)
    found.rows, filled = count_rows(connection, saved, chosen)
    for done, column in enumerate(chosen):
        shown.update("comparing columns", done, len(chosen))
        _compare(connection, found, column, filled[done], options)
    found.columns.sort(key=lambda column: -column.error)
    if options.pairs and found.rows:
        _examine_pairs(transaction, found, options, shown)
    names = connection.execute(sa.text(catalog_query("statistics_names")), {"schema": saved.schema})
    found.taken_names = list(names.scalars())
    if options.explain:
        total = sum(len(probe.conditions) for probe in found.probes.values())
        found.measured = explain.measure(
            connection, saved, found.probes, lambda done: shown.update("asking EXPLAIN", done, total)
        )
    return found


def _chosen(found: Examination, columns: Sequence[str] | None) -> list[SavedColumn]:
    """Return the columns to compare, and note those that this user may not read."""
    saved = found.table
    names = [column.name for column in saved.columns]
    for name in columns or ():
        if name not in names:
            raise SourceNotFound(f"no column {shorten(name)!r} in {saved.quoted}. {did_you_mean(name, names)}")
    wanted = [column for column in saved.columns if columns is None or column.name in columns]
    reason = "no permission: GRANT SELECT on it shows its statistics too"
    found.skipped += [SkippedColumn(column.name, column.type, reason) for column in wanted if not column.is_readable]
    return [column for column in wanted if column.is_readable]


def _compare(
    connection: sa.Connection, found: Examination, column: SavedColumn, filled: int, options: PlannerOptions
) -> None:
    """Compare one column; one that cannot be grouped is skipped with the database's reason."""
    try:
        with connection.begin_nested():
            counts = count_column(connection, found.table, column, options.draws)
    except sa.exc.ProgrammingError as error:
        if error_code(error) not in _NO_GROUPING:
            raise
        found.skipped.append(
            SkippedColumn(column.name, column.type, f"its type cannot be compared: {error_line(error)}")
        )
        return
    statistics, remedy = column_statistics(column, counts, found.rows, filled, found.planner_rows, options.min_bits)
    found.columns.append(statistics)
    if remedy is not None:
        found.remedies[column.name] = remedy
    if found.rows:
        found.fresh[column.name] = fresh_column(column, counts.counts.astype(float), found.rows, remedy)
    found.add_probe((column.name,), explain.column_probe(column, counts.drawn, found.rows, found.planner_rows))


def _examine_pairs(transaction: ReadTransaction, found: Examination, options: PlannerOptions, shown: Progress) -> None:
    """Find the pairs that the planner assumes to be independent, and the groups that they form."""
    varied = {column.name for column in found.columns if column.distinct > 1}
    saved = {column.name: column for column in found.table.columns if column.name in varied}
    if len(saved) < 2:
        return
    known = TableFacts(
        rows=found.rows,
        planner_rows=found.planner_rows,
        columns=saved,
        extended=found.table.extended,
        min_bits=options.min_bits,
        longest_list=options.longest_list,
        fresh=found.fresh,
    )
    shown.update("counting pairs", 0, None)
    source = SQLAlchemySource(transaction.engine, found.table.quoted, fetch=options.fetch, transaction=transaction)
    screening = [screened(pair, known) for pair in profile(source, columns=list(saved), progress=False).pairs]
    listed = [pair for pair in screening if pair.verdict != "small" or pair.covered_by]
    listed.sort(key=lambda pair: -pair.visible_bits)
    has_lists = any(item.values for item in found.table.extended)

    def draw(columns: Sequence[SavedColumn]) -> DrawnCombinations:
        has_texts = has_lists or len(columns) > 2
        return draw_combinations(
            transaction.connection, found.table, columns, MOST_DRAWN, literals=options.draws > 0, texts=has_texts
        )

    looked_at: list[PairStatistics] = []
    left = options.examine
    for done, pair in enumerate(listed):
        if pair.verdict == "not examined" and left > 0:
            left -= 1
            shown.update("examining pairs", done, min(len(listed), options.examine))
            names = (pair.x, pair.y)
            case = Case(known, names, draw([saved[name] for name in names]))
            pair = examined(pair, case)
            found.add_probe(names, explain.joint_probe(case, options.predicates))
        looked_at.append(pair)
    groups = grow_groups(looked_at, known, draw)[: options.budget]
    found.groups = [group.statistics for group in groups]
    for group in found.groups:
        case = Case(known, group.columns, draw([saved[name] for name in group.columns]))
        found.add_probe(group.columns, explain.joint_probe(case, options.predicates))
    found.pairs = final_pairs(looked_at, groups, options.budget)
    found.pairs_left_out = len(screening) - len(listed)
