"""Findings about single columns and keys: empty, constant, key."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import replace

from colprofile.counting.dependencies.exact import Dependencies
from colprofile.counting.dependencies.relation import expected_equal_pairs
from colprofile.counting.dependencies.workers import Combination
from colprofile.errors import shorten
from colprofile.measures.thresholds import SIGNIFICANCE
from colprofile.results.audit import Evidence, Finding
from colprofile.results.keys import can_identify, joint_plausibility, plausibility
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.statements import NAME_WIDTH, name_list, value_text


def column_findings(audited: AuditedTable) -> Iterator[Finding]:
    """Yield empty and constant columns."""
    rows = audited.rows
    for j, column in enumerate(audited.columns):
        filled, label = column.rows - column.nulls, audited.label(j)
        if rows and not filled:
            statement = f"{label} holds nothing but NULL."
            yield audited.finding("empty", [j], [], statement, Evidence(rows, 0, True, 0.0))
        elif rows > 1 and (column.is_constant or column.distinct == 1):
            value = value_text(column.top_values[0].value if column.top_values else None)
            statement = f"{label} is {value} in every row."
            if not column.is_constant:
                statement = f"{label} is {value} in {filled:,} of {rows:,} rows and NULL in the others, like a flag."
            yield audited.finding("constant", [j], [], statement, Evidence(filled, 0, True, 0.0))


def key_findings(audited: AuditedTable, exact: Dependencies, repeated: Collection[str]) -> Iterator[Finding]:
    """Yield the keys, the most plausible first: see ``results.keys``; not those that repeat another column.

    Composite ones are findings where they are not to be expected of columns with so many values: of independent
    columns, n (n − 1)/2 · Π pdep(X_j) pairs of rows are expected to be equal in all of them; that there is none has a
    probability of about e^−pairs.
    """
    for combination in plausible_keys(audited, exact):
        pairs = None
        if len(combination) > 1:
            pairs = expected_equal_pairs((audited.relation.counts[j][1:] for j in combination), audited.rows)
            if pairs < math.log(max(1, _composite_keys(audited)) / SIGNIFICANCE):
                continue
        names = audited.names(combination)
        if audited.rows > 1 and not (len(names) == 1 and names[0] in repeated):
            audited.primary_key = audited.primary_key or names
            yield _key_finding(audited, combination, pairs, is_first=names == audited.primary_key)


def keys_with_null(audited: AuditedTable, exact: Dependencies) -> Iterator[Finding]:
    """Yield the columns and pairs of columns that identify every row only where NULL counts as a value."""
    columns, counts = audited.columns, audited.relation.counts
    if not audited.has_codes or audited.rows < 2:
        return
    filled = {j: replace(column, nulls=0) for j, column in enumerate(columns)}
    able = {j for j, column in filled.items() if can_identify(column, is_first=j == 0) and not counts[j][0]}
    for combination in exact.unique:
        holding = [columns[j] for j in combination if columns[j].nulls]
        if not holding or not able.issuperset(combination):
            continue
        pairs = None
        if len(combination) > 1:
            pairs = expected_equal_pairs((counts[j][1:] for j in combination), audited.rows)
            if pairs < math.log(max(1, _composite_keys(audited)) / SIGNIFICANCE):
                continue
        names = name_list(audited.names(combination))
        verb = "identifies" if len(combination) == 1 else "together identify"
        held = " and ".join(f"{shorten(column.name, NAME_WIDTH)} is NULL in {column.nulls:,}" for column in holding)
        statement = (
            f"{names} {verb} every row if NULL counts as a value: no primary key, as {held} of {audited.rows:,} rows."
        )
        chance = None if pairs is None else -pairs / math.log(2)
        evidence = Evidence(audited.rows, 0, True, 0.0, log2_chance=chance)
        yield replace(audited.finding("key", combination, [], statement, evidence), confidence=1 - SIGNIFICANCE)


def plausible_keys(audited: AuditedTable, exact: Dependencies) -> list[Combination]:
    """Return the minimal unique combinations that can be a primary key, the most plausible first.

    None of their columns holds NULL or is a measurement, a long text or nested.
    """
    columns = audited.columns
    able = {j for j, column in enumerate(columns) if can_identify(column, is_first=j == 0)}

    def score(combination: Combination) -> float:
        if len(combination) == 1:
            return plausibility(columns[combination[0]], is_first=combination[0] == 0)
        return joint_plausibility([columns[j] for j in combination])

    return sorted((each for each in exact.unique if able.issuperset(each)), key=score, reverse=True)


def _composite_keys(audited: AuditedTable) -> int:
    """Return how many combinations of columns could be found as keys."""
    return sum(math.comb(len(audited.columns), k) for k in range(2, audited.max_determinants + 1))


def _key_finding(audited: AuditedTable, combination: Combination, pairs: float | None, *, is_first: bool) -> Finding:
    """Return the finding on a key; ``pairs`` is what ``expected_equal_pairs`` returns of a composite one."""
    verb = "identifies" if len(combination) == 1 else "together identify"
    names = name_list(audited.names(combination))
    statement = f"{names} {verb} every row: a candidate primary key, which determines all other columns."
    if not is_first:
        statement = f"{names} {verb} every row too."
    chance = None if pairs is None else -pairs / math.log(2)
    found = audited.finding("key", combination, [], statement, Evidence(audited.rows, 0, True, 0.0, log2_chance=chance))
    if chance is None:
        return found
    return replace(found, confidence=max(0.0, 1 - _composite_keys(audited) * math.exp2(chance)))
