"""Figures in the words of sentences that results themselves hold."""

from __future__ import annotations


def coefficient(value: float) -> str:
    """Return a figure between −1 and 1 with two decimals; what is not exactly ±1 is never shown as ±1.00.

    >>> coefficient(0.996), coefficient(1.0), coefficient(-0.004), coefficient(0.12)
    ('0.99+', '1.00', '0.00', '0.12')
    """
    if 0.995 <= abs(value) < 1:
        return f"{'−' if value < 0 else ''}0.99+"
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
