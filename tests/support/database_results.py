"""Hand-made results of whole databases for the tests of what shows or stores them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, get_args, get_type_hints

import pandas as pd

import colprofile
from colprofile.results.audit import Audit, AuditColumn, Dependence, Evidence, Finding, Fix
from colprofile.results.database import (
    DatabaseAudit,
    DatabaseDrift,
    DatabasePlannerReport,
    DatabaseProfile,
    SkippedTable,
    TableAudit,
    TableDrift,
    TablePlannerReport,
    TableProfile,
)
from colprofile.results.ledger import Ledger, TreeEdge
from colprofile.results.schema import (
    CandidateKey,
    ColumnPlace,
    Domain,
    ForeignKey,
    Inclusion,
    Join,
    JoinError,
    JoinSize,
    RepeatedColumn,
    Schema,
    SchemaFix,
    Status,
    TableBits,
    TableRelation,
)
from colprofile.results.search import Search
from tests.support import planner_reports, profiles
from tests.support.profile_parts import provenance

Reference = tuple[str, tuple[str, ...], str, tuple[str, ...]]

HOSTILE = (*(name for name in profiles.HOSTILE_NAMES if name != profiles.LONG), "l" * 300, "direction LR", "`", "a.b")
"""Names of tables and columns; none can be told from another when it is cut."""

RELATIONS, FIXES = (get_args(get_type_hints(part)["kind"]) for part in (TableRelation, SchemaFix))
"""Every kind of each."""

MARKUP = "<script>document.title='owned'</script>\x1b[2J"


def inclusion(reference: Reference, *, orphans: int = 0, bits: float = 12.5) -> Inclusion:
    """An inclusion of 500 rows and 40 values, of which some are orphans."""
    table, columns, target, targets = reference
    shown = tuple(tuple(f"{MARKUP}{i}" for _ in columns) for i in range(min(orphans, 5)))
    return Inclusion(table, columns, target, targets, 500, 40, 50, orphans, orphans, shown, bits, 0.8)


def foreign_key(
    reference: Reference, status: Status = "found", *, orphans: int = 0, is_one: bool = False
) -> ForeignKey:
    table, columns, target, _ = reference
    statement = f"{table}.{columns[0]} refers to {target}."
    reasons = (f"{columns[0]} is named after {target}.", "Its numbers span those of the key.")
    query = f'select "{columns[0]}"\nfrom "{table}"'
    return ForeignKey(
        inclusion(reference, orphans=orphans),
        status,
        1.0 if status != "found" else 0.97,
        reasons,
        is_one,
        False,
        statement,
        query,
        f"{query} -- orphans",
    )


def join(reference: Reference) -> Join:
    table, columns, target, targets = reference
    return Join((table, target), (columns,), (targets,))


@cache
def small_audit() -> Audit:
    """The audit of 60 rows: a key, and a label that is computed from a code."""
    change = {dialect: "select 1" for dialect in ("duckdb", "postgresql")}
    computed = Finding(
        "computed",
        ("code",),
        ("label",),
        "label is computed as 'l' + code in every row.",
        Evidence(60, 0, True, 1.669, 60),
        1.0,
        "'l' || code",
        fix=Fix("make label a generated column", change, change),
    )
    key = Finding("key", ("id",), (), "id identifies every row.", Evidence(60, 0, True, 0.0), 1.0)
    columns = tuple(AuditColumn(name, "BIGINT", 2.5, 0, 6) for name in ("id", "code", "label"))
    return Audit(
        60,
        columns,
        (computed, key),
        (),
        (("id",),),
        Ledger(7.5, 5.0, 2.5, 1 / 3, None, None),
        (TreeEdge("code", "label", 2.5),),
        (("code", "label"), ("id",)),
        (Dependence("code", "label", 1.0),),
        Search(1, 1, 1, 12, True),
        {"duckdb": "select 1;"},
        (),
        provenance("small.csv"),
    )


def table_audit(name: str, columns: Sequence[str], rows: int = 60) -> TableAudit:
    """The small audit under other names."""
    named = tuple(AuditColumn(column, "BIGINT", 2.5, 3, 6) for column in columns)
    return TableAudit(name, replace(small_audit(), columns=named, rows=rows))


def drawn(tables: Mapping[str, Sequence[str]], references: Sequence[Reference], **changed: Any) -> DatabaseAudit:
    """A database of tables, the first column of each its key, and foreign keys that are not declared."""
    schema = Schema(
        keys=tuple(CandidateKey(name, tuple(columns[:1]), "found", True, 60) for name, columns in tables.items()),
        foreign_keys=tuple(map(foreign_key, references)),
        inclusions=tuple(map(inclusion, references)),
    )
    audits = tuple(table_audit(name, columns) for name, columns in tables.items())
    return DatabaseAudit(audits, replace(schema, **changed), (), provenance("shop.duckdb"))


def numbered(tables: int, references: Sequence[tuple[int, int]]) -> DatabaseAudit:
    """A database of t0, t1, … with a column for each reference to another's id."""
    columns = {f"t{i}": ["id", *(f"r{n}" for n, (a, _) in enumerate(references) if a == i)] for i in range(tables)}
    return drawn(columns, [(f"t{a}", (f"r{n}",), f"t{b}", ("id",)) for n, (a, b) in enumerate(references)])


@cache
def hostile() -> DatabaseAudit:
    """Everything that can lie between tables, under names that are markup, SQL, escapes and worse."""
    names = HOSTILE
    columns = {
        name: [names[(i + 1) % len(names)], names[(i + 3) % len(names)], "plain"] for i, name in enumerate(names)
    }
    size = len(names)
    references: list[Reference] = [
        (name, (columns[name][1],), names[(5 * i + 2) % size], (columns[names[(5 * i + 2) % size]][0],))
        for i, name in enumerate(names)
    ]
    statuses: list[Status] = ["violated", "declared", "found"]
    keys = [
        foreign_key(r, statuses[i % 3], orphans=(7, 0, i % 2)[i % 3], is_one=i % 4 == 0)
        for i, r in enumerate(references)
    ]
    along = [join(reference) for reference in references]
    long_way = Join(names[:3], ((names[1],), ("plain",)), ((names[2],), (names[4],)))
    sql = {"duckdb": f'select 0 from "{names[0]}"\n-- \x1b[2J', "mysql": f"select 0 from `{names[1]}`"}
    audit = drawn(
        columns,
        references,
        keys=(
            *(CandidateKey(name, (columns[name][0],), "found", True, 60) for name in names[1:]),
            CandidateKey(names[0], (columns[names[0]][0], "plain"), "violated", True, 60, 4),
        ),
        foreign_keys=tuple(keys),
        inclusions=tuple(key.inclusion for key in keys),
        repeated_columns=tuple(
            RepeatedColumn(
                "copy" if i % 2 else "determined",
                names[i],
                columns[names[i]][1],
                along[i],
                "plain" if i % 2 else None,
                480,
                470 + i,
                1.5 - i / 10,
                ((MARKUP, None, 1.5),),
                f"{names[i]} repeats {MARKUP}.",
                f"select 1 -- {MARKUP}" if i % 2 else None,
            )
            for i in range(4)
        ),
        table_relations=tuple(
            TableRelation(
                kind, tuple(names[i : i + 2]), ("plain",), 60 * (i % 2), 90.0, f"{names[i]} {MARKUP}", "select\n1"
            )
            for i, kind in enumerate(RELATIONS)
        ),
        domains=(
            Domain(
                (ColumnPlace(names[0], names[1], MARKUP), ColumnPlace(names[2], names[3], "BIGINT")),
                40,
                0.75,
                ("names", "types"),
                f"{names[0]} and {names[2]} {MARKUP}",
            ),
        ),
        join_errors=tuple(
            JoinError(way, names[i % 5], 2.0 / (i + 1), (MARKUP, None, 1.5)[i % 3], (8.0, 0.01, 0.0)[i % 3])
            for i, way in enumerate(along)
        ),
        join_sizes=(JoinSize(along[0], 489, 500.0, 400, 700), JoinSize(long_way, None, 1e9, 0, 10**12)),
        ledger=tuple(TableBits(name, 60, 3, 10.0, 1.5, 0.5, 75.0, 15.0) for name in names),
        fixes=tuple(SchemaFix(kind, names[i], f"change {names[i]}", sql, sql) for i, kind in enumerate(FIXES)),
        notes=(f"a note of {MARKUP}",),
    )
    return replace(
        audit,
        skipped=(SkippedTable(names[2], f"permission denied for {MARKUP}"),),
        provenance=provenance(MARKUP, command=f"colprofile audit '{MARKUP}'"),
        is_complete=False,
        notes=(MARKUP,),
    )


@cache
def profile() -> DatabaseProfile:
    """Two profiles, one of hostile names."""
    tables = TableProfile("flights", profiles.flights_like(200)), TableProfile(MARKUP, profiles.hostile())
    return DatabaseProfile(tables, (SkippedTable("gone", "no such table"),), provenance("shop.duckdb"))


@cache
def drift() -> DatabaseDrift:
    """A table that drifted, one that is the same, one added and one removed."""
    old = pd.DataFrame({"<b>x</b>": range(400), "kind": ["a", "b"] * 200})
    new = pd.DataFrame({"<b>x</b>": range(400), "kind": ["a"] * 390 + ["c"] * 10})
    tables = tuple(
        TableDrift(name, colprofile.drift(old, fresh)) for name, fresh in (("orders", new), ("a\nb", old.copy()))
    )
    made = provenance("new.duckdb")
    return DatabaseDrift(tables, (MARKUP,), ("old <i>table</i>",), (), provenance("old.duckdb"), made)


@cache
def planner() -> DatabasePlannerReport:
    """A table whose statistics are wrong and one where they are fine."""
    tables = TablePlannerReport(MARKUP, planner_reports.wrong()), TablePlannerReport("fine", planner_reports.fine())
    return DatabasePlannerReport(tables, (), provenance("postgresql://localhost/shop"))


ALL: dict[str, Callable[[], Any]] = {"audit": hostile, "profile": profile, "drift": drift, "planner": planner}
"""The results of every verb, with everything that they can hold."""


def many(tables: int, columns: int = 20) -> DatabaseAudit:
    """A database of many tables, each referring to another."""
    names = [f"table_{i:03}" for i in range(tables)]
    own = {name: ["id", *(f"column_{j}" for j in range(columns - 1))] for name in names}
    references: list[Reference] = [(a, ("column_0",), b, ("id",)) for a, b in zip(names[1:], names, strict=False)]
    ledger = tuple(TableBits(name, 60, columns, 50.0, i / 10, 0.0, 375.0, 0.75 * i) for i, name in enumerate(names))
    return drawn(own, references, ledger=ledger)
