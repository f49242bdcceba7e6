"""The drift of all tables of a database: those of both sides by name, those that were added, those that are gone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from colprofile.errors import SourceError, shorten
from colprofile.progress import Progress
from colprofile.results.database import DatabaseDrift, DatabaseProfile, SkippedTable, TableDrift
from colprofile.results.provenance import Provenance
from colprofile.sources.tables.base import Tables
from colprofile.sources.tables.patterns import Patterns, chosen_names
from colprofile.verbs.database.inputs import useless_inputs, without
from colprofile.verbs.database.keywords import DriftKeywords
from colprofile.verbs.database.run import check_of_many, each_table, of_database, provenance_of
from colprofile.verbs.drift.api import drift

Side = Tables | DatabaseProfile


def drift_tables(
    stale: Side,
    fresh: Side,
    options: DriftKeywords,
    *,
    tables: Patterns,
    exclude: Patterns,
    partial: bool,
    statistics: Any = None,
) -> DatabaseDrift:
    """Return the drift of each table that both sides have; errors as ``each_table`` says.

    ``statistics`` is the URL, Engine or session of the stale side where it is what an optimizer has saved.
    """
    began = time.perf_counter()
    check_of_many(options)
    names = list(dict.fromkeys([*fresh.names, *stale.names]))
    chosen = chosen_names(names, tables, exclude, f"{_shown(stale)} and {_shown(fresh)}")
    common, added, removed, skipped = _matched(chosen, stale, fresh)
    useless = useless_inputs(options, *(side for side in (stale, fresh) if not isinstance(side, DatabaseProfile)))

    def read(name: str) -> TableDrift:
        old, old_table = (statistics, name) if statistics is not None else _given(stale, name)
        new, new_table = _given(fresh, name)
        useful = without(options, useless.get(name, frozenset()))
        found = drift(
            old, new, stale_table=old_table, fresh_table=new_table, stale_statistics=statistics is not None, **useful
        )
        made = of_database(found.fresh, _shown(fresh), name)
        return TableDrift(name, replace(found, stale=of_database(found.stale, _shown(stale), name), fresh=made))

    with Progress(options.get("progress"), "looking for tables") as shown:
        found = each_table(common, read, shown, description=f"{_shown(stale)} and {_shown(fresh)}", partial=partial)
    duration = time.perf_counter() - began
    return DatabaseDrift(
        tables=found.results,
        added=tuple(added),
        removed=tuple(removed),
        skipped=(*skipped, *found.skipped),
        stale=_provenance(stale, [table.result.stale for table in found.results], duration),
        provenance=_provenance(fresh, [table.result.fresh for table in found.results], duration),
        is_complete=found.is_complete,
        notes=tuple(note for side in (stale, fresh) for note in _remarks(side)),
    )


def _matched(
    names: Sequence[str], stale: Side, fresh: Side
) -> tuple[list[str], list[str], list[str], list[SkippedTable]]:
    """Return the tables of both sides, those of one alone, and those that a saved side had skipped."""
    unread = {name: reason for side in (stale, fresh) for name, reason in _unread(side).items()}
    old, new = set(stale.names), set(fresh.names)
    common = [name for name in names if name in old and name in new]
    added = [name for name in names if name not in old and name not in unread]
    removed = [name for name in names if name not in new and name not in unread]
    skipped = [SkippedTable(name, f"not in the saved profile: {unread[name]}") for name in names if name in unread]
    if not common and not skipped:
        raise SourceError(
            f"{shorten(_shown(stale), 200)} and {shorten(_shown(fresh), 200)} have no table in common: "
            "name the tables with stale_table= and fresh_table= to compare two"
        )
    return common, added, removed, skipped


def _unread(side: Side) -> dict[str, str]:
    return {table.name: table.reason for table in side.skipped} if isinstance(side, DatabaseProfile) else {}


def _given(side: Side, name: str) -> tuple[Any, str | None]:
    return (side[name].result, None) if isinstance(side, DatabaseProfile) else side.given(name)


def _shown(side: Side) -> str:
    return side.provenance.source if isinstance(side, DatabaseProfile) else side.description


def _remarks(side: Side) -> Sequence[str]:
    return () if isinstance(side, DatabaseProfile) else side.remarks


def _provenance(side: Side, made: Sequence[Provenance], duration: float) -> Provenance:
    return side.provenance if isinstance(side, DatabaseProfile) else provenance_of(side.description, made, duration)
