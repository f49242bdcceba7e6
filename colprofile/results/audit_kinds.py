"""The kinds of findings of an audit: their names, what they are, and the words that reports show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from colprofile.errors import ArgumentError, did_you_mean, shorten
from colprofile.results.quality import QualityKind

RedundancyKind = Literal[
    "empty",
    "constant",
    "duplicate",
    "computed",
    "bijection",
    "dependency",
    "near",
    "key",
    "together",
    "group",
    "missingness",
]
FindingKind = Literal[RedundancyKind, QualityKind]

KINDS: dict[str, str] = {
    "empty": "a column that holds nothing but NULL",
    "constant": "a column with the same value in every row, or in every row where it has one",
    "duplicate": "a column with the values of another, as they are or after a cast",
    "computed": "a column that can be computed from others: a·x + b, x // k, x % k, a part of a date",
    "bijection": "two columns that determine each other, such as a code and its label",
    "dependency": "columns that determine another in every row",
    "near": "columns that determine another except in a few rows",
    "key": "columns that identify every row",
    "together": "numbers and times that rise together, or of which one falls as the other rises",
    "group": "columns that share information",
    "missingness": "a column that is NULL, or has a value, where another is NULL",
    "duplicate_rows": "rows that repeat an earlier row in every column",
    "missing": "a column that is NULL in at least a fifth of the rows",
    "placeholder": "text that stands for a missing value, such as a blank, 'NA' or '?'",
    "sentinel": "a number or date that stands for a missing value, such as -999 or 1900-01-01",
    "stored_as_text": "numbers, dates or booleans in a text column",
    "variants": "one value in several spellings, which differ in case or white space",
    "leading_zeros": "codes of digits that have lost leading zeros in some rows",
    "not_finite": "infinities or NaN",
    "nearly_constant": "a column with one value in at least 99 % of its rows",
    "patterns": "a few texts that look different from all others",
    "gap": "times missing in a regular series",
    "units": "numbers with different units in one column",
    "outliers": "numbers far from all others",
}
"""What each kind of finding is."""

WORDS: dict[str, str] = {
    "bijection": "one to one",
    "dependency": "determined",
    "near": "nearly determined",
    "group": "related",
    "missingness": "NULL together",
}
"""What a kind is called where it is not by its name: in reports, and on the command line with or without hyphens."""


def word_of(kind: str) -> str:
    """Return what a kind of finding is called in reports.

    >>> word_of("near"), word_of("computed")
    ('nearly determined', 'computed')
    """
    return WORDS.get(kind, kind.replace("_", " "))


def checked_kinds(given: tuple[str, ...], more: Iterable[str] = ()) -> frozenset[str]:
    """Return kinds of findings given by their name or word; ArgumentError for anything else, which hints at ``more``.

    >>> sorted(checked_kinds(("nearly-determined", "key")))
    ['key', 'near']
    """
    words = {word_of(kind).lower().replace(" ", "-"): kind for kind in KINDS}
    known = words | {kind: kind for kind in KINDS}
    found = set()
    for name in given:
        plain = name.strip().replace(" ", "-") if isinstance(name, str) else name
        plain = plain if plain in known else str(plain).lower()
        if plain not in known:
            raise ArgumentError(
                f"{shorten(str(name))!r} is not a kind of finding. {did_you_mean(str(plain), [*known, *more])}"
            )
        found.add(known[plain])
    return frozenset(found)
