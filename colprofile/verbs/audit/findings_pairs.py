"""Findings about one column that determines another: duplicate, computed, bijection, dependency, near.

Equivalent columns are reported once, by their representative. What follows from other findings is not reported, but
kept for the script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from colprofile.measures.thresholds import THRESHOLDS
from colprofile.results.audit import Finding
from colprofile.results.single_dependencies import SingleDependency
from colprofile.verbs.audit.audited_table import EXPRESSION_BITS, AuditedTable, Expression
from colprofile.verbs.audit.beyond_chance import BeyondChance
from colprofile.verbs.audit.computed.numbers import single_expression
from colprofile.verbs.audit.computed.piecewise import piecewise_expression
from colprofile.verbs.audit.equivalent_columns import represented
from colprofile.verbs.audit.matching_values import has_equal_values
from colprofile.verbs.audit.single_dependencies import (
    dependency_finding,
    evidence_of,
    numbered_dependencies,
    saving_little,
)

MOST_VARIANTS = 0.01
"""With at most this share of the rows violating it, and the other direction exact: a code whose label has variants."""

Direction = tuple[int, int]
Express = Callable[[AuditedTable, int, int], Expression | None]


def pair_findings(audited: AuditedTable) -> tuple[list[Finding], list[Finding]]:
    """Return one finding for each dependency of a pair, and apart from them those that follow from others."""
    known = {(x, y): single for x, y, single in numbered_dependencies(audited)}
    beyond = BeyondChance(audited)
    reported: list[Finding] = []
    for representative, members in represented(audited.representatives).items():
        reported += _equivalent_findings(audited, representative, members, known, beyond)
    exact = _exact_findings(audited, known, beyond)
    near: list[Finding] = []
    for (x, y), single in known.items():
        is_represented = audited.representatives[x] != x or audited.representatives[y] != y
        if single.determination.is_exact or is_represented or not single.is_finding(audited.needed_bits):
            continue
        finding, back = dependency_finding(audited, single), exact.get((y, x))
        if back is not None and back.kind == "dependency" and single.determination.g3 <= MOST_VARIANTS:
            finding = replace(finding, statement=_label_variants(audited, x, y, single))
        near.append(finding)
    by_left: dict[int, list[int]] = {}
    for x, y in exact:
        by_left.setdefault(x, []).append(y)
    follows = {(x, y) for x, y in exact if _follows(audited, x, y, exact, by_left[x])}
    reported += [found for direction, found in exact.items() if direction not in follows]
    return reported + near, [exact[direction] for direction in exact if direction in follows]


def _label_variants(audited: AuditedTable, x: int, y: int, single: SingleDependency) -> str:
    """Return the sentence on a code and its label where some labels are written differently."""
    code, label = audited.label(x), audited.label(y)
    exceptions = f"{single.determination.violating_rows:,} of {single.pair.rows:,} rows"
    return (
        f"{label} determines {code} {audited.in_which_rows(single.pair.rows)}, and {code} determines {label} except "
        f"for {exceptions}: a code and its label, with variants of some labels."
    )


def _equivalent_findings(
    audited: AuditedTable,
    representative: int,
    members: list[int],
    known: dict[Direction, SingleDependency],
    beyond: BeyondChance,
) -> Iterator[Finding]:
    """Yield for each represented column what it repeats: the representative, or one that was reported before."""
    earlier = [representative]
    for member in members:
        found = None
        if audited.has_codes:
            attempts = (_repetition(audited, known[x, member]) for x in earlier if (x, member) in known)
            found = next((finding for finding in attempts if finding is not None), None)
        single = known.get((representative, member))
        if found is None and single is not None and single.is_finding(audited.needed_bits):
            found = dependency_finding(audited, single)
        if found is None and audited.has_codes and single is not None:
            back = known[member, representative]
            found = _computed(audited, single, piecewise_expression) or _computed(audited, back, piecewise_expression)
            found = found or _beyond_chance(audited, beyond, single)
        if found is not None:
            yield found
        earlier.append(member)


def _repetition(audited: AuditedTable, single: SingleDependency) -> Finding | None:
    """Return the finding that y holds the values of x, or that one of them is an expression of the other."""
    x, y = audited.numbers[single.source], audited.numbers[single.target]
    if bool((audited.is_null(x) == audited.is_null(y)).all()) and has_equal_values(audited, x, y):
        cast = "" if single.source_column.type == single.target_column.type else ", after a cast"
        where = "in every row" if single.pair.rows == audited.rows else "in every row, NULL included"
        statement = f"{audited.label(y)} repeats {audited.label(x)} {where}{cast}."
        bits = single.target_entropy * single.pair.rows / audited.rows
        evidence = replace(evidence_of(audited, single), bits=bits, log2_chance=-single.target_bits)
        return audited.finding("duplicate", [x], [y], statement, evidence)
    back = replace(single, source_column=single.target_column, target_column=single.source_column)
    return _computed(audited, single) or _computed(audited, back)


def _exact_findings(
    audited: AuditedTable, known: dict[Direction, SingleDependency], beyond: BeyondChance
) -> dict[Direction, Finding]:
    """Return the exact dependencies of representatives by (representative of the left side, right side).

    An expression may be one of any equivalent column, such as of a timestamp that a number represents.
    """
    representatives = audited.representatives
    found: dict[Direction, Finding] = {}
    for (source, y), single in sorted(known.items(), key=lambda item: representatives[item[0][0]] != item[0][0]):
        x = representatives[source]
        if not single.determination.is_exact or representatives[y] != y or x == y:
            continue
        if (x, y) in found and found[x, y].kind == "computed":
            continue
        if single.is_mutual and (y, x) in found:
            continue  # NULL in different rows, or they would be equivalent: reported once, as far as it goes
        expression = _computed(audited, single)
        if expression is not None:
            found[x, y] = expression
        elif source == x and (x, y) not in found and single.is_finding(audited.needed_bits):
            found[x, y] = dependency_finding(audited, single)
        elif (x, y) not in found:
            weak = _computed(audited, single, piecewise_expression)
            if weak is None and source == x:
                weak = _beyond_chance(audited, beyond, single)
            if weak is not None:
                found[x, y] = weak
    return found


def _beyond_chance(audited: AuditedTable, beyond: BeyondChance, single: SingleDependency) -> Finding | None:
    """Return the finding on an exact dependency that saves nothing and yet is no chance; None where it may be one."""
    x, y = audited.numbers[single.source], audited.numbers[single.target]
    if not audited.has_codes or single.is_measured or single.target_column.distinct < 2:
        return None
    bits = beyond.bits(audited.relation.groups((x,)), y)
    if not beyond.is_enough(bits):
        return None
    finding = dependency_finding(audited, single)
    evidence = replace(finding.evidence, log2_chance=-bits)
    found = audited.finding(finding.kind, [x], [y], finding.statement, evidence)
    return saving_little(found)


def _follows(audited: AuditedTable, x: int, y: int, exact: dict[Direction, Finding], determined: Sequence[int]) -> bool:
    """Whether x → z → y is found for some z, in all rows, and by expressions where x → y is one.

    ``determined`` are all z that x determines.
    """
    kind = exact[x, y].kind
    for z in determined:
        first, second = exact[x, z], exact.get((z, y))
        if z == y or second is None or (z, x) in exact or (y, z) in exact:
            continue
        if kind == "computed" and not first.kind == second.kind == "computed":
            continue
        if not audited.columns[z].nulls:
            return True
        if audited.has_codes and not (audited.is_null(z) & ~audited.is_null(x)).any():
            return True  # z has a value wherever x has one
    return False


def _computed(audited: AuditedTable, single: SingleDependency, express: Express = single_expression) -> Finding | None:
    """Return the finding that y is an expression of x, if it is one and not by chance."""
    x, y = audited.numbers[single.source], audited.numbers[single.target]
    if single.target_bits - EXPRESSION_BITS < audited.needed_bits:
        return None
    expression = express(audited, x, y)
    if expression is None:
        return None
    saved = single.target_bits - expression.cost
    if saved < audited.needed_bits or (
        expression.cost > EXPRESSION_BITS and saved < THRESHOLDS.saved_share * single.target_bits
    ):
        return None
    evidence = replace(evidence_of(audited, single), bits=saved / audited.rows, log2_chance=-saved)
    return audited.computed_finding([x], y, expression, evidence)
