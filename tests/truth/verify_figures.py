"""Figures of profiles, what audits list beside findings, their scripts, and comparisons of halves: is it so?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb

import colprofile
from colprofile.results.audit import Audit, Fix
from colprofile.results.profile import Profile
from tests.truth.asked import Dependency, Table, differs, entropy, quoted

Wrong = Iterator[str]

_MOST_DEPENDENCIES = 40


def profile_figures(table: Table, profile: Profile) -> Wrong:
    """Yield the figures of the columns that SQL counts otherwise."""
    for column in profile.columns:
        x = quoted(column.name)
        counts = table.counts([column.name])
        told = (column.rows, column.nulls, column.distinct)
        found = (table.rows, table.rows - sum(counts), len(counts))
        if told != found:
            yield f"{table.name}.{column.name}: rows, NULLs and values are {told}, but SQL counts {found}"
        if differs(column.entropy, entropy(counts) if counts else None):
            yield f"{table.name}.{column.name}: entropy {column.entropy}, but SQL says {entropy(counts)}"
        is_key = len(counts) == table.rows > 0
        if (column.is_constant, column.is_key) != (len(counts) == 1 and counts[0] == table.rows, is_key):
            yield f"{table.name}.{column.name}: is_constant={column.is_constant}, is_key={column.is_key}"
        top = sorted(counts, reverse=True)[: len(column.top_values)]
        if [value.count for value in column.top_values] != top:
            yield f"{table.name}.{column.name}: top values of {[v.count for v in column.top_values]}, not {top} rows"
        if column.kind != "nested" and counts:
            yield from _ends(table, column.name, column.minimum, column.maximum)
        if column.kind == "numeric" and counts:
            finite = f"{x}::double"
            mean, deviation = table.row(
                f"select avg({finite}), stddev({finite}) from {table.sql} where isfinite({finite})"
            )
            if not table.count(f"not isfinite({finite})"):
                if column.mean is not None and differs(column.mean, mean, 1e-9):
                    yield f"{table.name}.{column.name}: mean {column.mean}, but SQL says {mean}"
                if column.standard_deviation is not None and differs(column.standard_deviation, deviation, 1e-6):
                    yield f"{table.name}.{column.name}: deviation {column.standard_deviation}, but SQL says {deviation}"


def _ends(table: Table, name: str, minimum: object, maximum: object) -> Wrong:
    x, kind = quoted(name), table.types[name]
    for end, told in (("min", minimum), ("max", maximum)):
        is_same = table.con.execute(
            f"select cast(? as {kind}) is not distinct from (select {end}({x}) from {table.sql})", [told]
        ).fetchall()[0][0]
        if not is_same:
            yield f"{table.name}.{name}: {end} is not {told!r}"


def audit_figures(table: Table, audit: Audit) -> Wrong:
    """Yield what is wrong in the columns, keys, ledger and exact dependencies of an audit."""
    apart = 0.0
    for column in audit.columns:
        counts = table.counts([column.name])
        nulls = table.rows - sum(counts)
        bits = entropy([*counts, nulls] if nulls else counts)
        apart += bits
        if (column.nulls, column.distinct) != (nulls, len(counts)) or differs(column.bits, bits):
            yield f"{table.name}.{column.name}: {column}, but SQL says {nulls}, {len(counts)} and {bits} bits"
    if differs(audit.ledger.bits_apart, apart):
        yield f"{table.name}: {audit.ledger.bits_apart} bits apart, but SQL says {apart}"
    for names in audit.keys[:_MOST_DEPENDENCIES]:
        if len(table.counts(names)) != table.rows or sum(table.counts(names)) != table.rows:
            yield f"{table.name}: {names} is no key"
    step = max(1, len(audit.dependencies) // _MOST_DEPENDENCIES)
    for each in audit.dependencies[::step]:
        if not each.columns:
            if len(table.counts([each.target])) > 1:
                yield f"{table.name}: {each.target} is not constant"
        elif Dependency.of(table, each.columns, each.target).violating:
            yield f"{table.name}: {each.columns} does not determine {each.target}"


def halves(table: Table) -> Wrong:
    """Yield the columns that differ, it is said, between two random halves."""
    for half in (0, 1):
        table.con.execute(
            f"create or replace temp table half_{half} as from {table.sql} where hash(rowid) % 2 = {half}"
        )
    drift = colprofile.drift(table.con, table.con, stale_table="half_0", fresh_table="half_1", progress=False)
    for column in drift.columns:
        if column.verdict in ("drifted", "broken", "added"):
            yield f"{table.name}.{column.name}: {column.verdict} between random halves: {'; '.join(column.reasons)}"


def scripts(table: Table, audit: Audit, copy: Callable[[], duckdb.DuckDBPyConnection]) -> Wrong:
    """Yield which scripts and fixes fail on a copy of the table, and rows that the restored table does not have."""
    con = copy()
    try:
        con.execute(audit.script("duckdb"))
    except duckdb.Error as error:
        yield f"{table.name}: the script fails: {str(error)[:300]}"
        return
    made = [row[0] for row in con.execute("select view_name from duckdb_views() where not internal").fetchall()]
    for view in made:
        for first, second in ((table.sql, quoted(view)), (quoted(view), table.sql)):
            lost = con.execute(f"select count(*) from (from {first} except all from {second}) l").fetchall()[0][0]
            if view.endswith("_restored") and lost:
                yield f"{table.name}: {lost} rows of {first} are not in {second}"
    con.close()
    fixes = [(finding.statement, fix) for finding in audit.findings for fix in _fixes(finding)]
    for statement, fix in fixes:
        yield from (f"{table.name}: {statement} -- {wrong}" for wrong in _fix(fix, copy))


def _fixes(finding: object) -> Iterator[Fix]:
    fix = getattr(finding, "fix", None)
    if fix is not None:
        yield fix
    for other in getattr(finding, "alternatives", ()):
        yield other.fix


def _fix(fix: Fix, copy: Callable[[], duckdb.DuckDBPyConnection]) -> Wrong:
    con = copy()
    try:
        left = con.execute(fix.checks["duckdb"]).fetchall()[0][0]
        if left:
            yield f"the check of {fix.action!r} returns {left}"
        con.execute(fix.changes["duckdb"])
    except duckdb.Error as error:
        yield f"the fix {fix.action!r} fails: {str(error)[:300]}"
    finally:
        con.close()


def is_small(table: Table) -> bool:
    """Whether the table is small enough for its fixes to be made one by one on copies."""
    return table.rows * len(table.columns) <= 200_000
