"""The profiles of all tables of a database."""

from __future__ import annotations

import time
from dataclasses import replace

from colprofile.progress import Progress
from colprofile.results.database import DatabaseProfile, TableProfile
from colprofile.sources.tables.base import Tables
from colprofile.verbs.database.inputs import useless_inputs, without
from colprofile.verbs.database.keywords import ProfileKeywords
from colprofile.verbs.database.run import check_of_many, each_table, of_database, provenance_of
from colprofile.verbs.profile.api import profile


def profile_tables(tables: Tables, options: ProfileKeywords, *, partial: bool) -> DatabaseProfile:
    """Return the profile of each table; ArgumentError, SourceError or KeyboardInterrupt as ``each_table`` says."""
    began = time.perf_counter()
    check_of_many(options)
    useless = useless_inputs(options, tables)

    def read(name: str) -> TableProfile:
        source, table = tables.given(name)
        found = profile(source, table, **without(options, useless.get(name, frozenset())))
        return TableProfile(name, replace(found, provenance=of_database(found.provenance, tables.description, name)))

    with Progress(options.get("progress"), "looking for tables") as shown:
        found = each_table(tables.names, read, shown, description=tables.description, partial=partial)
    made = [table.result.provenance for table in found.results]
    return DatabaseProfile(
        tables=found.results,
        skipped=found.skipped,
        provenance=provenance_of(tables.description, made, time.perf_counter() - began),
        is_complete=found.is_complete,
        notes=tuple(tables.remarks),
    )
