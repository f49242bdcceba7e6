"""What results themselves hold in words: findings in JSON, figures in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from colprofile.results.quality import Severity


@dataclass(frozen=True, slots=True)
class FindingInWords:
    """A finding as a profile's JSON has it, for its readers; it is ignored when a profile is loaded.

    Attributes
    ----------
    kind
        What it is, in the words of the reports.
    severity
        How much it asks for attention: "high", "medium" or "low".
    columns
        The columns that it is about, for a dependency the ones that determine.
    targets
        What they determine, or what falls as they rise.
    sentence
        The finding in words.
    """

    kind: str
    severity: Severity
    columns: tuple[str, ...]
    targets: tuple[str, ...]
    sentence: str


def coefficient(value: float) -> str:
    """Return a figure between −1 and 1 with two decimals; what is not exactly ±1 is never shown as ±1.00.

    >>> coefficient(0.996), coefficient(1.0), coefficient(-0.004), coefficient(0.12)
    ('0.99+', '1.00', '0.00', '0.12')
    """
    if 0.995 <= abs(value) < 1:
        return f"{'−' if value < 0 else ''}0.99+"
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
