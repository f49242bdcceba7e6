"""The audit of a table from its codes, or from its profile alone: searches, findings, fixes, script."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from colprofile.counting.dependencies.exact import Dependencies
from colprofile.counting.dependencies.workers import Workers
from colprofile.errors import ArgumentError
from colprofile.results.audit import Audit, AuditColumn, Dependence, Dependency, Finding
from colprofile.results.column import row_bits
from colprofile.results.profile import Profile
from colprofile.results.reading_words import rules_hold_in
from colprofile.results.search import Search, what_was_left_out
from colprofile.sources.standing import standing_of
from colprofile.verbs.audit.audited_table import AuditedTable, audited_table
from colprofile.verbs.audit.changes import Change, change_for
from colprofile.verbs.audit.choices import with_choices
from colprofile.verbs.audit.determinants import MOST_STEPS, Determinants, search_determinants, with_pairs
from colprofile.verbs.audit.findings_columns import column_findings, key_findings, keys_with_null, plausible_keys
from colprofile.verbs.audit.findings_composites import composite_findings
from colprofile.verbs.audit.findings_groups import group_findings, together_findings
from colprofile.verbs.audit.findings_missing import missingness_findings
from colprofile.verbs.audit.findings_pairs import pair_findings
from colprofile.verbs.audit.findings_quality import quality_findings
from colprofile.verbs.audit.implied_findings import without_implied
from colprofile.verbs.audit.script import Plan, make_plan, script
from colprofile.verbs.profile.count_table import CountedTable
from colprofile.verbs.profile.quality.column import Fault
from colprofile.verbs.profile.structure import clusters, ledger, spanning_tree
from colprofile.verbs.sql_types import DIALECTS

FROM_PROFILE = (
    "Made from a profile: determinants of several columns, composite keys, equal values, expressions and missingness "
    "need the rows. Audit the source for them."
)


def audit_of_table(counted: CountedTable, most: int, max_error: float, stop: threading.Event, deadline: float) -> Audit:
    """Return the audit of a counted table; once ``stop`` is set or ``deadline`` has come, of what was found until then.

    The deadline is on the clock of ``time.monotonic``. Without one, which is infinity, counted work ends the search.
    """
    session = counted.session
    scratch = session.scratch_for(counted.coded.rows)
    audited = audited_table(counted.profile, most, counted.coded, standing_of(session.source), scratch)
    steps = MOST_STEPS if math.isinf(deadline) else math.inf
    memory = session.memory_limit / 2  # the other half holds codes
    workers = Workers(session.executor, stop, session.report, deadline, steps, memory)
    found = search_determinants(audited, most, max_error, workers)
    found = with_pairs(found, counted, is_timed=not math.isinf(deadline))
    return _audit(counted.profile, audited, found, counted.faults)


def audit_of_profile(profile: Profile) -> Audit:
    """Return the audit of columns and pairs alone."""
    if profile.provenance.is_sampled:
        raise ArgumentError("this profile is of a sample: other rows may contradict any rule; audit the source")
    if not profile.has_pairs:
        raise ArgumentError("this profile was made without pairs: give the source, or a profile with pairs")
    audited = audited_table(profile, 1)
    keys = Dependencies(unique=[(j,) for j, column in enumerate(profile.columns) if column.is_key])
    return _audit(profile, audited, Determinants(keys, Search(1, 0, 1, audited.tests, True)))


def _audit(
    profile: Profile,
    audited: AuditedTable,
    determinants: Determinants,
    faults: Mapping[str, Sequence[Fault]] = MappingProxyType({}),
) -> Audit:
    """Return the audit with all findings, their fixes and the scripts."""
    exact, search = determinants.exact, determinants.search
    groups = clusters(audited.columns, audited.pairs)
    found, plans = _findings(audited, determinants, groups)
    found += quality_findings(audited, profile, faults, found)
    pairs = sorted(audited.pairs.values(), key=lambda pair: -(pair.dependence or 0.0))
    edges = spanning_tree(audited.pairs.values(), audited.rows)
    return Audit(
        rows=profile.rows,
        columns=tuple(AuditColumn(c.name, c.type, row_bits(c), c.nulls, c.distinct) for c in profile.columns),
        findings=tuple(sorted(found, key=lambda finding: -finding.evidence.bits)),
        dependencies=_dependencies(audited, exact, found),
        keys=tuple(map(audited.names, plausible_keys(audited, exact))),
        ledger=ledger(audited.rows, audited.columns, edges),
        edges=edges,
        clusters=tuple(audited.names(members) for members in groups),
        dependences=tuple(Dependence(pair.x, pair.y, pair.dependence) for pair in pairs if pair.dependence),
        search=search,
        scripts={each: script(audited, plans[each], found, each) for each in DIALECTS if audited.has_codes},
        skipped=profile.skipped,
        provenance=profile.provenance,
        notes=tuple(_notes(profile, search, is_of_profile=not audited.has_codes)),
    )


def _findings(
    audited: AuditedTable,
    determinants: Determinants,
    groups: Sequence[tuple[int, ...]],
) -> tuple[list[Finding], dict[str, Plan]]:
    """Return the findings with their fixes, and by dialect the changes that can be made together."""
    reported, implied = pair_findings(audited)
    repetitions = [finding for finding in reported if finding.kind in ("duplicate", "computed")]
    repeated = {finding.targets for finding in repetitions}
    found = [*(each for each in column_findings(audited) if each.columns not in repeated), *reported]
    kinds = ("duplicate", "computed", "bijection", "dependency")
    known = [audited.numbers[each.targets[0]] for each in (*found, *implied) if each.kind in kinds]
    found += key_findings(audited, determinants.exact, {finding.targets[0] for finding in repetitions})
    keys = [finding for finding in found if finding.kind == "key"]
    found += keys_with_null(audited, determinants.exact)
    found += composite_findings(audited, determinants, frozenset(known))
    found = without_implied(found)
    if audited.has_codes:
        found += missingness_findings(audited)
    found += together_findings(audited, [*found, *implied])
    found += group_findings(audited, groups, [*found, *implied])
    changes = [change_for(audited, finding) for finding in [*found, *implied]]
    plans = {
        dialect: make_plan(audited, [change for change in changes if isinstance(change, Change)], keys, dialect)
        for dialect in DIALECTS
    }
    return with_choices(audited, list(zip(found, changes, strict=False)), plans[DIALECTS[0]]), plans


def _dependencies(audited: AuditedTable, exact: Dependencies, found: Sequence[Finding]) -> tuple[Dependency, ...]:
    reported = {
        (frozenset(columns), target)
        for finding in found
        for columns, targets in finding.directions
        for target in targets
    }
    result = []
    for columns, targets in sorted(exact.determined.items(), key=lambda item: (len(item[0]), item[0])):
        names = audited.names(columns)
        is_by_key = bool(columns) and exact.has_unique_part(columns)
        result += [
            Dependency(names, target, is_by_key, (frozenset(names), target) in reported)
            for target in audited.names(sorted(targets))
        ]
    return tuple(result)


def _notes(profile: Profile, search: Search, *, is_of_profile: bool) -> Iterator[str]:
    """Yield what the reader should know of the search and of NULL."""
    yield from filter(None, [rules_hold_in(profile.provenance)])
    left_out = what_was_left_out(search)
    if is_of_profile:
        yield FROM_PROFILE
    elif left_out:
        yield left_out
    if profile.provenance.nulls == "value":
        yield "NULL is counted as a value of its own."
    elif any(column.nulls for column in profile.columns):
        yield "A dependency is judged on the rows where none of its columns is NULL."
