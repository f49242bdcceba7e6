"""A look at a table: its saved statistics beside its data, in one read-only snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from colprofile.errors import SourceError, SourceNotFound, did_you_mean, shorten
from colprofile.progress import Progress
from colprofile.results.planner import ColumnStatistics, GroupStatistics, Measurement, PairStatistics
from colprofile.results.profile import SkippedColumn

if TYPE_CHECKING:
    import sqlalchemy as sa

    from colprofile.catalogs.counts import Joint
    from colprofile.catalogs.statistics import SavedColumn, SavedTable
    from colprofile.verbs.planner.columns import FreshColumn, Remedy
    from colprofile.verbs.planner.explain import Key, Probe

DRAWS = 10_000
"""Combinations that a closer look at several columns draws: all of them where they are no more."""

Fetch = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class Options:
    """What ``planner`` was asked for."""

    columns: Sequence[str] | None
    pairs: bool
    min_bits: float
    examine: int
    explain: bool
    verify: bool
    predicates: int
    longest_list: int
    budget: int
    fetch: Fetch
    statement_timeout: float | None
    lock_timeout: float

    @property
    def draws(self) -> int:
        """Predicates to draw a column, 0 where EXPLAIN is not asked."""
        return self.predicates if self.explain or self.verify else 0


@dataclass
class Found:
    """What is found of a table, step by step, in one snapshot."""

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
    probes: dict[Key, Probe] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    measured: dict[Key, Measurement] = field(default_factory=dict)
    after: dict[Key, Measurement] = field(default_factory=dict)


def look(engine: sa.Engine, connection: sa.Connection, table: str, options: Options, shown: Progress) -> Found:
    """Return everything that is found without changing anything, in one read-only snapshot."""
    import sqlalchemy as sa

    from colprofile.catalogs.counts import count_rows, run
    from colprofile.catalogs.postgresql import catalog_query, read_table
    from colprofile.verbs.planner.explain import measure, planned_rows

    begin(connection, options, "read only")
    saved = read_table(connection, table)
    if saved.is_row_secured:
        raise SourceError(
            f"row security hides rows of {saved.quoted} and all of its statistics from this user: "
            "connect as its owner, or as a role with BYPASSRLS"
        )
    found = Found(saved)
    # The lock that this takes keeps the table from being dropped while it is counted.
    found.planner_rows = planned_rows(connection, saved)
    chosen = _chosen(saved, options.columns, found)
    found.rows, filled = count_rows(connection, saved, chosen)
    for done, column in enumerate(chosen):
        shown.update("comparing columns", done, len(chosen))
        _compare(connection, found, column, filled[done], options)
    found.columns.sort(key=lambda column: -column.error)
    if options.pairs and found.rows:
        _pairs(engine, connection, found, options, shown)
    names = connection.execute(sa.text(catalog_query("statistics_names")), {"schema": saved.schema})
    found.taken = list(names.scalars())
    if options.explain:
        total = sum(len(probe.conditions) for probe in found.probes.values())
        found.measured = measure(
            connection, saved, found.probes, lambda done: shown.update("asking EXPLAIN", done, total)
        )
    run(connection, "rollback")
    return found


def begin(connection: sa.Connection, options: Options, mode: str) -> None:
    """Begin the transaction: one snapshot for all, one process for each plan, so that its rows are the table's."""
    from colprofile.catalogs.counts import run

    run(connection, f"set transaction isolation level repeatable read, {mode}")
    run(connection, "set local max_parallel_workers_per_gather = 0")
    if options.statement_timeout is not None:
        run(connection, f"set local statement_timeout = {max(1, round(options.statement_timeout * 1000))}")


def _chosen(saved: SavedTable, columns: Sequence[str] | None, found: Found) -> list[SavedColumn]:
    """Return the columns to compare, and note those that this user may not read."""
    names = [column.name for column in saved.columns]
    for name in columns or ():
        if name not in names:
            raise SourceNotFound(f"no column {shorten(name)!r} in {saved.quoted}. {did_you_mean(name, names)}")
    wanted = [column for column in saved.columns if columns is None or column.name in columns]
    for column in wanted:
        if not column.is_readable:
            reason = "no permission: GRANT SELECT on it shows its statistics too"
            found.skipped.append(SkippedColumn(column.name, column.type, reason))
    return [column for column in wanted if column.is_readable]


def _compare(connection: sa.Connection, found: Found, column: SavedColumn, filled: int, options: Options) -> None:
    """Compare one column; one that cannot be grouped is skipped with the database's reason."""
    import sqlalchemy as sa

    from colprofile.catalogs.counts import bounds_above_saved, count_column
    from colprofile.sources.database.engines import error_code, one_line
    from colprofile.verbs.planner.columns import column_statistics, fresh_column
    from colprofile.verbs.planner.explain import column_probe

    try:
        with connection.begin_nested():
            counts = count_column(connection, found.table, column, options.draws)
            bins = bounds_above_saved(connection, column)
    except sa.exc.ProgrammingError as error:
        if error_code(error) not in ("42883", "42P22", "42804", "42846"):
            raise
        found.skipped.append(SkippedColumn(column.name, column.type, f"its type cannot be compared: {one_line(error)}"))
        return
    statistics, remedy = column_statistics(
        column, counts, bins.tolist(), found.rows, filled, found.planner_rows, options.min_bits
    )
    found.columns.append(statistics)
    if remedy is not None:
        found.remedies[column.name] = remedy
    if found.rows:
        found.fresh[column.name] = fresh_column(column, counts.counts.astype(float), found.rows, remedy)
    probe = column_probe(column, counts.drawn, found.rows, found.planner_rows)
    if probe is not None:
        found.probes[(column.name,)] = probe


def _pairs(engine: sa.Engine, connection: sa.Connection, found: Found, options: Options, shown: Progress) -> None:
    """Find the pairs that the planner takes for independent, and the groups that they form."""
    from colprofile.catalogs.counts import draw_joint
    from colprofile.verbs.planner.explain import joint_probe
    from colprofile.verbs.planner.groups import grow_groups, settle
    from colprofile.verbs.planner.pairs import Table, examined, screened
    from colprofile.verbs.profile.api import profile

    varied = [column.name for column in found.columns if column.distinct > 1]
    saved = {column.name: column for column in found.table.columns if column.name in varied}
    if len(saved) < 2:
        return
    shown.update("counting pairs", 0, None)
    counted = profile(
        engine,
        found.table.quoted,
        columns=list(saved),
        fetch=options.fetch,
        statement_timeout=options.statement_timeout,
        progress=False,
    )
    known = Table(
        rows=found.rows,
        planner_rows=found.planner_rows,
        columns=saved,
        extended=found.table.extended,
        min_bits=options.min_bits,
        longest_list=options.longest_list,
        fresh=found.fresh,
    )
    screening = [screened(pair, known) for pair in counted.pairs]
    listed = [pair for pair in screening if pair.verdict != "small" or pair.covered_by]
    listed.sort(key=lambda pair: -pair.visible_bits)
    has_lists = any(item.values for item in found.table.extended)

    def draw(columns: Sequence[SavedColumn]) -> Joint:
        has_texts = has_lists or len(columns) > 2
        return draw_joint(connection, found.table, columns, DRAWS, literals=options.draws > 0, texts=has_texts)

    looked_at: list[PairStatistics] = []
    left = options.examine
    for done, pair in enumerate(listed):
        if pair.verdict != "not examined" or left == 0:
            looked_at.append(pair)
            continue
        left -= 1
        shown.update("examining pairs", done, min(len(listed), options.examine))
        case = known.case((pair.x, pair.y), draw([saved[pair.x], saved[pair.y]]))
        looked_at.append(examined(pair, case, known))
        probe = joint_probe(case, options.predicates)
        if probe is not None:
            found.probes[(pair.x, pair.y)] = probe
    groups = grow_groups(looked_at, known, draw)[: options.budget]
    found.groups = [group.statistics for group in groups]
    for group in found.groups:
        case = known.case(group.columns, draw([saved[name] for name in group.columns]))
        probe = joint_probe(case, options.predicates)
        if probe is not None:
            found.probes[group.columns] = probe
    found.pairs = settle(looked_at, groups, options.budget)
    found.pairs_left_out = len(screening) - len(listed)
