"""What asks for attention: what is wrong in the data and what stands out, in one list, the most severe first."""

from __future__ import annotations

from dataclasses import dataclass

from colprofile.report.profile.findings import Part, sentences
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.quality import Severity

SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")

TERMS = {
    "constant": "constant",
    "curve": "pearson",
    "duplicate_rows": "duplicate",
    "exact": "exact-dependency",
    "key": "key",
    "missing": "missing",
    "missing_together": "missing-pattern",
    "near": "near-dependency",
    "patterns": "pattern",
    "planner": "planner-error",
    "redundant": "redundancy",
}
"""The term of the glossary that explains a kind."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A sentence with its severity and kind, the kind as people read it, and the pair that shows it if there is one."""

    severity: Severity
    kind: str
    tag: str
    parts: tuple[Part, ...]
    pair: PairProfile | None = None

    @property
    def term(self) -> str:
        """The key of the term that explains the kind; empty where the kind says it all."""
        return TERMS.get(self.kind, "")


def alerts(profile: Profile) -> list[Alert]:
    """Return a profile's alerts, the most severe first; those of one severity in the order of the sentences."""
    found = [Alert(said.severity, said.kind, said.word, said.parts, said.pair) for said in sentences(profile)]
    return sorted(found, key=lambda alert: SEVERITIES.index(alert.severity))
