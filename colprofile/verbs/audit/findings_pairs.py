"""Findings about one column that determines another: duplicate, computed, bijection, dependency, near.

Columns that are alike are told once, by the one that stands for them; what follows from other findings is not told at
all, but kept for the script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from colprofile.errors import shorten
from colprofile.results.audit import Finding
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, Material
from colprofile.verbs.audit.computed.numbers import single_expression
from colprofile.verbs.audit.equal_values import has_equal_values
from colprofile.verbs.audit.equivalent_columns import members_of
from colprofile.verbs.audit.single_dependencies import Single, all_of, determination, fact, is_strong, singles

SLIPS = 0.01
"""A code with more than one label in at most this share of the rows, and not the other way round: labels with slips."""


@dataclass
class PairFindings:
    """What pairs tell, and what follows from it by way of a third column."""

    told: list[Finding] = field(default_factory=list)
    implied: list[Finding] = field(default_factory=list)


def pair_findings(material: Material, table: str) -> PairFindings:
    """Return what the pairs tell: one finding for each determination, a mutual one once."""
    found = PairFindings()
    known = {(single.x, single.y): single for single in singles(material)}
    for head, members in members_of(material.stand_ins).items():
        found.told += _alike(material, head, members, known, table)
    exact = dict(_exact(material, known.values(), table))
    for (x, y), finding in exact.items():
        (found.implied if _follows(material, x, y, exact) else found.told).append(finding)
    for single in known.values():
        if not single.way.is_exact and _is_between_heads(material, single) and is_strong(material, single):
            near, back = determination(material, single, table), exact.get((single.y, single.x))
            if back is not None and back.kind == "dependency" and single.way.g3 <= SLIPS:
                near = replace(near, statement=_with_slips(material, single))
                found.told, found.implied = _without(back, found.told), _without(back, found.implied)
            found.told.append(near)
    return found


def _with_slips(material: Material, single: Single) -> str:
    """Return the sentence on a code and its label where some labels are written in another way."""
    x, y, way = material.label(single.x), material.label(single.y), single.way
    return (
        f"{y} determines {x} {material.where(single.pair.rows)}, and {x} determines {y} but for "
        f"{way.violating_rows:,} of {single.pair.rows:,} rows: a code and its label but for these."
    )


def _without(one: Finding, found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding is not one]


def _is_between_heads(material: Material, single: Single) -> bool:
    heads = material.stand_ins
    return heads[single.x] == single.x and heads[single.y] == single.y


def _alike(
    material: Material, head: int, members: list[int], known: dict[tuple[int, int], Single], table: str
) -> Iterator[Finding]:
    """Yield for each column that another stands for what it repeats: the stand-in, or one told of before."""
    earlier = [head]
    for member in members:
        found = None
        if material.coded is not None:
            tries = (_repeats(material, known[x, member]) for x in earlier if (x, member) in known)
            found = next((finding for finding in tries if finding is not None), None)
        single = known.get((head, member))
        if found is None and single is not None and is_strong(material, single):
            found = determination(material, single, table)
        if found is not None:
            yield found
        earlier.append(member)


def _repeats(material: Material, single: Single) -> Finding | None:
    """Return the finding that y holds the values of x, or that one of them is an expression of the other."""
    x, y = single.x, single.y
    is_filled_alike = bool((material.is_null(x) == material.is_null(y)).all())
    if is_filled_alike and has_equal_values(material, x, y):
        cast = "" if material.columns[x].type == material.columns[y].type else ", after a cast"
        where = "in every row" if single.pair.rows == material.rows else "in every row, NULL included"
        statement = f"{material.label(y)} repeats {material.label(x)} {where}{cast}."
        return fact(material, single, "duplicate", x, y, statement)
    back = replace(single, x=y, y=x)
    return _computed(material, single) or _computed(material, back)


def _exact(material: Material, known: Iterable[Single], table: str) -> Iterator[tuple[tuple[int, int], Finding]]:
    """Yield the exact determinations of columns that stand for themselves by (stand-in of the left side, right side).

    An expression may be one of any column that is alike, such as of a timestamp for which a number stands.
    """
    heads = material.stand_ins
    found: dict[tuple[int, int], Finding] = {}
    for single in sorted(known, key=lambda single: heads[single.x] != single.x):
        x, y = heads[single.x], single.y
        if not single.way.is_exact or heads[y] != y or x == y:
            continue
        if (x, y) in found and found[x, y].kind == "computed":
            continue
        if single.is_mutual and (y, x) in found:
            continue  # NULL in different rows, or it would be alike: told once, as far as it goes
        expression = _computed(material, single) if material.coded is not None else None
        if expression is not None:
            found[x, y] = expression
        elif single.x == x and (x, y) not in found and is_strong(material, single):
            found[x, y] = determination(material, single, table)
    yield from found.items()


def _follows(material: Material, x: int, y: int, exact: dict[tuple[int, int], Finding]) -> bool:
    """Whether x → z → y is told for some z, in all rows, and by expressions where x → y is one."""
    kind = exact[x, y].kind
    for (left, z), first in exact.items():
        second = exact.get((z, y))
        if left != x or z == y or second is None or (z, x) in exact or (y, z) in exact:
            continue
        is_as_good = kind != "computed" or (first.kind == "computed" and second.kind == "computed")
        if is_as_good and material.columns[z].nulls <= material.columns[x].nulls and _is_filled(material, z, x):
            return True
    return False


def _is_filled(material: Material, z: int, x: int) -> bool:
    """Whether z has a value wherever x has one."""
    if not material.columns[z].nulls or material.coded is None:
        return not material.columns[z].nulls
    return not bool((material.is_null(z) & ~material.is_null(x)).any())


def _computed(material: Material, single: Single) -> Finding | None:
    """Return the finding that y is an expression of x, if it is one and not by chance."""
    x, y = single.x, single.y
    saved = all_of(material, single) - EXPRESSION_BITS
    if saved < material.needed:
        return None
    expression = single_expression(material, x, y)
    if expression is None:
        return None
    material.expressions[(material.name(x),), material.name(y)] = expression
    is_alike = material.stand_ins[x] == material.stand_ins[y]  # then both are NULL in the same rows
    where = "in every row" if is_alike else material.where(single.pair.rows)
    statement = f"{material.label(y)} = {shorten(expression.text, 200)}, {where}."
    found = fact(material, single, "computed", x, y, statement)
    evidence = replace(found.evidence, bits=max(0.0, saved) / material.rows, log2_chance=-saved)
    return replace(found, expression=expression.text, evidence=evidence, confidence=material.confidence(saved))


def loses_nothing(material: Material, columns: tuple[int, ...], target: int) -> bool:
    """Whether a lookup by these columns gives the target back in every row, NULL included.

    Where one of the columns is NULL the target must be NULL; among rows alike in them it must be NULL in all or none.
    """
    assert material.relation is not None and material.coded is not None
    missing = material.is_null(target)
    if not missing.any():
        return not any(bool(material.is_null(j).any()) for j in columns)
    if not missing[_absent(material, columns)].all():
        return False
    groups = material.relation.groups(columns)
    return groups.violation(np.where(missing, np.uint8(1), np.uint8(2))) is None


def is_null_alike(material: Material, columns: tuple[int, ...], target: int) -> bool:
    """Whether the target is NULL exactly where one of the columns is: then an expression of them gives its NULL too."""
    return bool((material.is_null(target) == _absent(material, columns)).all())


def _absent(material: Material, columns: tuple[int, ...]) -> np.ndarray:
    found = np.zeros(material.rows, np.bool_)
    for j in columns:
        found |= material.is_null(j)
    return found
