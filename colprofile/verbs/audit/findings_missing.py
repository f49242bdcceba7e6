"""Findings about NULL: columns that are NULL together, or wherever another is, or that say where another is NULL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.measures.entropy import entropy
from colprofile.measures.lookup import arrangement_bits, log2_binomial
from colprofile.results.audit import Evidence, Finding
from colprofile.verbs.audit.audited_table import AuditedTable
from colprofile.verbs.audit.statements import name_list, value_text


def missingness_findings(audited: AuditedTable) -> Iterator[Finding]:
    """Yield columns that are NULL together or wherever another is, and those that show where another is NULL."""
    members: dict[bytes, list[int]] = {}
    for j, column in enumerate(audited.columns):
        if 0 < column.nulls < column.rows:
            members.setdefault(np.packbits(audited.is_null(j)).tobytes(), []).append(j)
    found = [_null_together(audited, columns) for columns in members.values() if len(columns) > 1]
    found += _null_wherever(audited, [(columns, np.frombuffer(mask, np.uint8)) for mask, columns in members.items()])
    for columns in members.values():
        found += _null_indicators(audited, columns[0])
    yield from (finding for finding in found if -(finding.evidence.log2_chance or 0.0) >= audited.needed_bits)


def _mask_entropy(nulls: int, rows: int) -> float:
    """Return the bits per row of which rows are NULL."""
    return entropy([nulls, rows - nulls]) or 0.0


def _finding(
    audited: AuditedTable, x: int, targets: list[int], statement: str, bits: float, saved: float, **details: Any
) -> Finding:
    """Return a finding that makes this many bits per row redundant and saves that many beyond chance."""
    evidence = Evidence(audited.rows, 0, True, bits, log2_chance=-saved)
    return audited.finding("missingness", [x], targets, statement, evidence, **details)


def _null_together(audited: AuditedTable, columns: list[int]) -> Finding:
    nulls = audited.columns[columns[0]].nulls
    mask_bits = _mask_entropy(nulls, audited.rows)
    statement = f"{name_list(audited.names(columns))} are NULL in the same {nulls:,} rows."
    saved = arrangement_bits(audited.rows, 2, mask_bits)
    return _finding(audited, columns[0], columns[1:], statement, (len(columns) - 1) * mask_bits, saved)


def _null_wherever(audited: AuditedTable, masks: list[tuple[list[int], npt.NDArray[np.uint8]]]) -> Iterator[Finding]:
    """Yield for columns with one mask the columns that are NULL wherever they are, only the nearest.

    Drawn at random, m rows lie all within k of n with probability C(k, m) / C(n, m).
    """
    masks = sorted(masks, key=lambda item: audited.columns[item[0][0]].nulls)
    pairs = permutations(range(len(masks)), 2)
    inside = {(a, b) for a, b in pairs if not (masks[a][1] & ~masks[b][1]).any()}
    rows = audited.rows
    for a, b in sorted(inside):
        if any((a, c) in inside and (c, b) in inside for c in range(len(masks))):
            continue
        x, targets = masks[a][0][0], masks[b][0]
        few, many = audited.columns[x].nulls, audited.columns[targets[0]].nulls
        saved = log2_binomial(rows, few) - log2_binomial(many, few)
        others = rows - few
        shared = _mask_entropy(many, rows) - others / rows * _mask_entropy(many - few, others)
        verb = "is" if len(targets) == 1 else "are"
        statement = (
            f"{name_list(audited.names(targets))} {verb} NULL wherever {audited.label(x)} is ({few:,} rows), "
            f"and in {many - few:,} more."
        )
        yield _finding(audited, x, targets, statement, shared, saved)


def _null_indicators(audited: AuditedTable, x: int) -> Iterator[Finding]:
    """Yield columns with two values, one where x is NULL and the other elsewhere."""
    is_null = audited.is_null(x)
    for y, column in enumerate(audited.columns):
        if column.distinct != 2 or column.nulls or y == x or audited.representatives[y] != y:
            continue
        codes = audited.coded.codes[y]
        inside, outside = codes[is_null], codes[~is_null]
        if (inside != inside[0]).any() or (outside != outside[0]).any():
            continue
        values = [audited.value(y, int(part[0])) for part in (inside, outside)]
        statement = (
            f"{audited.label(y)} is {value_text(values[0])} where {audited.label(x)} is NULL, "
            f"and {value_text(values[1])} elsewhere."
        )
        mask_bits = _mask_entropy(audited.columns[x].nulls, audited.rows)
        expression = f"{audited.name(x)} is {'' if values[0] else 'not '}null" if column.kind == "boolean" else None
        saved = arrangement_bits(audited.rows, 2, mask_bits)
        yield _finding(audited, x, [y], statement, mask_bits, saved, expression=expression)
