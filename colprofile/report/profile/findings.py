"""The findings of a profile as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from colprofile.report import text
from colprofile.results.findings import ProfileFinding, ProfileFindingKind
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile

NAMES_SHOWN = 6

MOST_SHOWN: dict[ProfileFindingKind, int] = {"exact": 4, "near": 2, "curve": 2}
"""Sentences of a kind; the tables below them have the others."""


@dataclass(frozen=True, slots=True)
class Name:
    """A column's name within a sentence."""

    name: str


Part = str | Name


@dataclass(frozen=True, slots=True)
class Sentence:
    """A finding as a sentence, with the pair that shows it where there is one."""

    kind: ProfileFindingKind
    parts: tuple[Part, ...]
    pair: PairProfile | None = None

    def plain(self) -> str:
        """Return the sentence as plain text with visible names."""
        return "".join(text.visible(part.name) if isinstance(part, Name) else part for part in self.parts)


def sentences(profile: Profile) -> list[Sentence]:
    """Return the findings as sentences, those that ask for action first, the first few of each kind."""
    by_kind: dict[ProfileFindingKind, list[ProfileFinding]] = {}
    for finding in profile.findings:
        by_kind.setdefault(finding.kind, []).append(finding)
    found = []
    for kind, members in by_kind.items():
        most = MOST_SHOWN.get(kind, len(members))
        found += [Sentence(kind, tuple(_WORDING[kind](profile, member)), member.pair) for member in members[:most]]
        if kind == "exact" and len(members) > most:
            more = len(members) - most
            amount = "1 more exact dependency is" if more == 1 else f"{more:,} more exact dependencies are"
            found.append(Sentence(kind, (f"{amount} among the pairs below.",)))
    return found


def _estimated(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    rows = profile.provenance.sampled_rows
    sample = "" if rows is None else f" from {text.plural(rows, 'row')}"
    yield f"Figures marked ≈ are estimated{sample}; their intervals are shown."


def _redundant(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    ledger = profile.ledger
    assert ledger is not None and ledger.redundant_share is not None
    share = text.percent(ledger.redundant_share)
    yield f"At least {ledger.redundant_bits:,.2f} of the {ledger.bits_apart:,.2f} bits per row ({share}) are "
    yield "redundant: they follow from other columns."


def _empty(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    yield from _listed(finding.columns)
    yield f" {_verb(finding, 'holds', 'hold')} nothing but NULL."


def _constant(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    yield from _listed(finding.columns)
    yield f" {_verb(finding, 'is', 'are')} constant: 0 bits, the same value in every row."


def _key(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    yield from _listed(finding.columns)
    yield f" {_verb(finding, 'is a key', 'are keys')}: every value occurs once, which determines every other column."


def _exact(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    """Yield a sentence on two columns that determine each other, or on one that others determine."""
    if not finding.targets:
        yield from _listed(finding.columns)
        yield " determine each other in every row."
        return
    target = Name(finding.targets[0])
    alone = ", each alone" if len(finding.columns) > 1 else ""
    yield target
    yield " is a function of "
    yield from _listed(finding.columns)
    yield f"{alone}: no row contradicts it, so "
    yield target
    yield " could be dropped without loss."


def _near(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    found = finding.dependencies[0]
    violating, rows = found.determination.violating_rows, text.plural(found.pair.rows, "row")
    yield Name(found.source)
    yield " nearly determines "
    yield Name(found.target)
    yield f": {violating:,} of {rows} {'contradicts' if violating == 1 else 'contradict'} it."


def _planner(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    assert finding.pair is not None and finding.bits is not None
    x, y = map(Name, finding.columns)
    rough = "at least " if finding.pair.is_estimated else ""
    factor = text.factor(2.0**finding.bits).removesuffix("×")
    yield from (x, " and ", y, f" share {rough}{text.bits(finding.bits)} bits: a planner that assumes independence ")
    yield from ("underestimates ", x, " = … AND ", y, f" = … by a factor of {rough}{factor}.")


def _curve(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    pair = finding.pair
    assert pair is not None and pair.pearson is not None and pair.dependence is not None
    yield from _listed(finding.columns)
    yield f" depend on each other ({text.coefficient(pair.dependence)}), yet Pearson's correlation is "
    yield f"{text.coefficient(pair.pearson)}: it only sees straight lines."


def _skipped(profile: Profile, finding: ProfileFinding) -> Iterator[Part]:
    amount = text.plural(len(finding.columns), "column")
    yield f"{amount} {_verb(finding, 'was', 'were')} skipped; the reasons are given at the end."


_WORDING: dict[ProfileFindingKind, Callable[[Profile, ProfileFinding], Iterator[Part]]] = {
    "estimated": _estimated,
    "redundant": _redundant,
    "empty": _empty,
    "constant": _constant,
    "key": _key,
    "exact": _exact,
    "near": _near,
    "planner": _planner,
    "curve": _curve,
    "skipped": _skipped,
}


def _verb(finding: ProfileFinding, singular: str, plural: str) -> str:
    return singular if len(finding.columns) == 1 else plural


def _listed(names: Sequence[str]) -> Iterator[Part]:
    """Yield names as a sentence lists them: a, b and c; a long list is cut with the number left out."""
    parts: list[Part] = [Name(name) for name in names[:NAMES_SHOWN]]
    more = len(names) - NAMES_SHOWN
    if more > 0:
        parts.append(f"{more:,} more")
    for index, part in enumerate(parts):
        if index:
            yield " and " if index == len(parts) - 1 else ", "
        yield part
