"""How inputs were read, for every report: in a few words, and what has to be known before any figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from colprofile.report import text
from colprofile.results import reading_words
from colprofile.results.provenance import Provenance
from colprofile.results.quality import Severity

SENTENCE = 400
"""Characters of a warning; a longer one ends in an ellipsis."""

REMARKS_SHOWN = 12

BOTH = "both inputs"
"""The word for what is said of every side."""


@dataclass(frozen=True, slots=True)
class InputWarning:
    """What a reader has to know before any figure, as of how an input was read: of what, how severe, and a sentence."""

    word: str
    severity: Severity
    sentence: str


def in_short(made: Provenance) -> str:
    """Return how a file was read in a few words; empty where its ending tells."""
    found = reading_words.in_short(made.reading)
    return text.visible(found, 120) if found else ""


def details(made: Provenance) -> list[tuple[str, str]]:
    """Return everything that is known of how an input was read: labels, with what stands beside them."""
    return [(label, text.visible(value, 200)) for label, value in reading_words.details(made.reading)]


def warnings(*sides: tuple[str, Provenance]) -> list[InputWarning]:
    """Return what has to be known before any figure, of each side with the word for it; once what is said of both."""
    found = [list(_of(word, made)) for word, made in sides]
    said = [{warning.sentence for warning in side} for side in found]
    shared = set[str]().union(*said[:1]).intersection(*said[1:]) if len(sides) > 1 else set()
    first, *others = found
    return [
        *(replace(warning, word=BOTH) if warning.sentence in shared else warning for warning in first),
        *(warning for side in others for warning in side if warning.sentence not in shared),
    ]


def _of(word: str, made: Provenance) -> Iterator[InputWarning]:
    left_out = reading_words.rows_left_out(made)
    if left_out:
        yield InputWarning(word, "high", text.visible(left_out, SENTENCE))
    remarks = reading_words.remarks(made.reading)
    for remark in remarks[:REMARKS_SHOWN]:
        yield InputWarning(word, "medium", text.visible(remark, SENTENCE))
    if len(remarks) > REMARKS_SHOWN:
        more = text.plural(len(remarks) - REMARKS_SHOWN, "more remark")
        yield InputWarning(word, "medium", f"{more}: --json and .provenance.reading.remarks have them all.")
