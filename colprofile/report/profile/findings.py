"""The findings of a profile as sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from colprofile.report import text
from colprofile.results.findings import ProfileFinding, ProfileFindingKind
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.quality import Severity

NAMES_SHOWN = 6

NOTHING = "Nothing stands out: no constant column, no key, no dependency."

_MARK = "\0"
"""Stands before and after the number of a column in a sentence until it is cut into parts."""

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
    severity: Severity = "low"

    def plain(self) -> str:
        """Return the sentence as plain text with visible names."""
        return "".join(text.visible(part.name) if isinstance(part, Name) else part for part in self.parts)


def sentences(profile: Profile) -> list[Sentence]:
    """Return the findings as sentences, those that ask for action first, the first few of each kind."""
    found, amounts = [], Counter(finding.kind for finding in profile.findings)
    shown: Counter[ProfileFindingKind] = Counter()
    for finding in profile.findings:
        kind, most = finding.kind, MOST_SHOWN.get(finding.kind, len(profile.findings))
        shown[kind] += 1
        if shown[kind] <= most:
            found.append(Sentence(kind, _parts(_wording(profile, finding), finding), finding.pair, finding.severity))
        elif kind == "exact" and shown[kind] == amounts[kind]:
            more = amounts[kind] - most
            amount = "1 more exact dependency is" if more == 1 else f"{more:,} more exact dependencies are"
            found.append(Sentence(kind, (f"{amount} among the pairs below.",)))
    return found


def _parts(sentence: str, finding: ProfileFinding) -> tuple[Part, ...]:
    """Return a sentence in parts: every second one, between the marks, is the number of a column."""
    names = (*finding.columns, *finding.targets)
    parts = enumerate(sentence.split(_MARK))
    return tuple(Name(names[int(part)]) if index % 2 else part for index, part in parts if part)


def _name(number: int) -> str:
    return f"{_MARK}{number}{_MARK}"


def _wording(profile: Profile, finding: ProfileFinding) -> str:
    """Return the sentence on a finding, with the columns' numbers between marks."""
    names, pair, ledger = _listed(len(finding.columns)), finding.pair, profile.ledger
    is_one = len(finding.columns) == 1
    if finding.kind == "estimated":
        rows = profile.provenance.sampled_rows
        sample = "" if rows is None else f" from {text.plural(rows, 'row')}"
        return f"Figures marked ≈ are estimated{sample}; their intervals are shown."
    if finding.kind == "redundant" and ledger is not None:
        share = text.percent(ledger.redundant_share or 0.0)
        amount = f"{ledger.redundant_bits:,.2f} of the {ledger.bits_apart:,.2f} bits per row ({share})"
        return f"At least {amount} are redundant: they follow from other columns."
    if finding.kind == "empty":
        return f"{names} {'holds' if is_one else 'hold'} nothing but NULL."
    if finding.kind == "constant":
        return f"{names} {'is' if is_one else 'are'} constant: 0 bits, the same value in every row."
    if finding.kind == "key":
        verb = "is a key" if is_one else "are keys"
        return f"{names} {verb}: every value occurs once, which determines every other column."
    if finding.kind == "skipped":
        amount = text.plural(len(finding.columns), "column")
        return f"{amount} {'was' if is_one else 'were'} skipped; the reasons are given at the end."
    assert pair is not None
    if finding.kind in ("exact", "near"):
        return _dependency(finding, pair, names)
    if finding.kind == "curve":
        figures = f"({text.coefficient(pair.dependence or 0.0)}), yet Pearson's correlation is"
        pearson = text.coefficient(pair.pearson or 0.0)
        return f"{names} depend on each other {figures} {pearson}: it only sees straight lines."
    rough = "at least " if pair.is_estimated else ""
    factor = text.power_of_two(finding.bits or 0.0).removesuffix("×")
    return (
        f"{names} share {rough}{text.bits(finding.bits or 0.0)} bits: a planner that assumes independence "
        f"underestimates {_name(0)} = … AND {_name(1)} = … by a factor of {rough}{factor}."
    )


def _dependency(finding: ProfileFinding, pair: PairProfile, names: str) -> str:
    if not finding.targets:
        return f"{names} determine each other in every row."
    target = _name(len(finding.columns))
    if finding.kind == "near":
        violating = finding.dependencies[0].determination.violating_rows
        verb = "contradicts" if violating == 1 else "contradict"
        return f"{names} nearly determines {target}: {violating:,} of {text.plural(pair.rows, 'row')} {verb} it."
    alone = ", each alone" if len(finding.columns) > 1 else ""
    return (
        f"{target} is a function of {names}{alone}: no row contradicts it, so {target} could be dropped without loss."
    )


def _listed(columns: int) -> str:
    """Return names as a sentence lists them: a, b and c; a long list is cut with the number left out."""
    names = [_name(number) for number in range(min(columns, NAMES_SHOWN))]
    if columns > NAMES_SHOWN:
        names.append(f"{columns - NAMES_SHOWN:,} more")
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
