"""What a profile found, as sentences that a person would say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from colprofile.report import text
from colprofile.results.profile import ColumnProfile, PairProfile, Profile
from colprofile.results.summary import Dependency, Summary, is_beyond_chance, is_estimated

NAMES_SHOWN = 6
DEPENDENCIES_SHOWN = 4
PAIRS_SHOWN = 2
REDUNDANT_SHARE = 0.05
"""Redundancy below this share is no finding."""

Kind = Literal["constant", "empty", "key", "exact", "near", "planner", "curve", "skipped", "estimated", "redundant"]


@dataclass(frozen=True, slots=True)
class Name:
    """A column's name within a sentence."""

    name: str


Part = str | Name


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, with the pair that shows it where there is one."""

    kind: Kind
    parts: tuple[Part, ...]
    pair: PairProfile | None = None

    def plain(self) -> str:
        """Return the sentence as plain text with visible names."""
        return "".join(text.visible(part.name) if isinstance(part, Name) else part for part in self.parts)


def findings(profile: Profile, summary: Summary) -> list[Finding]:
    """Return the sentences that matter most, those that ask for action first."""
    return [
        *_estimates(profile),
        *_redundant(profile),
        *_column_findings(summary),
        *_exact(summary),
        *_near(summary),
        *_planner(summary),
        *_curves(summary),
        *_skipped(profile),
    ]


def _estimates(profile: Profile) -> Iterable[Finding]:
    if not profile.provenance.is_exact:
        rows = profile.provenance.sampled_rows
        sample = "" if rows is None else f" from {text.plural(rows, 'row')}"
        yield Finding("estimated", (f"Figures marked ≈ are estimated{sample}; their intervals are shown.",))


def _redundant(profile: Profile) -> Iterable[Finding]:
    ledger = profile.ledger
    if ledger is not None and ledger.redundant_share is not None and ledger.redundant_share >= REDUNDANT_SHARE:
        sentence = (
            f"At least {ledger.redundant_bits:,.2f} of the {ledger.bits_apart:,.2f} bits of a row "
            f"({text.percent(ledger.redundant_share)}) are said twice: columns tell each other."
        )
        yield Finding("redundant", (sentence,))


def _column_findings(summary: Summary) -> Iterable[Finding]:
    if summary.empty:
        verb = "holds" if len(summary.empty) == 1 else "hold"
        yield Finding("empty", (*_names(summary.empty), f" {verb} nothing but NULL."))
    if summary.constants:
        verb = "is" if len(summary.constants) == 1 else "are"
        parts = (*_names(summary.constants), f" {verb} constant: 0 bits, the same value in every row.")
        yield Finding("constant", parts)
    if summary.keys:
        verb = "is a key" if len(summary.keys) == 1 else "are keys"
        parts = (*_names(summary.keys), f" {verb}: every value occurs once, so every other column follows.")
        yield Finding("key", parts)


def _exact(summary: Summary) -> Iterable[Finding]:
    """Yield the exact dependencies: mutual ones first, then one sentence a determined column."""
    found = [_mutual(dependency) for dependency in summary.exact if dependency.is_mutual]
    by_target: dict[str, list[Dependency]] = {}
    for dependency in summary.exact:
        if not dependency.is_mutual:
            by_target.setdefault(dependency.target, []).append(dependency)
    found += [_determined(dependencies) for dependencies in by_target.values()]
    yield from found[:DEPENDENCIES_SHOWN]
    more = len(found) - DEPENDENCIES_SHOWN
    if more > 0:
        amount = "1 more exact dependency is" if more == 1 else f"{more:,} more exact dependencies are"
        yield Finding("exact", (f"{amount} among the pairs below.",))


def _mutual(found: Dependency) -> Finding:
    parts = (Name(found.source), " and ", Name(found.target), " repeat each other, row by row without exception.")
    return Finding("exact", parts, found.pair)


def _determined(dependencies: Sequence[Dependency]) -> Finding:
    """Return the sentence on a column that others determine, each of them alone."""
    target = Name(dependencies[0].target)
    sources = [Name(dependency.source) for dependency in dependencies]
    alone = ", each alone" if len(sources) > 1 else ""
    parts = (
        target,
        " is a function of ",
        *_listed(sources),
        f"{alone}: no row breaks it, so ",
        target,
        " could be dropped without loss.",
    )
    return Finding("exact", parts, dependencies[0].pair)


def _near(summary: Summary) -> Iterable[Finding]:
    for found in summary.near[:PAIRS_SHOWN]:
        yield Finding("near", _near_parts(found), found.pair)


def _near_parts(found: Dependency) -> tuple[Part, ...]:
    broken, rows = found.determination.violating_rows, found.pair.rows
    verb = "breaks" if broken == 1 else "break"
    return (
        Name(found.source),
        " nearly determines ",
        Name(found.target),
        f": {broken:,} of {text.plural(rows, 'row')} {verb} it.",
    )


def _sure_bits(pair: PairProfile) -> float:
    """Return a pair's mutual information, the lower end of its interval where it is estimated."""
    interval = pair.mutual_information_interval
    return interval[0] if interval is not None and is_estimated(pair) else pair.mutual_information or 0.0


def _planner(summary: Summary) -> Iterable[Finding]:
    """Yield the pairs that cost a planner most, of those that share more than chance, estimates by what is sure."""
    pairs = [(pair, _sure_bits(pair)) for pair in summary.strongest if is_beyond_chance(pair)]
    pairs.sort(key=lambda found: (found[0].expected_mutual_information or 0.0) - found[1])
    for pair, bits in pairs[:PAIRS_SHOWN]:
        if bits <= 0:
            continue
        rough = "at least " if is_estimated(pair) else ""
        parts = (
            Name(pair.x),
            " and ",
            Name(pair.y),
            f" share {rough}{text.bits(bits)} bits: a planner that assumes independence underestimates ",
            Name(pair.x),
            " = … AND ",
            Name(pair.y),
            f" = … by a factor of {rough}{text.factor(2.0**bits).removesuffix('×')}.",
        )
        yield Finding("planner", parts, pair)


def _curves(summary: Summary) -> Iterable[Finding]:
    for pair in summary.unseen_by_pearson[:PAIRS_SHOWN]:
        assert pair.pearson is not None
        assert pair.dependence is not None
        parts = (
            Name(pair.x),
            " and ",
            Name(pair.y),
            f" depend on each other ({text.coefficient(pair.dependence)}), yet Pearson's correlation is "
            f"{text.coefficient(pair.pearson)}: it sees straight lines only.",
        )
        yield Finding("curve", parts, pair)


def _skipped(profile: Profile) -> Iterable[Finding]:
    if profile.skipped:
        verb = "was" if len(profile.skipped) == 1 else "were"
        amount = text.plural(len(profile.skipped), "column")
        yield Finding("skipped", (f"{amount} {verb} skipped; the reasons are at the foot.",))


def _names(columns: Sequence[ColumnProfile]) -> list[Part]:
    return _listed([Name(column.name) for column in columns])


def _listed(names: Sequence[Name]) -> list[Part]:
    """Return names as a sentence lists them: a, b and c; a long list is cut with the number left out."""
    shown: list[Part] = list(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    if more > 0:
        shown.append(f"{more:,} more")
    parts: list[Part] = []
    for index, part in enumerate(shown):
        if index:
            parts.append(" and " if index == len(shown) - 1 else ", ")
        parts.append(part)
    return parts
