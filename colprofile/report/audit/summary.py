"""An audit in words, the same for every renderer: the headline, the tags, the figures behind a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from colprofile.report import reading, text
from colprofile.report.reading import InputWarning
from colprofile.results.audit import Audit, Example, Finding, Fix
from colprofile.results.audit_kinds import word_of
from colprofile.results.reading_words import is_certain
from colprofile.results.search import what_was_left_out

NOTHING = "Nothing is redundant: no column repeats or determines another."

TREE = "Pairs that share most, as a tree of all columns (Chow–Liu)"

MOST_GROUPS = 6
"""Groups of columns that move together that a report lists."""

SENTENCE = 400
"""Characters of a statement that is shown."""

MEANINGS = {
    "bits": "bits per row that the finding makes redundant, minus the cost of its lookup table and exceptions",
    "μ+, RFI": "how far the left side determines the right beyond chance, 1 is fully",
    "g3": "the share of the rows that contradict it",
    "confidence": "that a table of independent columns would not show it",
}
"""What the words of ``figures`` stand for."""

CHOICE = "fixes that exclude each other, the recommended one first"

LEGEND = "; ".join(f"{word}: {meaning}" for word, meaning in [*MEANINGS.items(), ("or", CHOICE)])


def legend(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """Return the words among the figures of these findings, each with its meaning."""
    shown = " ".join(figures(finding) for finding in findings)
    found = [(w, meaning) for w, meaning in MEANINGS.items() if w == "bits" or any(p in shown for p in w.split(", "))]
    return [*found, ("or", CHOICE)] if any(finding.alternatives for finding in findings) else found


def amounts(audit: Audit) -> str:
    """Return how many findings there are, by kind: "3 findings: 2 computed, constant"."""
    amount = text.plural(len(audit.findings), "finding")
    kinds = Counter(tag(finding) for finding in audit.findings)
    named = [kind if number == 1 else f"{number:,} {kind}" for kind, number in kinds.most_common()]
    return f"{amount}: {', '.join(named)}" if named else amount


def listed(audit: Audit) -> tuple[list[Finding], str]:
    """Return the findings that reports list, and what is left out: all but the first groups that move together."""
    groups = [finding for finding in audit.findings if finding.kind == "together"]
    left_out = set(map(id, groups[MOST_GROUPS:]))
    more = f"{text.plural(len(left_out), 'more group')} of columns move together." if left_out else ""
    return [finding for finding in audit.findings if id(finding) not in left_out], more


def headline(audit: Audit) -> str:
    """Return the ledger in a sentence."""
    ledger = audit.ledger
    if ledger.redundant_share is None:
        return "The table holds no information."
    line = (
        f"At least {ledger.redundant_bits:.2f} of {ledger.bits_apart:.2f} bits per row are redundant "
        f"({text.percent(ledger.redundant_share)})"
    )
    return f"{line}; storage uses {ledger.stored_bits:.2f}." if ledger.stored_bits is not None else f"{line}."


def tag(finding: Finding) -> str:
    """Return what a finding's kind is called, as ``--fail-on`` takes it."""
    return word_of(finding.kind)


def statement(finding: Finding) -> str:
    """Return a finding's sentence, visible."""
    return text.visible(finding.statement, SENTENCE)


def figures(finding: Finding) -> str:
    """Return the figures behind a dependency; empty for other kinds, duplicates and computed columns."""
    evidence = finding.evidence
    if evidence.g3 is None or finding.kind in ("duplicate", "computed"):
        return ""
    parts = [f"g3 {text.percent(evidence.g3)}"] if evidence.violating_rows else []
    named = (("μ+", evidence.mu_plus), ("RFI", evidence.rfi))
    parts += [f"{name} {text.coefficient(value)}" for name, value in named if value is not None]
    if finding.confidence < 0.999:
        parts.append(f"confidence {text.percent(finding.confidence)}")
    return ", ".join(parts)


def severity_and_figures(finding: Finding) -> str:
    """Return how severe a fault in the data is, then the figures behind a dependency; empty where there are neither."""
    severity = "" if finding.severity is None else f"severity {finding.severity}"
    return ", ".join(filter(None, (severity, figures(finding))))


def example(found: Example, width: int = 24) -> str:
    """Return the values of a left side whose rows disagree, with their rows."""
    left = ", ".join(text.data_value(value, width) for value in found.determinants)
    right = ", ".join(
        f"{text.data_value(value, width)} ({text.plural(rows, 'row') if number == 0 else text.count(rows)})"
        for number, (value, rows) in enumerate(zip(found.values, found.counts, strict=True))
    )
    return f"{left}: {right}"


def fix(finding: Finding) -> str:
    """Return what to do; empty where there is nothing to do."""
    return "" if finding.fix is None else text.visible(finding.fix.action, 200)


def alternatives(finding: Finding) -> list[str]:
    """Return what could be done instead of the fix, which is recommended."""
    return [text.visible(other.fix.action, 200) for other in finding.alternatives]


def choice(finding: Finding) -> str:
    """Return what to do, what is recommended first; empty where there is nothing to do."""
    others = "".join(f", or {action}" for action in alternatives(finding))
    return f"{fix(finding)}{others}"


def reason_without_fix(finding: Finding) -> str:
    """Return why nothing can be done; empty where a fix is given."""
    return "" if finding.fix is not None else text.visible(finding.undefined.get("fix", ""), 300)


def fixes_by_dialect(finding: Finding) -> list[tuple[str, str, str]]:
    """Return the check and the change of a fix for each dialect whose SQL is not that of the first."""
    return [] if finding.fix is None else _by_dialect(finding.fix)


def alternative_fixes(finding: Finding) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Return of each alternative what it does, its sentence, and its check and change by dialect."""
    return [
        (text.visible(other.fix.action, 200), text.visible(other.statement, SENTENCE), _by_dialect(other.fix))
        for other in finding.alternatives
    ]


def _by_dialect(found: Fix) -> list[tuple[str, str, str]]:
    shown = [(d, text.visible_lines(check), text.visible_lines(found.changes[d])) for d, check in found.checks.items()]
    return [item for item in shown if item is shown[0] or item[1:] != shown[0][1:]]


def facts(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield the figures of the evidence that there are, with their labels."""
    evidence = finding.evidence
    rows: tuple[tuple[str, Any, Callable[[Any], str]], ...] = (
        ("rows compared", evidence.rows, text.count),
        ("rows that contradict it", evidence.violating_rows, text.count),
        ("rows that share their left side", evidence.repeated_rows, text.count),
        ("mutual information, bits", evidence.mutual_information, text.bits),
        ("expected by chance, bits", evidence.expected_mutual_information, text.bits),
        ("I/H", evidence.uncertainty_coefficient, text.coefficient),
        ("pdep", evidence.pdep, text.coefficient),
        ("probability by chance, at most", evidence.log2_chance, lambda bits: f"2^−{-bits:,.0f}"),
        ("confidence", finding.confidence, text.percent),
    )
    yield from ((label, shown(value)) for label, value, shown in rows if value is not None)


def ledger(audit: Audit) -> Iterator[tuple[str, float | None, str]]:
    """Yield the lines of the ledger: label, bits, remark."""
    found = audit.ledger
    why = found.undefined
    yield "Separate columns", found.bits_apart, "Σ H: each column coded separately, NULL as a value"
    yield "Along the tree", found.tree_bits, "each column coded given another one, chance left out"
    yield (
        "Latent classes",
        found.latent_class_bits,
        why.get("latent_class_bits", "at most: each row coded by its class"),
    )
    yield "Stored", found.stored_bits, why.get("stored_bits", "what the storage uses")


def what_was_searched(audit: Audit) -> str:
    """Return how far dependencies were searched, in words."""
    search = audit.search
    if not audit.rows:
        return "The table has no rows."
    if not audit.scripts:
        return "Made from the columns and pairs of a profile."
    if search.is_complete and not search.exact_determinants:
        return "No column has more than one value: there is nothing to determine."
    found = sum(bool(dependency.columns) for dependency in audit.dependencies)
    noun = "dependency" if found == 1 else "dependencies"
    which = f"exact {noun}" if is_certain(audit.provenance) else f"{noun} without exception"
    level = min(search.exact_determinants, search.near_determinants)
    far = f"with up to {text.plural(level, 'column')} on the left" if search.is_complete else "were found so far"
    return (
        f"{found:,} minimal {which} {far}; "
        f"findings leave out those due to keys or chance, among {search.tests:,} possible dependencies."
    )


def warnings(audit: Audit) -> list[InputWarning]:
    """Return what has to be known before any finding: how the input was read, and what was not looked at."""
    left_out = what_was_left_out(audit.search)
    found = reading.warnings(("input", audit.provenance))
    return [*found, InputWarning("search", "medium", left_out)] if left_out else found


def notes(audit: Audit) -> list[str]:
    """Return the notes, without what ``warnings`` says."""
    left_out = what_was_left_out(audit.search)
    return [note for note in audit.notes if note != left_out]


def nothing(audit: Audit) -> str:
    """Return the sentence on an audit without findings."""
    return NOTHING if audit.search.is_complete else "Nothing redundant was found so far."
