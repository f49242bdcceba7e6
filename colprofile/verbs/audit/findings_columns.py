"""Findings about single columns and keys: empty, constant, key."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from colprofile.counting.dependencies.exact import Combination, Dependencies
from colprofile.counting.dependencies.relation import expected_equal_pairs
from colprofile.measures.thresholds import SIGNIFICANCE
from colprofile.results.audit import Evidence, Finding
from colprofile.results.column import ColumnProfile
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.statements import name_list, value_text


def column_findings(audited: AuditedTable) -> Iterator[Finding]:
    """Yield empty and constant columns, and those that are keys by themselves."""
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
        elif rows > 1 and column.is_key and not has_fractions(column):
            yield _key_finding(audited, (j,), None)


def key_findings(audited: AuditedTable, exact: Dependencies) -> Iterator[Finding]:
    """Yield composite keys: minimal, without NULL, and not to be expected of columns with so many values.

    Of independent columns, n (n − 1)/2 · Π pdep(X_j) pairs of rows are expected to be equal in all of them; that
    there is none has a probability of about e^−pairs.
    """
    for combination in exact.unique:
        is_candidate = len(combination) > 1 and can_be_key(audited, combination)
        if is_candidate and not any(has_fractions(audited.columns[j]) for j in combination):
            pairs = expected_equal_pairs((audited.relation.counts[j][1:] for j in combination), audited.rows)
            if pairs >= math.log(max(1, _composite_keys(audited)) / SIGNIFICANCE):
                yield _key_finding(audited, combination, pairs)


def _composite_keys(audited: AuditedTable) -> int:
    """Return how many combinations of columns could be found as keys."""
    return sum(math.comb(len(audited.columns), k) for k in range(2, audited.max_determinants + 1))


def has_fractions(column: ColumnProfile) -> bool:
    """Whether a column holds numbers with a fraction: measurements that are all different are no key."""
    if column.kind != "numeric":
        return False
    values = (column.minimum, column.maximum, *(quantile.value for quantile in column.quantiles))
    return any(isinstance(value, (int, float, str)) and float(value) % 1 != 0 for value in values)


def can_be_key(audited: AuditedTable, combination: Combination) -> bool:
    """Whether a unique combination can be a primary key: no NULL."""
    return not any(audited.columns[j].nulls for j in combination)


def _key_finding(audited: AuditedTable, combination: Combination, pairs: float | None) -> Finding:
    """Return the finding on a key; ``pairs`` is what ``expected_equal_pairs`` returns of a composite one."""
    verb = "identifies" if len(combination) == 1 else "together identify"
    names = name_list(audited.names(combination))
    statement = f"{names} {verb} every row: a candidate primary key, which determines all other columns."
    chance = None if pairs is None else -pairs / math.log(2)
    found = audited.finding("key", combination, [], statement, Evidence(audited.rows, 0, True, 0.0, log2_chance=chance))
    if chance is None:
        return found
    return replace(found, confidence=max(0.0, 1 - _composite_keys(audited) * math.exp2(chance)))
