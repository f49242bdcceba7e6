"""EXPLAIN against the truth: predicates drawn from the data, before the advice and in a transaction with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from colprofile.catalogs.counts import DrawnValue
from colprofile.catalogs.explain import in_one_process, planned_rows, run, table_rows
from colprofile.catalogs.postgresql import catalog_query
from colprofile.catalogs.selectivity import equality_selectivities, estimated_rows, log_errors
from colprofile.catalogs.statistics import SavedColumn, SavedTable
from colprofile.errors import SourceError
from colprofile.results.planner import Measurement, Statement
from colprofile.verbs.planner.estimates import Case, estimate_now

if TYPE_CHECKING:
    import sqlalchemy as sa

FloatArray: TypeAlias = NDArray[np.float64]

Key: TypeAlias = tuple[str, ...]
"""The names of the columns that a probe is about."""


@dataclass(frozen=True)
class Probe:
    """Predicates on one or more columns, drawn from the data; float64[predicates] each."""

    conditions: tuple[str, ...]  # in SQL
    shares: FloatArray  # true, of the table's rows
    weights: FloatArray  # rows that each stands for
    predicted: FloatArray  # log2 of true over the share that colprofile says the planner estimates


def column_probe(column: SavedColumn, drawn: Sequence[DrawnValue], rows: int, planner_rows: int) -> Probe | None:
    """Return the probe of one column's drawn values; None without any."""
    if not drawn:
        return None
    known = equality_selectivities(column, planner_rows)
    shares = np.array([value.rows for value in drawn], np.float64) / rows
    estimated = estimated_rows(known[[value.saved_index or 0 for value in drawn]], planner_rows) / planner_rows
    return Probe(
        conditions=tuple(_condition(column, value.literal) for value in drawn),
        shares=shares,
        weights=np.array([value.weight for value in drawn], np.float64),
        predicted=np.log2(shares / estimated),
    )


def joint_probe(case: Case, most: int) -> Probe | None:
    """Return the probe of several columns' drawn combinations, thinned to ``most``; None without any."""
    joint = case.joint
    if not joint.literals:
        return None
    weights = joint.weight.astype(np.float64)
    chosen = np.arange(weights.size)
    if weights.size > most:
        # Systematic: the combinations at equal distances of the rows laid end to end.
        upto = np.cumsum(weights)
        hits = np.searchsorted(upto, (np.arange(most) + 0.5) * upto[-1] / most)
        chosen, times = np.unique(hits, return_counts=True)
        weights = times.astype(np.float64)
    return Probe(
        conditions=tuple(
            " AND ".join(
                _condition(column, literal) for column, literal in zip(case.columns, joint.literals[index], strict=True)
            )
            for index in chosen
        ),
        shares=case.true[chosen],
        weights=weights,
        predicted=np.log2(case.true / case.estimated(estimate_now(case)))[chosen],
    )


def _condition(column: SavedColumn, literal: str) -> str:
    return f"{column.quoted} = cast({literal} as {column.type})"


def measure(
    connection: sa.Connection,
    table: SavedTable,
    probes: Mapping[Key, Probe],
    progress: Callable[[int], object],
) -> dict[Key, Measurement]:
    """Return what EXPLAIN says to each probe, as errors in bits, by the statistics that the transaction sees.

    ``progress`` is called with the number of predicates that are done.
    """
    total = max(1, table_rows(connection, table))
    measured: dict[Key, Measurement] = {}
    done = 0
    for key, probe in probes.items():
        estimated = []
        with in_one_process(connection):
            for condition in probe.conditions:
                estimated.append(planned_rows(connection, table, condition))
                done += 1
                if done % 100 == 0:
                    progress(done)
        errors = log_errors(probe.shares, np.array(estimated, np.float64) / total, probe.weights)
        measured[key] = Measurement(
            predicates=len(probe.conditions),
            error=errors.mean,
            q_error=errors.q_error,
            q_error_90=errors.q_error_90,
            predicted=float(np.average(probe.predicted, weights=probe.weights)),
        )
    return measured


def try_advice(
    connection: sa.Connection,
    table: SavedTable,
    statements: Sequence[Statement],
    probes: Mapping[Key, Probe],
    lock_timeout: float,
    progress: Callable[[int], object],
) -> dict[Key, Measurement]:
    """Return what EXPLAIN says to each probe with the advice applied, in a transaction that is rolled back.

    Nothing stays but the server's activity counters, which are no part of any transaction: they count the ANALYZE and
    remember when it was. The rows changed since the last one, from which autovacuum decides, stay as they were,
    since the columns are named one by one.

    Raises
    ------
    SourceError
        The user is not the table's owner.
    """
    if not table.is_owned:
        raise SourceError(
            f"--verify creates statistics on {table.quoted} and takes them back, which only its owner may: "
            "connect as the owner, or leave --verify out"
        )
    try:
        run(connection, f"set local lock_timeout = {max(1, round(lock_timeout * 1000))}")
        _shield(connection, table)
        for statement in statements:
            if statement.kind != "analyze":
                run(connection, statement.sql)
        names = ", ".join(column.quoted for column in table.columns if column.is_readable)
        run(connection, f"ANALYZE {table.quoted} ({names})")
        return measure(connection, table, probes, progress)
    finally:
        connection.rollback()


def _shield(connection: sa.Connection, table: SavedTable) -> None:
    """Make this transaction own the rows of pg_class into which ANALYZE writes sizes.

    ANALYZE writes ``reltuples`` and ``relpages`` in place, outside of any transaction. Where the transaction has a
    version of the row of its own, they go into that one, and the rollback takes them with it.
    """
    import sqlalchemy as sa

    relations = connection.execute(sa.text(catalog_query("relations")), {"oid": table.oid}).mappings().all()
    for relation in relations:
        quoted = relation["quoted"]
        if relation["kind"] == "i":
            run(connection, f"ALTER INDEX {quoted} RESET (fillfactor)")
        else:
            run(connection, f"GRANT SELECT ON {quoted} TO {relation['owner']}")
