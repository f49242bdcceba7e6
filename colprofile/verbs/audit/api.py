"""audit: what is redundant in a table, what determines what, and the SQL that removes the redundancy."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from colprofile.errors import ArgumentError
from colprofile.measures.thresholds import THRESHOLDS
from colprofile.results.audit import Audit, AuditColumn, Dependence, Dependency, Finding, Search
from colprofile.results.profile import Profile
from colprofile.results.saved import saved_profile
from colprofile.verbs.audit.options import MAX_DETERMINANTS, MAX_ERROR
from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading

if TYPE_CHECKING:
    from colprofile.counting.dependencies.exact import Combination, Dependencies
    from colprofile.counting.dependencies.relation import MeasuredDependency
    from colprofile.results.ledger import Ledger
    from colprofile.verbs.audit.audited_table import AuditedTable
    from colprofile.verbs.audit.script import Plan
    from colprofile.verbs.profile.count_table import CountedTable

FROM_PROFILE = (
    "Made from a profile: determinants of several columns, composite keys, equal values, expressions and missingness "
    "need the rows. Audit the source for them."
)


def audit(
    source: Any,
    table: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    max_determinants: int = MAX_DETERMINANTS,
    max_error: float = MAX_ERROR,
    nulls: Literal["ignore", "value"] = "ignore",
    threads: int | None = None,
    memory_limit: int | str | None = None,
    statement_timeout: float | None = None,
    progress: bool | None = None,
    partial: bool = False,
    latent_classes: bool = False,
) -> Audit:
    """Return what is redundant in a table: findings with evidence and fixes, exact dependencies, the ledger of bits.

    Parameters
    ----------
    source
        What ``profile`` takes, read once; or a Profile with pairs, or the path of a saved one, of which only columns
        and pairs are judged.
    table, columns, threads, memory_limit, statement_timeout, progress
        As for ``profile``.
    max_determinants
        Most columns on the left side of a dependency or in a key: 1, 2 or 3.
    max_error
        Share of the rows that may contradict a near dependency with several columns on the left, from 0 to 0.05. There
        are so many combinations that beyond 0.01 most of them are of little use. For one column it is always 0.05.
    nulls
        "ignore": a dependency is over the rows where none of its columns is NULL. "value": NULL is a value.
    partial
        On Ctrl-C while dependencies of several columns are searched, return what was found so far.
        ``search.is_complete`` is then False.
    latent_classes
        Whether to fit latent classes too (seconds per million cells), for ``ledger.latent_class_bits``.

    Returns
    -------
    Audit
        Findings with most bits first. A dependency is a finding if it is strong: μ+ is at least 0.9, at most 5 % of the
        rows contradict it (``max_error`` for several columns on the left), at least half of the rows share their left
        side, and a lookup by it saves at least half of the target's bits. And it must be more than chance: in a table
        of independent columns any finding appears with a probability of at most 0.001. What follows from other findings
        is left out.

    Raises
    ------
    ArgumentError
        An argument is outside what is allowed; a Profile without pairs or of a sample, or together with arguments
        about reading.
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened or read.
    KeyboardInterrupt
        On Ctrl-C, without ``partial``.

    Examples
    --------
    >>> import pandas as pd, colprofile
    >>> frame = pd.DataFrame({"zip": [i % 50 for i in range(400)], "city": [f"c{i % 50 // 5}" for i in range(400)]})
    >>> found = colprofile.audit(frame).finding("zip", "city")
    >>> found.kind, found.statement
    ('dependency', 'zip determines city in every row.')
    """
    if max_determinants not in (1, 2, 3):
        raise ArgumentError(f"max_determinants={max_determinants!r} is not allowed: give 1, 2 or 3")
    if not 0 <= max_error <= 0.05:
        raise ArgumentError(f"max_error={max_error!r} is not allowed: give a share of the rows from 0 to 0.05")
    saved = saved_profile(source)
    if saved is not None:
        if table is not None or columns is not None or nulls != "ignore":
            raise ArgumentError("a Profile has been read already: leave out table=, columns= and nulls=")
        if latent_classes:
            raise ArgumentError("a Profile has no rows to put into latent classes: audit the source for them")
        return _of_profile(saved)
    began = time.perf_counter()
    counting = Counting(columns=columns, nulls=nulls)
    reading = Reading(threads, memory_limit, statement_timeout=statement_timeout, progress=progress)
    with counted_table(source, table, counting, reading) as counted:
        if not counted.columns:
            return _of_profile(counted.profile)
        saved_bits = counted.session.run(lambda: _saved_bits(counted)) if latent_classes else None
        stop = threading.Event()

        def finish() -> bool:
            """Stop searching and keep what was found, if that was asked for."""
            if partial:
                stop.set()
            return partial

        found = counted.session.run(lambda: _search(counted, max_determinants, max_error, stop), finish)
    audit = found if saved_bits is None else replace(found, ledger=_with_classes(found.ledger, saved_bits))
    return replace(audit, provenance=replace(audit.provenance, duration=time.perf_counter() - began))


def _saved_bits(counted: CountedTable) -> float:
    """Return the bits per row that latent classes show to be redundant, NULL being a value."""
    from colprofile.verbs.latent.fit import fit_classes
    from colprofile.verbs.latent.options import DEFAULTS

    return fit_classes(counted, replace(DEFAULTS, nulls="value")).table_redundancy if counted.coded.rows else 0.0


def _search(counted: CountedTable, most: int, max_error: float, stop: threading.Event) -> Audit:
    """Look for everything that needs the codes, until ``stop`` is set."""
    from colprofile.counting.dependencies.exact import Workers, minimal_dependencies
    from colprofile.counting.dependencies.near import near_dependencies
    from colprofile.counting.dependencies.savings import LookupSavings
    from colprofile.verbs.audit.audited_table import audited_table
    from colprofile.verbs.audit.findings_composites import strong_composites
    from colprofile.verbs.audit.single_dependencies import numbered_dependencies

    audited = audited_table(counted.profile, most, counted.coded)
    workers = Workers(counted.session.executor, stop, counted.session.report)
    exact = minimal_dependencies(audited.relation, most, workers)
    savings = LookupSavings(audited.relation, audited.needed_bits)
    singles = list(numbered_dependencies(audited))
    for x, y, single in singles:
        savings.record((x,), y, single.saved_bits)
    strong = [(x, y) for x, y, single in singles if single.is_finding(audited.needed_bits)]
    thresholds = replace(THRESHOLDS, violating_share=max_error)
    near = near_dependencies(audited.relation, exact, strong, savings, most, thresholds, workers)
    composites = strong_composites(audited, exact, near.unsupported, savings, workers)
    search = Search(
        max_determinants=most,
        exact_determinants=exact.searched,
        near_determinants=near.searched if most > 1 else 1,
        tests=audited.tests,
        is_complete=not stop.is_set(),
    )
    return _audit(counted.profile, audited, exact, [*composites, *near.found], search)


def _audit(
    profile: Profile,
    audited: AuditedTable,
    exact: Dependencies | None,
    composites: list[MeasuredDependency],
    search: Search,
) -> Audit:
    """Return the audit with all findings, their fixes and the scripts; ``exact`` is None where there are no codes."""
    from colprofile.verbs.audit.findings_columns import can_be_key
    from colprofile.verbs.audit.script import script
    from colprofile.verbs.audit.sql_types import DIALECTS
    from colprofile.verbs.profile.structure import clusters, ledger, row_bits, spanning_tree

    groups = clusters(audited.columns, audited.pairs)
    found, plan = _findings(audited, exact, composites, groups)
    if exact is None:
        keys: list[Combination] = [(j,) for j, column in enumerate(audited.columns) if column.is_key]
    else:
        keys = [key for key in exact.unique if can_be_key(audited, key)]
    pairs = sorted(audited.pairs.values(), key=lambda pair: -(pair.dependence or 0.0))
    edges = spanning_tree(audited.pairs.values(), audited.rows)
    return Audit(
        rows=profile.rows,
        columns=tuple(AuditColumn(c.name, c.type, row_bits(c), c.nulls, c.distinct) for c in profile.columns),
        findings=tuple(sorted(found, key=lambda finding: -finding.evidence.bits)),
        dependencies=_dependencies(audited, exact, found) if exact is not None else (),
        keys=tuple(audited.names(key) for key in keys),
        ledger=ledger(audited.rows, audited.columns, edges),
        edges=edges,
        clusters=tuple(audited.names(members) for members in groups),
        dependences=tuple(Dependence(pair.x, pair.y, pair.dependence) for pair in pairs if pair.dependence),
        search=search,
        scripts={}
        if exact is None
        else {each: script(audited.columns, plan, audited.table_name, each) for each in DIALECTS},
        skipped=profile.skipped,
        provenance=profile.provenance,
        notes=tuple(_notes(profile, search, is_of_profile=exact is None)),
    )


def _findings(
    audited: AuditedTable,
    exact: Dependencies | None,
    composites: list[MeasuredDependency],
    groups: Sequence[tuple[int, ...]],
) -> tuple[list[Finding], Plan]:
    """Return the findings with their fixes, and the changes that can be made together."""
    from colprofile.verbs.audit.changes import Change, change_for
    from colprofile.verbs.audit.findings_columns import column_findings, key_findings
    from colprofile.verbs.audit.findings_composites import composite_findings
    from colprofile.verbs.audit.findings_groups import group_findings
    from colprofile.verbs.audit.findings_missing import missingness_findings
    from colprofile.verbs.audit.findings_pairs import pair_findings
    from colprofile.verbs.audit.fixes import with_fix
    from colprofile.verbs.audit.implied_findings import without_implied
    from colprofile.verbs.audit.script import make_plan

    reported, implied = pair_findings(audited)
    repeated = {finding.targets for finding in reported if finding.kind in ("duplicate", "computed")}
    found = [*(each for each in column_findings(audited) if each.columns not in repeated), *reported]
    if exact is not None:
        kinds = ("duplicate", "computed", "bijection", "dependency")
        known = [audited.numbers[each.targets[0]] for each in (*found, *implied) if each.kind in kinds]
        found += key_findings(audited, exact)
        found += composite_findings(audited, exact, composites, frozenset(known))
    found = without_implied(found)
    if audited.has_codes:
        found += missingness_findings(audited)
    found += group_findings(audited, groups, [*found, *implied])
    changes = [change_for(audited, finding) for finding in [*found, *implied]]
    plan = make_plan(
        [change for change in changes if isinstance(change, Change)],
        [finding for finding in found if finding.kind == "key"],
    )
    return [with_fix(audited, *pair) for pair in zip(found, changes, strict=False)], plan


def _dependencies(audited: AuditedTable, exact: Dependencies, found: Sequence[Finding]) -> tuple[Dependency, ...]:
    reported = {(frozenset(finding.columns), target) for finding in found for target in finding.targets}
    result = []
    for columns, targets in sorted(exact.determined.items(), key=lambda item: (len(item[0]), item[0])):
        names = audited.names(columns)
        is_by_key = bool(columns) and exact.has_unique_part(columns)
        result += [
            Dependency(names, target, is_by_key, (frozenset(names), target) in reported)
            for target in audited.names(sorted(targets))
        ]
    return tuple(result)


def _of_profile(profile: Profile) -> Audit:
    """Return the audit of columns and pairs alone."""
    from colprofile.verbs.audit.audited_table import audited_table

    if not profile.provenance.is_exact:
        raise ArgumentError("this profile is of a sample: other rows may contradict any rule; audit the source")
    if not profile.has_pairs:
        raise ArgumentError("this profile has no pairs: make it with pairs=True, or give the source")
    audited = audited_table(profile, 1)
    return _audit(profile, audited, None, [], Search(1, 0, 1, audited.tests, True))


def _with_classes(ledger: Ledger, saved_bits: float) -> Ledger:
    """Return the ledger with what latent classes leave of a row's bits."""
    undefined = {name: reason for name, reason in ledger.undefined.items() if name != "latent_class_bits"}
    return replace(ledger, latent_class_bits=max(0.0, ledger.bits_apart - saved_bits), undefined=undefined)


def _notes(profile: Profile, search: Search, *, is_of_profile: bool) -> Iterator[str]:
    """Yield what the reader should know of the search and of NULL."""
    level = min(search.exact_determinants, search.near_determinants)
    if is_of_profile:
        yield FROM_PROFILE
    elif not search.is_complete:
        yield "Interrupted: only what was found until then is listed."
    elif search.max_determinants > 1 and level < search.max_determinants < len(profile.columns):
        yield f"Determinants were searched up to {level} columns: there are too many combinations of more."
    if profile.provenance.nulls == "value":
        yield "NULL is counted as a value of its own."
    elif any(column.nulls for column in profile.columns):
        yield "A dependency is judged on the rows where none of its columns is NULL."
