"""Findings about NULL: columns that are NULL together, or because another is, or that say where another is NULL."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from colprofile.measures.lookup import arrangement_bits, log2_binomial
from colprofile.results.audit import Evidence, Finding
from colprofile.verbs.audit.audited_table import Material, listed, shown

Bits = npt.NDArray[np.uint8]


def missingness_findings(material: Material) -> Iterator[Finding]:
    """Yield which columns are NULL in the same rows, which wherever another is, and which columns tell so."""
    families: dict[bytes, list[int]] = {}
    packed: dict[bytes, Bits] = {}
    for j, column in enumerate(material.columns):
        if 0 < column.nulls < column.rows:
            mask = np.packbits(material.is_null(j))
            key = mask.tobytes()
            families.setdefault(key, []).append(j)
            packed[key] = mask
    for members in families.values():
        if len(members) > 1:
            yield from _together(material, members)
    yield from _implied(material, [(members, packed[key]) for key, members in families.items()])
    for members in families.values():
        yield from _indicators(material, members[0])


def _mask_entropy(material: Material, column: int) -> float:
    return _binary(material.columns[column].nulls / material.rows)


def _binary(share: float) -> float:
    return 0.0 if share in (0.0, 1.0) else -share * math.log2(share) - (1 - share) * math.log2(1 - share)


def _fact(
    material: Material, x: int, targets: list[int], statement: str, bits: float, saved: float, expression: str | None
) -> Iterator[Finding]:
    """Yield the finding if it is more than chance."""
    if saved < material.needed:
        return
    evidence = Evidence(material.rows, 0, True, bits, log2_chance=-saved)
    confidence = material.confidence(saved)
    names = material.names(targets)
    yield Finding("missingness", (material.name(x),), names, statement, evidence, confidence, expression)


def _together(material: Material, members: list[int]) -> Iterator[Finding]:
    entropy = _mask_entropy(material, members[0])
    nulls = material.columns[members[0]].nulls
    statement = f"{listed(material.names(members))} are NULL in the same {nulls:,} rows."
    saved = arrangement_bits(material.rows, 2, entropy)
    yield from _fact(material, members[0], members[1:], statement, (len(members) - 1) * entropy, saved, None)


def _implied(material: Material, families: list[tuple[list[int], Bits]]) -> Iterator[Finding]:
    """Yield for each family of columns the ones that are NULL wherever it is, only the nearest.

    Drawn at random, m rows lie all within k of n with probability C(k, m) / C(n, m).
    """
    families = sorted(families, key=lambda family: material.columns[family[0][0]].nulls)
    inside = {
        (a, b)
        for a, (_, first) in enumerate(families)
        for b, (_, second) in enumerate(families)
        if a != b and not (first & ~second).any()
    }
    for a, b in sorted(inside):
        if any((a, c) in inside and (c, b) in inside for c in range(len(families))):
            continue
        x, targets = families[a][0][0], families[b][0]
        few, many = material.columns[x].nulls, material.columns[targets[0]].nulls
        saved = log2_binomial(material.rows, few) - log2_binomial(many, few)
        left = material.rows - few
        entropy = _mask_entropy(material, targets[0])
        shared = entropy - left / material.rows * _binary((many - few) / left)
        verb = "is" if len(targets) == 1 else "are"
        statement = (
            f"{listed(material.names(targets))} {verb} NULL wherever {material.label(x)} is ({few:,} rows), "
            f"and in {many - few:,} more."
        )
        yield from _fact(material, x, targets, statement, shared, saved, None)


def _indicators(material: Material, x: int) -> Iterator[Finding]:
    """Yield columns with two values, one where x is NULL and the other elsewhere."""
    assert material.coded is not None
    missing = material.is_null(x)
    for y, column in enumerate(material.columns):
        if column.distinct != 2 or column.nulls or y == x or material.stand_ins[y] != y:
            continue
        codes = material.coded.codes[y]
        there, elsewhere = codes[missing], codes[~missing]
        if (there != there[0]).any() or (elsewhere != elsewhere[0]).any():
            continue
        entropy = _mask_entropy(material, x)
        values = [material.value(y, int(part[0])) for part in (there, elsewhere)]
        statement = (
            f"{material.label(y)} is {shown(values[0])} where {material.label(x)} is NULL, "
            f"and {shown(values[1])} elsewhere."
        )
        saved = arrangement_bits(material.rows, 2, entropy)
        expression = None
        if column.kind == "boolean":
            expression = f"{material.name(x)} is {'' if values[0] else 'not '}null"
        yield from _fact(material, x, [y], statement, entropy, saved, expression)
