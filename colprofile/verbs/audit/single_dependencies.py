"""One column that determines another: which there are, by the figures of the pairs, and which are more than chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from colprofile.counting.dependencies.relation import Composite, measure
from colprofile.counting.dependencies.savings import is_enough
from colprofile.measures.lookup import arrangement_bits, savings
from colprofile.results.audit import Evidence, Example, Finding, FindingKind
from colprofile.results.profile import Determination, PairProfile
from colprofile.verbs.audit.audited_table import Material
from colprofile.verbs.audit.violations import violating_examples, violating_query


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


def entropy_of(material: Material, single: Single) -> float:
    """Return H(Y) over the pair's complete rows."""
    pair = single.pair
    return (pair.entropy_y if pair.y == material.name(single.y) else pair.entropy_x) or 0.0


def all_of(material: Material, single: Single) -> float:
    """Return the bits of y over the pair's complete rows, at least: what a lookup that costs nothing would save."""
    rows = single.pair.rows
    return arrangement_bits(rows, min(material.columns[single.y].distinct, rows), entropy_of(material, single))


def saved_by(material: Material, single: Single) -> float:
    """Return the bits that a lookup of y by x saves, from the pair's figures alone."""
    pair, rows = single.pair, single.pair.rows
    distinct = [min(material.columns[j].distinct, rows) for j in (single.x, single.y)]
    entropy = entropy_of(material, single)
    return savings(rows, distinct[0], distinct[1], entropy, single.way.violating_rows) if pair.rows else 0.0


def is_strong(material: Material, single: Single) -> bool:
    """Whether a determination is more than chance by its figures: μ+, support and the bits it saves."""
    limits, way = material.thresholds, single.way
    if way.mu_plus is None or way.mu_plus < limits.mu_plus or way.g3 > limits.share or not entropy_of(material, single):
        return False
    column = material.columns[single.x]
    alone = sum(number for count, number in column.fingerprint if count == 1)
    if 1 - alone / max(1, column.rows - column.nulls) < limits.support:
        return False
    return is_enough(saved_by(material, single), material.needed, all_of(material, single))


def fact(material: Material, single: Single, kind: FindingKind, x: int, y: int, statement: str) -> Finding:
    """Return a finding whose bits are all those of y: nothing but a name replaces it."""
    entropy = single.pair.entropy_y if single.pair.y == material.name(y) else single.pair.entropy_x
    saved = arrangement_bits(single.pair.rows, material.columns[y].distinct, entropy or 0.0)
    composite = _measured(material, x, y)
    evidence = material.evidence(composite) if composite is not None else _rough(material, single)
    evidence = replace(evidence, bits=(entropy or 0.0) * single.pair.rows / material.rows, log2_chance=-saved)
    return Finding(kind, (material.name(x),), (material.name(y),), statement, evidence, material.confidence(saved))


def determination(material: Material, single: Single, table: str) -> Finding:
    """Return the finding that x determines y: each the other, exactly, or nearly with examples and a query."""
    x, y = material.name(single.x), material.name(single.y)
    left, right = material.label(single.x), material.label(single.y)
    composite = _measured(material, single.x, single.y)
    evidence = material.evidence(composite) if composite is not None else _rough(material, single)
    confidence = material.confidence(-(evidence.log2_chance or 0.0))
    if single.is_mutual:
        is_alike = material.stand_ins[single.x] == material.stand_ins[single.y]
        where = "" if is_alike else f" {material.where(evidence.rows)}"
        statement = f"{left} and {right} determine each other{where}, as a code and its label do."
        return Finding("bijection", (x,), (y,), statement, evidence, confidence)
    if evidence.is_exact:
        statement = f"{left} determines {right} {material.where(evidence.rows)}."
        return Finding("dependency", (x,), (y,), statement, evidence, confidence)
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
    shared, expected, entropy = pair.mutual_information, pair.expected_mutual_information, entropy_of(material, single)
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
