"""Findings about one column that determines another: duplicate, computed, bijection, dependency, near."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from colprofile.counting.composites import Composite, measure
from colprofile.errors import shorten
from colprofile.measures.lookup import arrangement_bits, savings
from colprofile.results.audit import Evidence, Example, Finding, FindingKind
from colprofile.results.profile import Determination, PairProfile
from colprofile.verbs.equality import has_equal_values
from colprofile.verbs.examples import violating_examples, violating_query
from colprofile.verbs.expressions import single_expression
from colprofile.verbs.material import Material

EXPRESSION_BITS = 32.0
"""What naming an expression costs: which of some dozen forms, with which numbers."""


@dataclass(frozen=True)
class Single:
    """A column x that determines y, exactly or nearly; ``is_mutual`` where y determines x exactly as well."""

    x: int
    y: int
    pair: PairProfile
    way: Determination
    is_mutual: bool


def singles(material: Material) -> Iterator[Single]:
    """Yield every exact determination of one column by another, and those that are near by their figures."""
    for (a, b), pair in material.pairs.items():
        if pair.x_to_y is None or pair.y_to_x is None:
            continue
        forward, backward = (pair.x_to_y, pair.y_to_x)
        if pair.x != material.name(a):
            forward, backward = backward, forward
        is_mutual = forward.is_exact and backward.is_exact
        for x, y, way in ((a, b, forward), (b, a, backward)):
            if material.columns[y].distinct > 1 and (way.is_exact or way.g3 <= material.thresholds.share):
                yield Single(x, y, pair, way, is_mutual)


def saved_by(material: Material, single: Single) -> float:
    """Return the bits that a lookup of y by x saves, from the pair's figures alone."""
    pair, rows = single.pair, single.pair.rows
    entropy = _entropy_of(material, single)
    distinct = [min(material.columns[j].distinct, rows) for j in (single.x, single.y)]
    return savings(rows, distinct[0], distinct[1], entropy, single.way.violating_rows) if pair.rows else 0.0


def _entropy_of(material: Material, single: Single) -> float:
    """Return H(Y) over the pair's complete rows."""
    pair = single.pair
    return (pair.entropy_y if pair.y == material.name(single.y) else pair.entropy_x) or 0.0


def is_strong(material: Material, single: Single) -> bool:
    """Whether a determination is more than chance by its figures: μ+, RFI, support and the bits it saves."""
    limits, pair, way = material.thresholds, single.pair, single.way
    entropy = _entropy_of(material, single)
    if way.mu_plus is None or way.mu_plus < limits.mu_plus or way.g3 > limits.share or not entropy:
        return False
    beyond = (pair.mutual_information or 0.0) - (pair.expected_mutual_information or 0.0)
    alone = sum(number for count, number in material.columns[single.x].fingerprint if count == 1)
    repeated = 1 - alone / max(1, material.columns[single.x].rows - material.columns[single.x].nulls)
    if beyond / entropy < limits.rfi or repeated < limits.support:
        return False
    return saved_by(material, single) >= material.needed


def pair_findings(material: Material, table: str) -> Iterator[Finding]:
    """Yield what the pairs tell: one finding for each determination, a mutual one once."""
    for single in singles(material):
        if single.is_mutual and material.coded is not None:
            if single.x < single.y:
                yield from _mutual(material, single, table)
        elif material.coded is not None and single.way.is_exact and (found := _computed(material, single)):
            yield found
        elif is_strong(material, single) and (not single.is_mutual or single.x < single.y):
            yield _determination(material, single, table)


def _mutual(material: Material, single: Single, table: str) -> Iterator[Finding]:
    """Yield what two columns that determine each other are: equal, computed, or code and label."""
    x, y = single.x, single.y
    is_alike = bool((material.is_null(x) == material.is_null(y)).all())
    if is_alike and has_equal_values(material, x, y):
        if material.columns[x].kind in ("text", "categorical") and material.columns[y].kind in ("numeric", "temporal"):
            x, y = y, x
        cast = "" if material.columns[x].type == material.columns[y].type else ", after a cast"
        statement = f"{material.label(y)} repeats {material.label(x)} in every row{cast}."
        yield _fact(material, single, "duplicate", x, y, statement)
        return
    for one, other in ((x, y), (y, x)):
        found = _computed(material, Single(one, other, single.pair, single.way, True))
        if found is not None:
            yield found
            return
    if is_strong(material, single):
        yield _determination(material, single, table)


def _computed(material: Material, single: Single) -> Finding | None:
    """Return the finding that y is an expression of x, if it is one and not by chance."""
    x, y = single.x, single.y
    rows, entropy = single.pair.rows, _entropy_of(material, single)
    saved = arrangement_bits(rows, material.columns[y].distinct, entropy) - EXPRESSION_BITS
    if saved < material.needed:
        return None
    expression = single_expression(material, x, y)
    if expression is None:
        return None
    material.expressions[(material.name(x),), material.name(y)] = expression
    statement = f"{material.label(y)} = {shorten(expression.text, 200)}, in every row."
    found = _fact(material, single, "computed", x, y, statement)
    evidence = replace(found.evidence, bits=max(0.0, saved) / material.rows, log2_chance=-saved)
    return replace(found, expression=expression.text, evidence=evidence, confidence=material.confidence(saved))


def _fact(material: Material, single: Single, kind: FindingKind, x: int, y: int, statement: str) -> Finding:
    """Return a finding whose bits are all those of y: nothing but a name replaces it."""
    entropy = single.pair.entropy_y if single.pair.y == material.name(y) else single.pair.entropy_x
    saved = arrangement_bits(single.pair.rows, material.columns[y].distinct, entropy or 0.0)
    composite = _measured(material, x, y)
    evidence = material.evidence(composite) if composite is not None else _rough(material, single)
    evidence = replace(evidence, bits=(entropy or 0.0) * single.pair.rows / material.rows, log2_chance=-saved)
    return Finding(kind, (material.name(x),), (material.name(y),), statement, evidence, material.confidence(saved))


def _determination(material: Material, single: Single, table: str) -> Finding:
    x, y = material.name(single.x), material.name(single.y)
    left, right = material.label(single.x), material.label(single.y)
    composite = _measured(material, single.x, single.y)
    evidence = material.evidence(composite) if composite is not None else _rough(material, single)
    confidence = material.confidence(-(evidence.log2_chance or 0.0))
    if single.is_mutual:
        statement = f"{left} and {right} determine each other, as a code and its label do."
        return Finding("bijection", (x,), (y,), statement, evidence, confidence)
    if evidence.is_exact:
        return Finding("dependency", (x,), (y,), f"{left} determines {right} in every row.", evidence, confidence)
    verb = "breaks" if evidence.violating_rows == 1 else "break"
    statement = (
        f"{left} determines {right} but for {evidence.violating_rows:,} of {evidence.rows:,} rows that {verb} it."
    )
    examples: tuple[Example, ...] = ()
    if material.relation is not None:
        examples = violating_examples(material, material.relation.groups([single.x]), single.y)
    query = violating_query(table, [x], y)
    return Finding("near", (x,), (y,), statement, evidence, confidence, query=query, examples=examples)


def _measured(material: Material, x: int, y: int) -> Composite | None:
    if material.relation is None:
        return None
    return measure(material.relation, (x,), [y])[0]


def _rough(material: Material, single: Single) -> Evidence:
    """Return the figures that a pair profile holds, where there are no codes."""
    pair, way, saved = single.pair, single.way, saved_by(material, single)
    shared, expected, entropy = pair.mutual_information, pair.expected_mutual_information, _entropy_of(material, single)
    is_known = shared is not None and expected is not None and entropy > 0
    return Evidence(
        rows=pair.rows,
        violating_rows=way.violating_rows,
        is_exact=way.is_exact,
        bits=max(0.0, saved) / material.rows,
        mutual_information=shared,
        expected_mutual_information=expected,
        uncertainty_coefficient=way.uncertainty_coefficient,
        rfi=(shared - expected) / entropy if is_known and shared is not None and expected is not None else None,
        mu_plus=way.mu_plus,
        g3=way.g3,
        log2_chance=min(0.0, 0.0 - saved),
    )


def loses_nothing(material: Material, columns: tuple[int, ...], target: int) -> bool:
    """Whether a lookup by these columns gives the target back in every row, NULL included.

    Where one of the columns is NULL the target must be NULL; among rows alike in them it must be NULL in all or none.
    """
    assert material.relation is not None and material.coded is not None
    missing = material.is_null(target)
    if not missing.any():
        return not any(bool(material.is_null(j).any()) for j in columns)
    absent = np.zeros(material.rows, np.bool_)
    for j in columns:
        absent |= material.is_null(j)
    if not missing[absent].all():
        return False
    groups = material.relation.groups(columns)
    return groups.violation(np.where(missing, np.uint8(1), np.uint8(2))) is None
