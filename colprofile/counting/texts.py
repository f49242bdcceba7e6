"""What texts look like: their lengths, patterns and folded forms, from one pass over the bytes of a dictionary."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled, inlined
from colprofile.counting.dictionary import BLOCK_BYTES, Dictionary
from colprofile.counting.hashes import group_numbers
from colprofile.counting.marginal import Counts
from colprofile.counting.scratch import Scratch, blocks

DIGIT, CAPITAL, SMALL, SPACE = 1, 2, 3, 4
"""Kinds of characters; all others are 0. Letters without case, and digits other than 0 to 9, count as small letters."""

OUTER_SPACE, MIXED_CASE, LEADING_ZERO = 1, 2, 4
"""Flags of a text: white space at either end; a capital right after a small letter; a 0 before another digit first."""

_ASCII = 128
_BASIC_PLANE = 1 << 16
_SEED = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True)
class TextScan:
    """What texts look like, one entry per text.

    Attributes
    ----------
    lengths
        int64[n]: characters.
    patterns
        uint64[n]: a hash of the pattern that ``pattern_of`` returns.
    folded
        uint64[n]: a hash of the text in small letters, white space at its ends removed and between words made one
        space.
    letters
        int64[n]: letters among the characters.
    flags
        uint8[n]: OUTER_SPACE, MIXED_CASE, LEADING_ZERO.
    """

    lengths: Counts
    patterns: npt.NDArray[np.uint64]
    folded: npt.NDArray[np.uint64]
    letters: Counts
    flags: npt.NDArray[np.uint8]


def scan_texts(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> TextScan:
    """Return what texts look like, given as ``Dictionary.texts`` returns them; bytes that are no UTF-8 count one each.

    >>> from colprofile.counting.saved_values import joined_texts
    >>> scan = scan_texts(*joined_texts(["AB 12", "XY  345", "ab 12 "]))
    >>> scan.lengths.tolist(), (scan.patterns == scan.patterns[0]).tolist(), (scan.folded == scan.folded[0]).tolist()
    ([5, 7, 6], [True, False, False], [True, False, True])
    """
    size = offsets.size - 1
    begin, end = int(offsets[0]), int(offsets[-1])
    is_ascii = all(int(data[begin + s.start : begin + s.stop].max()) < _ASCII for s in blocks(end - begin, BLOCK_BYTES))
    kinds, lower = _characters(_ASCII if is_ascii else _BASIC_PLANE)
    scan = TextScan(
        np.empty(size, np.int64),
        np.empty(size, np.uint64),
        np.empty(size, np.uint64),
        np.empty(size, np.int64),
        np.empty(size, np.uint8),
    )
    _scan(offsets, _readonly(data), kinds, lower, scan.lengths, scan.patterns, scan.folded, scan.letters, scan.flags)
    return scan


def scan_dictionary(dictionary: Dictionary) -> TextScan:
    """Return what the values of a dictionary look like as texts; where they are in a file, this goes to files too."""
    scratch = dictionary.scratch
    if scratch is None:
        return scan_texts(*dictionary.texts())
    files = [scratch.file() for _ in fields(TextScan)]
    for _, offsets, data in dictionary.text_blocks():
        scan = scan_texts(offsets, data)
        for file, field in zip(files, fields(TextScan), strict=True):
            file.append(getattr(scan, field.name))
    dtypes = (np.int64, np.uint64, np.uint64, np.int64, np.uint8)
    return TextScan(*(scratch.mapped(file, dtype) for file, dtype in zip(files, dtypes, strict=True)))


def pattern_of(text: str) -> str:
    """Return the pattern of a text: 9 for a run of digits, A of capitals, a of other letters, else the character.

    >>> pattern_of("AB-1234 Straße"), pattern_of("2013-01-31"), pattern_of("")
    ('A-9 Aa', '9-9-9', '')
    """
    kinds = _kinds()
    pattern, last = [], 0
    for character in text:
        code = ord(character)
        kind = kinds[code] if code < _BASIC_PLANE else 0
        if kind in (DIGIT, CAPITAL, SMALL):
            if kind != last:
                pattern.append(" 9Aa"[kind])
            last = kind
        else:
            pattern.append(character)
            last = 0
    return "".join(pattern)


@dataclass(frozen=True)
class PatternCounts:
    """The patterns of some texts.

    Attributes
    ----------
    number
        int64[n]: the number of each text's pattern.
    rows
        int64[patterns]: the rows of each.
    example
        int64[patterns]: a text that has it.
    """

    number: Counts
    rows: Counts
    example: Counts


def count_patterns(scan: TextScan, counts: Counts, scratch: Scratch | None = None) -> PatternCounts:
    """Return the patterns of texts that occur in ``counts`` rows, int64[n]; ``scratch`` takes their numbers."""
    if scratch is not None:
        return _count_patterns_in_blocks(scan, counts, scratch)
    number = group_numbers(scan.patterns)
    patterns = int(number.max(initial=-1)) + 1
    rows = np.bincount(number, counts, patterns).astype(np.int64)
    example = np.zeros(patterns, np.int64)
    example[number] = np.arange(number.size)
    return PatternCounts(number, rows, example)


def _count_patterns_in_blocks(scan: TextScan, counts: Counts, scratch: Scratch) -> PatternCounts:
    """Return what ``count_patterns`` does."""
    numbers: dict[int, int] = {}
    rows: list[int] = []
    example: list[int] = []
    file = scratch.file()
    for some in blocks(counts.size):
        hashes = scan.patterns[some]
        own = group_numbers(hashes)
        last = np.zeros(int(own.max()) + 1, np.int64)
        last[own] = np.arange(own.size)
        amounts = np.bincount(own, counts[some]).astype(np.int64).tolist()
        places = [numbers.setdefault(word, len(numbers)) for word in hashes[last].tolist()]
        rows += [0] * (len(numbers) - len(rows))
        example += [0] * (len(numbers) - len(example))
        for place, amount, position in zip(places, amounts, (last + some.start).tolist(), strict=True):
            rows[place] += amount
            example[place] = position
        file.append(np.array(places, np.int64)[own])
    return PatternCounts(scratch.mapped(file, np.int64), np.array(rows, np.int64), np.array(example, np.int64))


def _readonly(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a view that cannot be written to: kernels are compiled for such arrays alone."""
    view = data.view()
    view.setflags(write=False)
    return view


@cache
def _characters(size: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
    """Return the kind and the small letter of each of the first ``size`` characters of Unicode."""
    codes = np.arange(size, dtype=np.uint32)
    characters = codes.view("<U1")
    kinds = np.zeros(size, np.uint8)
    kinds[np.strings.isspace(characters)] = SPACE
    kinds[np.strings.isalnum(characters)] = SMALL
    kinds[np.strings.isupper(characters) | np.strings.istitle(characters)] = CAPITAL
    kinds[ord("0") : ord("9") + 1] = DIGIT
    lower = codes.copy()
    for code in np.flatnonzero(kinds == CAPITAL).tolist():
        small = chr(code).lower()
        lower[code] = ord(small) if len(small) == 1 else code
    return kinds, lower


@cache
def _kinds() -> bytes:
    """Return the kind of each character as bytes, which Python indexes faster than an array."""
    return _characters(_BASIC_PLANE)[0].tobytes()


@inlined
def _mixed(hashed: Any) -> Any:
    hashed = (hashed ^ (hashed >> np.uint64(30))) * _MULTIPLIER
    return hashed ^ (hashed >> np.uint64(27))


@inlined
def _is_more(data: Any, position: Any, end: Any) -> Any:
    return position < end and data[position] & 0xC0 == 0x80


@inlined
def _decode(data: Any, position: Any, end: Any) -> Any:
    """Return the character at a position and its bytes; a byte that is no UTF-8 is a lone surrogate."""
    first = np.uint32(data[position])
    if first < 0x80:
        return first, 1
    if 0xC2 <= first < 0xE0 and _is_more(data, position + 1, end):
        return (first & np.uint32(0x1F)) << np.uint32(6) | np.uint32(data[position + 1] & 0x3F), 2
    if 0xE0 <= first < 0xF0 and _is_more(data, position + 1, end) and _is_more(data, position + 2, end):
        high = (first & np.uint32(0x0F)) << np.uint32(12) | np.uint32(data[position + 1] & 0x3F) << np.uint32(6)
        return high | np.uint32(data[position + 2] & 0x3F), 3
    is_four = 0xF0 <= first < 0xF5 and _is_more(data, position + 1, end) and _is_more(data, position + 2, end)
    if is_four and _is_more(data, position + 3, end):
        high = (first & np.uint32(0x07)) << np.uint32(18) | np.uint32(data[position + 1] & 0x3F) << np.uint32(12)
        low = np.uint32(data[position + 2] & 0x3F) << np.uint32(6) | np.uint32(data[position + 3] & 0x3F)
        return high | low, 4
    return np.uint32(0xDC00) + first, 1


@compiled
def _scan(
    offsets: Any, data: Any, kinds: Any, lower: Any, lengths: Any, patterns: Any, folded: Any, letters: Any, flags: Any
) -> None:
    """Fill the arrays of a TextScan."""
    for i in range(lengths.size):
        position, end = offsets[i], offsets[i + 1]
        length: Any = 0
        letter: Any = 0
        flag: Any = 0
        # Polynomials in _SEED, which the next character need not wait long for; they are mixed at the end.
        pattern, fold = _SEED, _SEED
        last: Any = 0
        is_begun, has_space = False, False
        while position < end:
            code, size = np.uint32(data[position]), 1
            if code >= _ASCII:
                code, size = _decode(data, position, end)
            position += size
            kind = np.int64(kinds[code]) if code < kinds.size else 0
            if kind == 0 or kind == SPACE:
                pattern = pattern * _SEED + np.uint64(code) + np.uint64(8)
            elif kind != last:
                pattern = pattern * _SEED + np.uint64(kind)
            if kind == SPACE:
                has_space = True
                if not is_begun:
                    flag |= OUTER_SPACE
            else:
                if has_space and is_begun:
                    fold = fold * _SEED + np.uint64(32)
                fold = fold * _SEED + np.uint64(lower[code] if code < lower.size else code)
                is_begun, has_space = True, False
            if kind == CAPITAL and last == SMALL:
                flag |= MIXED_CASE
            if kind == DIGIT and length == 1 and last == DIGIT and data[offsets[i]] == 48:
                flag |= LEADING_ZERO
            letter += int(CAPITAL <= kind <= SMALL)
            last = 0 if kind == SPACE else kind
            length += 1
        if has_space:
            flag |= OUTER_SPACE
        lengths[i] = length
        letters[i] = letter
        patterns[i] = _mixed(pattern)
        folded[i] = _mixed(fold)
        flags[i] = flag
