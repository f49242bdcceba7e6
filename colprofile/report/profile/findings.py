"""The findings of a profile as sentences, the same for every renderer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from colprofile.report import text
from colprofile.report.profile import quality
from colprofile.report.profile.parts import Name, Part, plain
from colprofile.results.findings import ProfileFinding, ProfileFindingKind
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.quality import QualityKind, Severity
from colprofile.results.reading_words import is_certain
from colprofile.results.together import in_words

__all__ = ["Name", "Part", "Sentence", "sentence", "sentences"]

NAMES_SHOWN = 6

NOTHING = "Nothing stands out."

_MARK = "\0"
"""Stands before and after the number of a column in a sentence until it is cut into parts."""

MOST_SHOWN = {"exact": 4, "near": 2, "key": 3, "together": 4, "curve": 2, "readable": 4}
"""Sentences of a kind. One more says how many are left out. "readable": what the sentence on options has named too."""

_LEFT_OUT = {
    "exact": ("1 more column is determined by others.", "{} more columns are determined by others."),
    "near": ("1 more column is nearly determined by another.", "{} more are nearly determined by others."),
    "key": ("1 more key was found.", "{} more keys were found."),
    "together": ("1 more group of columns moves together.", "{} more groups of columns move together."),
    "curve": (
        "Of 1 more pair Pearson's correlation sees nothing.",
        "Of {} more pairs Pearson's correlation sees nothing.",
    ),
    "readable": (
        "1 more column is of numbers or dates with these options.",
        "{} more columns are of numbers or dates with these options.",
    ),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A finding as a sentence, with the pair that shows it where there is one. Of bad data, ``kind`` is the issue's."""

    kind: ProfileFindingKind | QualityKind
    parts: tuple[Part, ...]
    pair: PairProfile | None = None
    severity: Severity = "low"
    word: str = ""

    def plain(self) -> str:
        """Return the sentence as plain text with visible names."""
        return plain(self.parts)


def sentences(profile: Profile) -> list[Sentence]:
    """Return the findings as sentences, the most severe first, the first few of each kind."""
    groups = _groups(profile)
    found, amounts = [], Counter(groups)
    shown: Counter[str] = Counter()
    for finding, group in zip(profile.findings, groups, strict=True):
        most = MOST_SHOWN.get(group, len(groups))
        shown[group] += 1
        if shown[group] <= most:
            found.append(sentence(profile, finding))
        elif shown[group] == amounts[group]:
            one, many = _LEFT_OUT[group]
            more = amounts[group] - most
            words = one if more == 1 else many.format(f"{more:,}")
            kind = finding.kind if finding.issue is None else finding.issue.kind
            found.append(Sentence(kind, (words,), severity=finding.severity, word=finding.word))
    return found


def _groups(profile: Profile) -> list[str]:
    """Return the kind of each finding of which a few are shown."""
    named = {name for finding in profile.findings if finding.kind == "options" for name in finding.columns}
    return [
        "readable" if f.issue is not None and f.issue.options is not None and f.columns[0] in named else f.kind
        for f in profile.findings
    ]


def sentence(profile: Profile, finding: ProfileFinding) -> Sentence:
    """Return one finding of a profile as a sentence."""
    issue = finding.issue
    if issue is not None:
        return Sentence(issue.kind, quality.sentence(issue, profile).parts, None, issue.severity, finding.word)
    parts = _parts(_WORDINGS[finding.kind](profile, finding), finding)
    return Sentence(finding.kind, parts, finding.pair, finding.severity, finding.word)


def _parts(wording: str, finding: ProfileFinding) -> tuple[Part, ...]:
    """Return a sentence in parts: every second one, between the marks, is the number of a column."""
    names = (*finding.columns, *finding.targets)
    parts = enumerate(wording.split(_MARK))
    return tuple(Name(names[int(part)]) if index % 2 else part for index, part in parts if part)


def _name(number: int) -> str:
    return f"{_MARK}{number}{_MARK}"


def _names(finding: ProfileFinding) -> str:
    return _listed(range(len(finding.columns)))


def _listed(numbers: Sequence[int]) -> str:
    """Return names as a sentence lists them: a, b and c; a long list is cut with the number left out."""
    names = [_name(number) for number in numbers[:NAMES_SHOWN]]
    if len(numbers) > NAMES_SHOWN:
        names.append(f"{len(numbers) - NAMES_SHOWN:,} more")
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _estimated(profile: Profile, finding: ProfileFinding) -> str:
    rows = profile.provenance.sampled_rows
    sample = "" if rows is None else f" from {text.plural(rows, 'row')}"
    is_sampled = any(column.sampled_rows is not None for column in profile.columns)
    unsure = " A sample proves no key, constant or dependency." if is_sampled else ""
    return f"Figures marked ≈ are estimated{sample}; their intervals are shown.{unsure}"


def _partial(profile: Profile, finding: ProfileFinding) -> str:
    pairs, all_pairs = len(profile.pairs), math.comb(len(profile.columns), 2)
    if not profile.has_pairs:
        return "Pairs of columns were not counted: nothing is said of them."
    if not pairs:
        return f"None of the {text.plural(all_pairs, 'pair')} of columns is strong enough to be listed."
    listed = "Only the strongest" if pairs == 1 else f"Only the {pairs:,} strongest"
    return (
        f"{listed} of {text.plural(all_pairs, 'pair')} of columns {'is' if pairs == 1 else 'are'} listed: nothing is "
        "said of the others."
    )


def _read_with(profile: Profile, finding: ProfileFinding) -> str:
    options = finding.options
    assert options is not None
    issues = [
        issue for issue in profile.quality if issue.kind == "stored_as_text" and issue.columns[0] in finding.columns
    ]
    dates = [issue for issue in issues if (issue.detail or "").startswith(("DATE", "TIMESTAMP"))]
    types = "dates" if len(dates) == len(issues) else "numbers and dates" if dates else "numbers"
    said = f"{options.in_shell()} ({options.in_python()} in Python)"
    return f"Read the file with {said}: then {_names(finding)} are {types}."


def _redundant(profile: Profile, finding: ProfileFinding) -> str:
    ledger = profile.ledger
    assert ledger is not None
    share = text.percent(ledger.redundant_share or 0.0)
    amount = f"{ledger.redundant_bits:,.2f} of the {ledger.bits_apart:,.2f} bits per row ({share})"
    return f"At least {amount} are redundant: they follow from other columns."


def _empty(profile: Profile, finding: ProfileFinding) -> str:
    return f"{_names(finding)} {'holds' if len(finding.columns) == 1 else 'hold'} nothing but NULL."


def _constant(profile: Profile, finding: ProfileFinding) -> str:
    verb = "is" if len(finding.columns) == 1 else "are"
    return f"{_names(finding)} {verb} constant: 0 bits, the same value in every row{_read(profile)}."


def _key(profile: Profile, finding: ProfileFinding) -> str:
    if len(finding.columns) == 1:
        return f"{_names(finding)} is a key: every value occurs once."
    return f"{_names(finding)} together are a key: every combination occurs once."


def _skipped(profile: Profile, finding: ProfileFinding) -> str:
    verb = "was" if len(finding.columns) == 1 else "were"
    return f"{text.plural(len(finding.columns), 'column')} {verb} skipped; the reasons are given at the end."


def _exact(profile: Profile, finding: ProfileFinding) -> str:
    names, amount = _names(finding), len(finding.columns)
    if not finding.targets:
        rest = "the other follows from it" if amount == 2 else "the others follow from it"
        return f"{names} determine each other in every row{_read(profile)}: keep one, {rest}.{_thin(finding)}"
    alone = ", each alone" if amount > 1 else ""
    target = _name(amount)
    return (
        f"{target} is a function of {names}{alone}: no row{_read(profile)} contradicts it, "
        f"so {target} could be dropped without loss.{_thin(finding)}"
    )


def _read(profile: Profile) -> str:
    """Return of which rows something holds, where they are not for certain those of the input."""
    return "" if is_certain(profile.provenance) or profile.provenance.is_sampled else " that was read"


def _near(profile: Profile, finding: ProfileFinding) -> str:
    found = finding.dependencies[0]
    violating = found.determination.violating_rows
    verb = "contradicts" if violating == 1 else "contradict"
    rows = f"{violating:,} of {text.plural(found.pair.rows, 'row')} {verb} it"
    return f"{_names(finding)} nearly determines {_name(1)}: {rows}.{_thin(finding)}"


def _thin(finding: ProfileFinding) -> str:
    """Return the remark that the evidence is thin, where it is."""
    thin = next((found for found in finding.dependencies if found.is_thin), None)
    return "" if thin is None else thin.thin_evidence(_name(finding.columns.index(thin.source)))


def _together(profile: Profile, finding: ProfileFinding) -> str:
    rising, falling = len(finding.columns), len(finding.targets)
    fallers = _listed(range(rising, rising + falling)) if falling else ""
    return in_words(_names(finding), fallers, (rising, falling), finding.pairs) + _one_to_one(finding)


def _one_to_one(finding: ProfileFinding) -> str:
    """Return the remark that each value of one column goes with one of the other, where that holds of a pair."""
    pair = finding.pair
    if len(finding.pairs) != 1 or pair is None or pair.x_to_y is None or pair.y_to_x is None:
        return ""
    is_exact = pair.x_to_y.is_exact and pair.y_to_x.is_exact
    is_repeated = pair.x_to_y.mu_plus is not None and pair.y_to_x.mu_plus is not None
    return " Each value of one belongs to one value of the other." if is_exact and is_repeated else ""


def _planner(profile: Profile, finding: ProfileFinding) -> str:
    pair = finding.pair
    rough = "at least " if pair is not None and pair.is_estimated else ""
    factor = text.power_of_two(finding.bits or 0.0).removesuffix("×")
    return (
        f"{_names(finding)} share {rough}{text.bits(finding.bits or 0.0)} bits: a planner that assumes independence "
        f"underestimates {_name(0)} = … AND {_name(1)} = … by a factor of {rough}{factor}."
    )


def _shared(profile: Profile, finding: ProfileFinding) -> str:
    pair = finding.pair
    assert pair is not None
    whole = (pair.entropy_y if pair.y == finding.columns[1] else pair.entropy_x) or 0.0
    saved = min(finding.bits or 0.0, whole)
    share = text.percent(saved / whole) if whole else "0 %"
    x, y = _name(0), _name(1)
    rough = "about " if pair.is_estimated else ""
    return (
        f"Knowing {x} saves {rough}{text.bits(saved)} of the {text.bits(whole)} bits of {y} ({share}): "
        f"sorted by {x}, {y} compresses better."
    )


def _curve(profile: Profile, finding: ProfileFinding) -> str:
    pair = finding.pair
    assert pair is not None
    figures = f"({text.coefficient(pair.dependence or 0.0)}), yet Pearson's correlation is"
    pearson = text.coefficient(pair.pearson or 0.0)
    return f"{_names(finding)} depend on each other {figures} {pearson}: it only sees straight lines."


_WORDINGS: dict[ProfileFindingKind, Callable[[Profile, ProfileFinding], str]] = {
    "estimated": _estimated,
    "partial": _partial,
    "options": _read_with,
    "redundant": _redundant,
    "empty": _empty,
    "constant": _constant,
    "exact": _exact,
    "near": _near,
    "key": _key,
    "together": _together,
    "planner": _planner,
    "shared": _shared,
    "curve": _curve,
    "skipped": _skipped,
}
"""The sentence of each kind, with the columns' numbers between marks."""
