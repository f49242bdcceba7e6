"""How a text file would have to be read so that its texts become numbers or NULL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow.compute as pc

from colprofile.counting.marginal import Marginal
from colprofile.inputs import InputReading
from colprofile.results.quality import QualityIssue
from colprofile.results.reading_options import ReadingOptions, can_be_listed
from colprofile.sources.base import SourceColumn
from colprofile.sources.files.formats import FORMATS
from colprofile.sources.options import InputOptions
from colprofile.verbs.profile.quality.column import Fault
from colprofile.verbs.profile.quality.notations import SIGNS, Notation
from colprofile.verbs.profile.quality.text_column import Mask, TextColumn, mask_of
from colprofile.verbs.profile.quality.text_types import ISO, TextType

MOST_WORDS = 5
"""Texts of a column that are proposed as NULL at most."""

_READ_WITH_SIGNS = " '\u00a0\u202f"
"""Separators of thousands that the type "number" reads unasked, besides a comma where the decimal separator is a point
and a point where it is a comma."""

_WITH_FRACTIONS = ("double", "float", "decimal")


def is_text_file(reading: InputReading | None) -> bool:
    """Whether an input was read with options for texts and numbers, which can be changed."""
    return reading is not None and any(f.name == reading.format and {"null", "types"} <= f.options for f in FORMATS)


def with_options(fault: Fault, text: TextColumn, found: TextType | None = None) -> Fault:
    """Return a fault of a column with the options that mend it, where it was read from a text file and there are some.

    Parameters
    ----------
    fault
        The texts that stand for a missing value, or, with ``found``, what would not convert.
    found
        The type that the column's texts would have.
    """
    if not text.column.is_of_text_file or (found is not None and found.type == "BOOLEAN"):
        return fault
    if found is None:
        is_missing = np.zeros(text.counts.size, bool)
        is_missing[fault.positions] = True
        words = _words(text, is_missing)
        return fault if not words else Fault(replace(fault.issue, options=ReadingOptions(words)), *_places(fault))
    written = found.written if found.written is not None else found.converts
    words = _words(text, text.occurs & ~written)
    if words is None or (found.notation is None and found.format != ISO):
        return fault
    options = _written(text, written, words, found.notation or Notation())
    if options == ReadingOptions():
        return fault
    share = text.rows_of(written) / text.column.marginal.filled
    return Fault(replace(fault.issue, options=options, converting_share=share), *_places(fault))


def _places(fault: Fault) -> tuple[Any, Any]:
    return fault.positions, fault.corrected


def _words(text: TextColumn, chosen: Mask) -> tuple[str, ...] | None:
    """Return values as texts to read as NULL, the most frequent first; None where they are no few words."""
    positions = np.flatnonzero(chosen)
    if positions.size > MOST_WORDS:
        return None
    positions = positions[np.argsort(-text.counts[positions], kind="stable")]
    words = tuple(map(str, text.column.marginal.dictionary.values(positions)))
    is_plain = all(can_be_listed(word) and not any(sign.isdigit() for sign in word) for word in words)
    return words if is_plain else None


def _written(text: TextColumn, written: Mask, words: tuple[str, ...], notation: Notation) -> ReadingOptions:
    """Return the options that read numbers in a notation."""
    has_signs = bool(
        text.each(written, lambda texts: mask_of(pc.match_substring_regex(texts, f"[{SIGNS}]")), bool).any()
    )
    if has_signs and not text.column.name.isprintable():
        return ReadingOptions()  # nobody could type the name
    thousands = notation.thousands
    if has_signs and thousands in (_READ_WITH_SIGNS + (",", ".")[notation.decimal == ","]):
        thousands = ""
    types = {text.column.name: "number"} if has_signs else {}
    return ReadingOptions(words, None if notation.decimal == "." else notation.decimal, thousands or None, types)


def fitted_to(
    issues: Sequence[QualityIssue], columns: Sequence[tuple[SourceColumn, Marginal]], inputs: Mapping[str, Any]
) -> list[QualityIssue]:
    """Return issues whose options fit what the file was read with, and what is in its other columns.

    No options are left where the column was read as text on purpose, and where a decimal or thousands separator would
    make texts of another column's numbers.

    Parameters
    ----------
    columns
        All columns with their values.
    inputs
        How the file was read, as ``profile`` takes it.
    """
    given = InputOptions.of(inputs)
    has_fractions = any(column.type.lower().startswith(_WITH_FRACTIONS) for column, _ in columns)
    options_given = [_with_given(issue.options, given) for issue in issues if issue.options is not None]
    words = list(dict.fromkeys(word for options in options_given for word in options.null))
    unsaid = _unsaid(words, issues, columns)

    @cache
    def emptied(null: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns of texts in which one of these words is said by no issue to be missing."""
        return tuple(columns[number][0].name for number in sorted({n for word in null for n in unsaid.get(word, ())}))

    fitted = []
    for issue in issues:
        if issue.options is None:
            fitted.append(issue)
        elif _are_possible(issue.options, issue.columns[0], given, has_fractions):
            options = _with_given(issue.options, given)
            fitted.append(replace(issue, options=replace(options, emptied=emptied(tuple(options.null)))))
        else:
            fitted.append(replace(issue, options=None, converting_share=None))
    return fitted


def _are_possible(options: ReadingOptions, column: str, given: InputOptions, has_fractions: bool) -> bool:
    """Whether a file that was read with the ``given`` options can be read with others too."""
    if given.all_text or column in (given.types or {}) or not all(map(can_be_listed, given.null_texts)):
        return False
    decimal, thousands = options.decimal or ".", options.thousands
    if given.decimal is not None and given.decimal != decimal:
        return False
    if given.thousands is not None and thousands is not None and given.thousands != thousands:
        return False
    used = given.decimal or "."
    return not has_fractions or (decimal == used and thousands != used)


def _with_given(options: ReadingOptions, given: InputOptions) -> ReadingOptions:
    """Return options with the words and types that the file was read with, which they would replace."""
    null = tuple(dict.fromkeys((*given.null_texts, *options.null))) if options.null else ()
    types = {**(given.types or {}), **options.types} if options.types else {}
    return replace(options, null=null, types=types)


def _unsaid(
    words: Sequence[str], issues: Sequence[QualityIssue], columns: Sequence[tuple[SourceColumn, Marginal]]
) -> dict[str, list[int]]:
    """Return for words that are to be NULL the numbers of the columns of texts in which no issue says so."""
    said: dict[str, set[str]] = {}
    for issue in issues:
        if issue.options and len(issue.columns) == 1:
            said.setdefault(issue.columns[0], set()).update(issue.options.null)
    found: dict[str, list[int]] = {}
    for number, (column, marginal) in enumerate(columns):
        asked = [word for word in words if word not in said.get(column.name, ())]
        if asked and column.kind in ("text", "categorical"):
            for word, place in zip(asked, marginal.dictionary.positions_of(asked).tolist(), strict=True):
                if place >= 0 and marginal.counts[place]:
                    found.setdefault(word, []).append(number)
    return found
