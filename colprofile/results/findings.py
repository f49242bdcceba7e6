"""What stands out in a profile: bad data, constants, keys, dependencies, columns that move together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from colprofile.results.parts import Part
from colprofile.results.quality import QualityIssue, Severity
from colprofile.results.reading_options import ReadingOptions, together
from colprofile.results.single_dependencies import SingleDependency
from colprofile.results.summary import Summary, bits_beyond_chance, is_beyond_chance

if TYPE_CHECKING:
    from colprofile.results.pair import PairProfile
    from colprofile.results.profile import Profile

ProfileFindingKind = Literal[
    "estimated",
    "partial",
    "options",
    "quality",
    "redundant",
    "empty",
    "constant",
    "exact",
    "near",
    "key",
    "together",
    "planner",
    "shared",
    "curve",
    "skipped",
]

WORDS: dict[ProfileFindingKind, str] = {
    "exact": "determined",
    "near": "nearly determined",
    "shared": "related",
    "curve": "not a line",
}
"""What a kind is called where it is not by its name; an audit calls the same things the same."""

SEVERITIES: dict[ProfileFindingKind, Severity] = {
    "estimated": "medium",
    "partial": "medium",
    "options": "medium",
    "redundant": "medium",
    "empty": "medium",
    "constant": "medium",
    "exact": "medium",
    "near": "medium",
    "skipped": "medium",
}
"""How much a kind asks for attention; the others little. A quality issue has a severity of its own."""

REDUNDANT_SHARE = 0.05
"""Redundancy below this share is not a finding."""

SHARING_PAIRS = 2
"""Pairs named of those that share most bits."""

SHARING_DEPENDENCE = 0.7
"""Pairs of files and data frames are named from this dependence on."""

_ORDER: tuple[Severity, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True, repr=False)
class ProfileFinding(Part):
    """One thing that stands out in a profile.

    Attributes
    ----------
    kind
        "estimated": the figures are of a sample. "partial": only the strongest pairs were counted, or none.
        "options": a text file has several ``columns`` that are numbers or dates when it is read with ``options``.
        "quality": the data is probably wrong, see ``issue``. "redundant": at least 5 % of a row's bits are
        redundant. "empty", "constant": what ``columns`` are. "exact", "near": each of ``columns`` alone
        determines ``targets``, or the columns determine each other. "key": ``columns`` together identify every
        row, and no measurement is among them. "together": ``columns`` rise together, and ``targets`` fall as
        these rise. "planner": two columns that a database's planner assumes to be independent. "shared": two
        columns that share much of their information. "curve": two columns that depend on each other while
        Pearson's correlation is about 0. "skipped": columns not counted.
    columns
        The columns that it is about, for a dependency the ones that determine.
    targets
        What they determine, or what falls as they rise; empty for columns that determine each other.
    pair
        The pair that shows it, where there is one; the strongest of several.
    dependencies
        The dependencies behind "exact" and "near".
    bits
        The redundant bits per row; the bits that two columns share: for a planner all of them, the lower end of their
        interval where estimated; for "shared" those beyond chance.
    severity
        How much it asks for attention: "high", "medium" or "low".
    pairs
        The pairs behind "together", the strongest correlation first.
    issue
        What is wrong in the data.
    options
        How to read the text file.
    """

    kind: ProfileFindingKind
    columns: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    pair: PairProfile | None = None
    dependencies: tuple[SingleDependency, ...] = ()
    bits: float | None = None
    severity: Severity = "low"
    pairs: tuple[PairProfile, ...] = ()
    issue: QualityIssue | None = None
    options: ReadingOptions | None = None

    @property
    def word(self) -> str:
        """The kind in plain words, the same in every report."""
        if self.issue is not None:
            return self.issue.kind.replace("_", " ")
        if self.kind == "exact" and not self.targets:
            return "one to one"
        return WORDS.get(self.kind, self.kind)

    @property
    def is_thin(self) -> bool:
        """Whether the evidence for a dependency is thin: see ``SingleDependency.is_thin``."""
        return any(found.is_thin for found in self.dependencies)


def find(profile: Profile) -> list[ProfileFinding]:
    """Return the findings of a profile, the most severe first, those of one kind side by side."""
    found = list(_findings(profile, profile.summary))
    return [finding for severity in _ORDER for finding in found if finding.severity == severity]


def _finding(
    kind: ProfileFindingKind,
    columns: tuple[str, ...] = (),
    targets: tuple[str, ...] = (),
    pair: PairProfile | None = None,
    dependencies: tuple[SingleDependency, ...] = (),
    bits: float | None = None,
    pairs: tuple[PairProfile, ...] = (),
) -> ProfileFinding:
    severity = SEVERITIES.get(kind, "low")
    return ProfileFinding(kind, columns, targets, pair, dependencies, bits, severity, pairs)


def _findings(profile: Profile, summary: Summary) -> Iterator[ProfileFinding]:
    """Yield the findings kind by kind."""
    if profile.provenance.is_sampled:
        yield _finding("estimated")
    if summary.pairs_left_out or (not profile.has_pairs and len(profile.columns) > 1):
        yield _finding("partial")
    mended = [issue for issue in profile.quality if issue.kind == "stored_as_text" and issue.options is not None]
    options = together(issue.options for issue in mended if issue.options is not None)
    if options is not None:
        columns = tuple(issue.columns[0] for issue in mended)
        yield ProfileFinding("options", columns, severity=SEVERITIES["options"], options=options)
    for issue in profile.quality:
        yield ProfileFinding("quality", issue.columns, severity=issue.severity, issue=issue)
    if summary.empty:
        yield _finding("empty", tuple(column.name for column in summary.empty))
    if summary.constants:
        yield _finding("constant", tuple(column.name for column in summary.constants))
    dependencies = list(_dependencies(profile, summary))
    yield from dependencies
    ledger = profile.ledger
    if ledger is not None and (ledger.redundant_share or 0.0) >= REDUNDANT_SHARE:
        yield _finding("redundant", bits=ledger.redundant_bits)
    if profile.skipped:
        yield _finding("skipped", tuple(column.name for column in profile.skipped))
    for key in summary.key_sets:
        yield _finding("key", key.columns)
    one_to_one = [set(finding.columns) for finding in dependencies if not finding.targets]
    for group in summary.together:
        if not any(known.issuperset(group.columns) for known in one_to_one):
            yield _finding("together", group.rising, group.falling, group.pairs[0], pairs=group.pairs)
    if has_planner(profile):
        yield from _planner(summary)
    else:
        yield from _shared(summary, dependencies)
    told = [{source, *finding.columns[1:], *finding.targets} for finding in dependencies for source in finding.columns]
    for pair in summary.unseen_by_pearson:
        if not any({pair.x, pair.y} <= members for members in told):
            yield _finding("curve", (pair.x, pair.y), pair=pair)


def has_planner(profile: Profile) -> bool:
    """Whether the profile is of a table in a database, whose planner estimates rows."""
    return profile.provenance.table is not None


def _dependencies(profile: Profile, summary: Summary) -> Iterator[ProfileFinding]:
    """Yield the columns that determine each other, then what others determine, exactly and nearly.

    Of columns that determine each other only the first is named in further findings.
    """
    places = {column.name: j for j, column in enumerate(profile.columns)}
    groups = _one_to_one(summary)
    for members in groups:
        behind = [d for d in summary.exact if d.is_one_to_one and {d.source, d.target} <= members]
        columns = tuple(sorted(members, key=places.__getitem__))
        yield _finding("exact", columns, (), behind[0].pair, tuple(behind))
    implied = {name for members in groups for name in sorted(members, key=places.__getitem__)[1:]}
    by_target: dict[str, list[SingleDependency]] = {}
    for found in summary.exact:
        if not found.is_one_to_one and found.source not in implied:
            by_target.setdefault(found.target, []).append(found)
    for target, dependencies in by_target.items():
        sources = tuple(found.source for found in dependencies)
        yield _finding("exact", sources, (target,), dependencies[0].pair, tuple(dependencies))
    for found in summary.near:
        if found.source not in implied:
            yield _finding("near", (found.source,), (found.target,), found.pair, (found,))


def _one_to_one(summary: Summary) -> list[set[str]]:
    """Return the groups of columns that determine each other, those with most bits beyond chance first."""
    groups: list[set[str]] = []
    for found in summary.exact:
        if found.is_one_to_one:
            touched = [group for group in groups if found.source in group or found.target in group]
            merged = {found.source, found.target}.union(*touched)
            if touched:
                touched[0] |= merged
                groups = [group for group in groups if group is touched[0] or group not in touched]
            else:
                groups.append(merged)
    return groups


def _planner(summary: Summary) -> Iterator[ProfileFinding]:
    """Yield the pairs that a planner underestimates most, of those that share more than chance."""
    pairs = [(pair, _least_bits(pair)) for pair in summary.strongest if is_beyond_chance(pair)]
    pairs.sort(key=lambda found: (found[0].expected_mutual_information or 0.0) - found[1])
    for pair, bits in pairs[:SHARING_PAIRS]:
        if bits > 0:
            yield _finding("planner", (pair.x, pair.y), pair=pair, bits=bits)


def _shared(summary: Summary, dependencies: list[ProfileFinding]) -> Iterator[ProfileFinding]:
    """Yield the pairs that share most bits beyond chance, of those of which nothing else is said.

    What a column determines says no more than that column.
    """
    told = [{name, *finding.targets} for finding in dependencies if finding.kind == "near" for name in finding.columns]
    told += [set(group.columns) for group in summary.together]
    told += [set(finding.columns) for finding in dependencies if not finding.targets]
    known = {name for finding in dependencies if not finding.targets for name in finding.columns[1:]}
    known |= {target for finding in dependencies if finding.kind == "exact" for target in finding.targets}
    pairs = [
        pair
        for pair in summary.strongest
        if (pair.dependence or 0.0) >= SHARING_DEPENDENCE
        and is_beyond_chance(pair)
        and known.isdisjoint((pair.x, pair.y))
        and not any({pair.x, pair.y} <= members for members in told)
    ]
    for pair in sorted(pairs, key=lambda pair: -bits_beyond_chance(pair))[:SHARING_PAIRS]:
        x, y = (pair.x, pair.y) if _is_better_explained(pair) else (pair.y, pair.x)
        yield _finding("shared", (x, y), pair=pair, bits=bits_beyond_chance(pair))


def _is_better_explained(pair: PairProfile) -> bool:
    """Whether knowing x tells more of y than knowing y of x: y has fewer bits."""
    return (pair.entropy_y or 0.0) <= (pair.entropy_x or 0.0)


def _least_bits(pair: PairProfile) -> float:
    """Return a pair's mutual information, the lower end of its interval where it is estimated."""
    interval = pair.mutual_information_interval
    return interval[0] if interval is not None and pair.is_estimated else pair.mutual_information or 0.0
