"""Findings about single columns and keys: empty, constant, key."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from colprofile.counting.dependencies.exact import Combination, Dependencies
from colprofile.results.audit import Evidence, Finding
from colprofile.results.profile import ColumnProfile
from colprofile.verbs.audit.audited_table import LEVEL, Material, listed, plain, shown


def column_findings(material: Material) -> Iterator[Finding]:
    """Yield empty and constant columns, and those that are keys by themselves."""
    for column in material.columns:
        name = column.name
        if material.rows and column.nulls == column.rows:
            yield plain("empty", [name], f"{listed([name])} holds nothing but NULL.", material.rows)
        elif column.is_constant and material.rows > 1:
            value = column.top_values[0].value if column.top_values else None
            yield plain("constant", [name], f"{listed([name])} is {shown(value)} in every row.", material.rows)
        elif column.distinct == 1 and material.rows > 1:
            yield _only_value(material, column)
        elif column.is_key and material.rows > 1 and not is_measured(column):
            yield _key(material, (name,), math.inf)


def _only_value(material: Material, column: ColumnProfile) -> Finding:
    value = column.top_values[0].value if column.top_values else None
    filled = column.rows - column.nulls
    statement = (
        f"{listed([column.name])} is {shown(value)} in {filled:,} of {material.rows:,} rows and NULL in the others: "
        "it says what a flag would."
    )
    return plain("constant", [column.name], statement, filled)


def key_findings(material: Material, exact: Dependencies) -> Iterator[Finding]:
    """Yield composite keys: minimal, without NULL, and not to be expected of columns with so many values.

    Of independent columns, n (n − 1)/2 · Π pdep(X_j) pairs of rows are expected to be alike in all of them; that
    there is none has about the probability e^−pairs.
    """
    assert material.relation is not None
    tests = sum(math.comb(len(material.columns), k) for k in range(2, material.most + 1))
    for combination in exact.unique:
        if len(combination) < 2 or any(material.relation.has_nulls(j) for j in combination):
            continue
        if any(is_measured(material.columns[j]) for j in combination):
            continue
        pairs = expected_alike(material, combination)
        if pairs >= math.log(max(1, tests) / LEVEL):
            yield _key(material, material.names(combination), pairs)


def is_measured(column: ColumnProfile) -> bool:
    """Whether a column holds numbers with a fraction: that no two are the same makes no key of measurements."""
    if column.kind != "numeric":
        return False
    values = (column.minimum, column.maximum, *(quantile.value for quantile in column.quantiles))
    return any(isinstance(value, (int, float, str)) and float(value) % 1 != 0 for value in values)


def is_key(material: Material, combination: Combination) -> bool:
    """Whether a unique combination can be a primary key: no NULL."""
    assert material.relation is not None
    return not any(material.relation.has_nulls(j) for j in combination)


def expected_alike(material: Material, combination: Combination) -> float:
    """Return how many pairs of rows would be alike in all of these columns if they were independent."""
    assert material.relation is not None
    rows = material.relation.rows
    share = 1.0
    for j in combination:
        counts = material.relation.counts[j][1:].astype(np.float64)
        share *= float(counts @ (counts - 1)) / (rows * (rows - 1.0))
    return rows * (rows - 1.0) / 2 * share


def _key(material: Material, names: tuple[str, ...], pairs: float) -> Finding:
    verb = "identifies" if len(names) == 1 else "together identify"
    statement = f"{listed(names)} {verb} every row: a candidate primary key, which determines all other columns."
    log2_chance = None if math.isinf(pairs) else -pairs / math.log(2)
    confidence = 1.0
    if log2_chance is not None:
        tests = sum(math.comb(len(material.columns), k) for k in range(2, material.most + 1))
        confidence = max(0.0, 1 - tests * math.exp2(log2_chance))
    evidence = Evidence(material.rows, 0, True, 0.0, log2_chance=log2_chance)
    return Finding("key", names, (), statement, evidence, confidence)
