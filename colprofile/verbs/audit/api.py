"""audit: what repeats in a table, what determines what, and the SQL that mends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colprofile.errors import ArgumentError
from colprofile.results.audit import Audit, AuditColumn, Dependency, Finding, Search
from colprofile.results.profile import Profile
from colprofile.results.serialize import saved_profile
from colprofile.verbs.profile.api import counted_profile

if TYPE_CHECKING:
    from colprofile.counting.dependencies.exact import Dependencies
    from colprofile.results.ledger import Ledger
    from colprofile.verbs.audit.audited_table import Material
    from colprofile.verbs.profile.count_table import CountedTable

MOST_DETERMINANTS = 3

FROM_PROFILE = (
    "Made from a profile: determinants of several columns, composite keys, equal values, expressions and missingness "
    "need the rows. Audit the source for them."
)


def audit(
    source: Any,
    table: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    max_determinants: int = MOST_DETERMINANTS,
    max_error: float = 0.01,
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
        Columns on the left side of a dependency or in a key: 1, 2 or 3.
    max_error
        Share of the rows that may break a near dependency with several columns on the left, from 0 to 0.05. There are
        so many combinations that beyond 0.01 most of what holds is of little use. For one column it is always 0.05.
    nulls
        "ignore": a dependency is over the rows where none of its columns is NULL. "value": NULL is a value.
    partial
        On Ctrl-C while dependencies of several columns are searched, return what was found so far;
        ``search.is_complete`` is then False.
    latent_classes
        Whether to fit latent classes too (seconds a million cells), for ``ledger.latent_class_bits``.

    Returns
    -------
    Audit
        Findings with most bits first. A dependency is a finding only where it is strong (μ+ at least 0.9, at most 5 %
        of the rows against it or ``max_error`` for several columns on the left, at least half of the rows share their
        left side, a lookup by it saves at least half of the target's bits) and where independent columns would show it
        with a probability of at most 0.001 over all that was looked at. What follows from other findings is left out.

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
    profile = saved_profile(source)
    if profile is not None:
        if table is not None or columns is not None or nulls != "ignore":
            raise ArgumentError("a profile has been read already: leave out table, columns and nulls")
        if latent_classes:
            raise ArgumentError("a profile has no rows to put into latent classes: audit the source for them")
        return _of_profile(profile)
    began = time.perf_counter()
    inspection = _Inspection(max_determinants, max_error, partial, latent_classes)
    profile = counted_profile(
        source,
        table,
        columns=columns,
        pairs=True,
        nulls=nulls,
        threads=threads,
        memory_limit=memory_limit,
        statement_timeout=statement_timeout,
        progress=progress,
        like=None,
        inspect=inspection.run,
        is_finishing=inspection.finish,
    )
    found = inspection.result
    if found is None:  # no column could be counted
        return _of_profile(profile)
    provenance = replace(profile.provenance, duration=time.perf_counter() - began)
    return _put_together(replace(profile, provenance=provenance), found, inspection.saved_bits)


@dataclass
class _Found:
    """What an inspection gives: the material without its codes, findings, dependencies, scripts and how far it came."""

    material: Material
    findings: list[Finding]
    dependencies: tuple[Dependency, ...]
    keys: tuple[tuple[str, ...], ...]
    scripts: dict[str, str]
    search: Search
    clusters: tuple[tuple[int, ...], ...]
    notes: list[str] = field(default_factory=list)


class _Inspection:
    """The part of an audit that needs the codes."""

    def __init__(self, most: int, max_error: float, is_partial: bool, has_classes: bool) -> None:
        self.most = most
        self.max_error = max_error
        self.is_partial = is_partial
        self.has_classes = has_classes
        self.saved_bits: float | None = None
        self.result: _Found | None = None
        self._stop = threading.Event()
        self._has_begun = False

    def finish(self) -> bool:
        """Stop searching and keep what was found, if that was asked for and there is something to keep."""
        if not (self.is_partial and self._has_begun):
            return False
        self._stop.set()
        return True

    def run(self, counted: CountedTable) -> None:
        """Look for everything while the codes are there."""
        from colprofile.counting.dependencies.exact import minimal_dependencies
        from colprofile.counting.dependencies.near import Thresholds, near_dependencies
        from colprofile.counting.dependencies.savings import Worth
        from colprofile.verbs.audit.findings_composites import strong_composites
        from colprofile.verbs.audit.single_dependencies import is_strong, saved_by, singles

        if self.has_classes:
            from colprofile.verbs.latent.fit import saved_bits

            self.saved_bits = saved_bits(counted)
        self._has_begun = True
        material = material_of(counted, self.most)
        assert material.relation is not None
        shared = {"executor": counted.executor, "stop": self._stop, "progress": counted.report}
        exact = minimal_dependencies(material.relation, self.most, **shared)  # type: ignore[arg-type]
        worth = Worth(material.relation, material.needed)
        alone = list(singles(material))
        for single in alone:
            worth.note((single.x,), single.y, saved_by(material, single))
        strong = [(single.x, single.y) for single in alone if is_strong(material, single)]
        near = near_dependencies(
            material.relation,
            exact,
            strong,
            worth,
            self.most,
            Thresholds(share=self.max_error),
            **shared,  # type: ignore[arg-type]
        )
        composites = strong_composites(material, exact, near.barren, worth, **shared)  # type: ignore[arg-type]
        search = Search(
            max_determinants=self.most,
            exact_determinants=exact.searched,
            near_determinants=near.searched if self.most > 1 else 1,
            tests=material.tests,
            is_complete=not self._stop.is_set(),
        )
        name = _table_name(counted.source.description, counted.source.table)
        self.result = _findings(material, exact, [*composites, *near.found], search, name)


def material_of(counted: CountedTable, most: int) -> Material:
    """Return the counted table by column numbers, NULL made a value where that was asked for."""
    import numpy as np

    from colprofile.counting.dependencies.relation import Relation
    from colprofile.verbs.audit.audited_table import Material
    from colprofile.verbs.profile.pair_columns import nulls_as_value
    from colprofile.verbs.profile.structure import numbered

    codes, counts = [], []
    for column_codes, marginal in zip(counted.coded.codes, counted.coded.marginals, strict=True):
        if counted.nulls == "value" and marginal.nulls:
            codes.append(nulls_as_value(column_codes, marginal.counts.size + 1))
            counts.append(np.concatenate([[0], marginal.counts, [marginal.nulls]]))
        else:
            codes.append(column_codes)
            counts.append(np.concatenate([[marginal.nulls], marginal.counts]))
    pairs = numbered([profile.name for profile in counted.profiles], counted.pairs)
    rows = counted.coded.rows
    return Material(rows, counted.profiles, pairs, counted.coded, Relation(codes, counts), most)


def _table_name(description: str, table: str | None) -> str:
    """Return what the script calls the table: its own name, or that of the file.

    >>> _table_name("data/flights.parquet", None), _table_name("the DuckDB connection", "select 1 as x")
    ('flights', 'data')
    """
    if table is not None:
        return table if " " not in table or not table.lower().startswith(("select", "with", "from")) else "data"
    stem = Path(description).name.split(".")[0]
    return stem if "." in description and stem and len(stem) < 50 else "data"


def _findings(
    material: Material, exact: Dependencies | None, composites: list[Any], search: Search, name: str
) -> _Found:
    """Return all findings with their fixes, and the scripts."""
    from colprofile.sources.identifiers import quote_identifier
    from colprofile.verbs.audit.findings_columns import column_findings, is_key, key_findings
    from colprofile.verbs.audit.findings_composites import composite_findings
    from colprofile.verbs.audit.findings_groups import group_findings
    from colprofile.verbs.audit.findings_missing import missingness_findings
    from colprofile.verbs.audit.findings_pairs import pair_findings
    from colprofile.verbs.audit.fixes import DIALECTS, change_of, mended
    from colprofile.verbs.audit.implied_findings import without_implied
    from colprofile.verbs.audit.script import make_plan, script
    from colprofile.verbs.profile.structure import clusters

    table = quote_identifier(name)
    pairs = pair_findings(material, table)
    repeats = {finding.targets for finding in pairs.told if finding.kind in ("duplicate", "computed")}
    columns = [finding for finding in column_findings(material) if finding.columns not in repeats]
    found = [*columns, *pairs.told]
    if exact is not None:
        numbers = {column.name: j for j, column in enumerate(material.columns)}
        exactly = ("duplicate", "computed", "bijection", "dependency")
        told = frozenset(numbers[each.targets[0]] for each in (*found, *pairs.implied) if each.kind in exactly)
        found += key_findings(material, exact)
        found += composite_findings(material, exact, composites, told, table)
    found = without_implied(found)
    if material.coded is not None:
        found += missingness_findings(material)
    groups = clusters(material.columns, material.pairs)
    found += group_findings(material, groups, [*found, *pairs.implied])
    changes = [change_of(material, finding) for finding in found]
    more = [change_of(material, finding) for finding in pairs.implied]
    plan = make_plan(
        [change for change in (*changes, *more) if not isinstance(change, str)],
        [finding for finding in found if finding.kind == "key"],
    )
    found = [mended(material, finding, change, table) for finding, change in zip(found, changes, strict=True)]
    scripts = {dialect: script(material, plan, name, dialect) for dialect in DIALECTS} if exact is not None else {}
    keys = [(j,) for j, column in enumerate(material.columns) if column.is_key] if exact is None else exact.unique
    return _Found(
        material=replace(material, coded=None, relation=None),
        findings=sorted(found, key=lambda finding: -finding.evidence.bits),
        dependencies=_dependencies(material, exact, found) if exact is not None else (),
        keys=tuple(material.names(key) for key in keys if exact is None or is_key(material, key)),
        scripts=scripts,
        search=search,
        clusters=groups,
    )


def _dependencies(material: Material, exact: Dependencies, found: Sequence[Finding]) -> tuple[Dependency, ...]:
    told = {(frozenset(finding.columns), target) for finding in found for target in finding.targets}
    result = []
    for columns, targets in sorted(exact.determined.items(), key=lambda item: (len(item[0]), item[0])):
        names = material.names(columns)
        is_by_key = bool(columns) and exact.has_unique_part(columns)
        result += [
            Dependency(names, material.name(j), is_by_key, (frozenset(names), material.name(j)) in told)
            for j in sorted(targets)
        ]
    return tuple(result)


def _of_profile(profile: Profile) -> Audit:
    """Return the audit of columns and pairs alone."""
    from colprofile.verbs.audit.audited_table import Material
    from colprofile.verbs.profile.structure import numbered

    if not profile.provenance.is_exact:
        raise ArgumentError("this profile is of a sample: rows it has not seen may break any rule; audit the source")
    if not profile.has_pairs:
        raise ArgumentError("this profile has no pairs: make it with pairs=True, or give the source")
    pairs = numbered([column.name for column in profile.columns], profile.pairs)
    material = Material(profile.rows, profile.columns, pairs, None, None, 1)
    search = Search(1, 0, 1, material.tests, True)
    name = _table_name(profile.provenance.source, profile.provenance.table)
    found = _findings(material, None, [], search, name)
    found.notes.append(FROM_PROFILE)
    return _put_together(profile, found)


def _with_classes(ledger: Ledger, saved_bits: float | None) -> Ledger:
    """Return the ledger with what latent classes leave of a row's bits, if they were fitted."""
    if saved_bits is None:
        return ledger
    undefined = {name: reason for name, reason in ledger.undefined.items() if name != "latent_class_bits"}
    return replace(ledger, latent_class_bits=max(0.0, ledger.bits_apart - saved_bits), undefined=undefined)


def _put_together(profile: Profile, found: _Found, saved_bits: float | None = None) -> Audit:
    from colprofile.verbs.ledger import dependences, ledger, row_bits, spanning_tree

    material = found.material
    edges = spanning_tree(material)
    search = found.search
    notes = list(found.notes)
    if not search.is_complete:
        notes.append("Interrupted: it holds what was found until then.")
    elif material.most > 1 and min(search.exact_determinants, search.near_determinants) < search.max_determinants:
        level = min(search.exact_determinants, search.near_determinants)
        if len(material.columns) > search.max_determinants:
            notes.append(f"Determinants were searched up to {level} columns: beyond, there are too many combinations.")
    if profile.provenance.nulls == "value":
        notes.append("NULL is counted as a value of its own.")
    elif any(column.nulls for column in profile.columns):
        notes.append("A dependency is judged on the rows where none of its columns is NULL.")
    return Audit(
        rows=profile.rows,
        columns=tuple(AuditColumn(c.name, c.type, row_bits(c), c.nulls, c.distinct) for c in profile.columns),
        findings=tuple(found.findings),
        dependencies=found.dependencies,
        keys=found.keys,
        ledger=_with_classes(ledger(material, edges), saved_bits),
        edges=edges,
        clusters=tuple(material.names(members) for members in found.clusters),
        dependences=dependences(material),
        search=search,
        scripts=found.scripts,
        skipped=profile.skipped,
        provenance=profile.provenance,
        notes=tuple(notes),
    )
