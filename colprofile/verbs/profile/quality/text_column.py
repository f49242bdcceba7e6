"""A text column as the rules see it: patterns, lengths, texts that stand for a missing value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.dictionary import arrow_positions
from colprofile.counting.marginal import Counts
from colprofile.counting.placeholders import placeholder_hashes
from colprofile.counting.scratch import blocks
from colprofile.counting.texts import PatternCounts, TextScan, count_patterns, pattern_of, scan_dictionary
from colprofile.results.quality import TextShape
from colprofile.verbs.profile.quality.column import QualityColumn

_PATTERNS_SHOWN = 5
_PATTERNS_TIED = 50
_PATTERNS_READ = 500
"""Patterns that types are read from; a column with more, beyond its commonest, is free text."""

_SHORT = 1 << 20
_MANY_VALUES = 100_000
_LOOKED_AT = 10_000

Mask = npt.NDArray[np.bool_]


def numbers_of(array: pa.Array) -> Counts:
    """Return an Arrow array of int64 without NULL, as ``mask_of``."""
    return np.frombuffer(array.buffers()[1], np.int64, len(array), 8 * array.offset)


def mask_of(array: pa.Array) -> Mask:
    """Return an Arrow array of booleans without NULL.

    ``to_numpy``, and scalars of Arrow, would import pandas, which takes half a second.
    """
    bits = np.frombuffer(array.buffers()[1], np.uint8)
    return np.unpackbits(bits, count=array.offset + len(array), bitorder="little")[array.offset :].astype(bool)


@dataclass(frozen=True)
class TextColumn:
    """A text column: what its values look like.

    Attributes
    ----------
    column
        Name, values, rows.
    offsets, data
        The texts, as ``Dictionary.texts`` returns them.
    scan
        What each looks like.
    """

    column: QualityColumn
    offsets: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]
    scan: TextScan

    @classmethod
    def of(cls, column: QualityColumn) -> TextColumn:
        """Return a column with what its texts look like."""
        dictionary = column.marginal.dictionary
        return cls(column, *dictionary.texts(), scan_dictionary(dictionary))

    @property
    def counts(self) -> Counts:
        """Rows of each value, int64[size]."""
        return self.column.counts

    @cached_property
    def occurs(self) -> Mask:
        """Which values occur: labels of an ENUM may not."""
        return np.asarray(self.counts > 0)

    @cached_property
    def clear_placeholders(self) -> Mask:
        """Which values hardly mean anything but a missing value."""
        return self._placeholders(placeholder_hashes()[0])

    @cached_property
    def possible_placeholders(self) -> Mask:
        """Which values may stand for a missing value."""
        return self._placeholders(placeholder_hashes()[1])

    def _placeholders(self, hashes: npt.NDArray[np.uint64]) -> Mask:
        is_found: Mask = np.zeros(self.counts.size, bool)
        for some in blocks(self.counts.size):
            folded = self.scan.folded[some]
            places = np.minimum(np.searchsorted(hashes, folded), hashes.size - 1)
            is_found[some] = (hashes[places] == folded) & self.occurs[some]
        return is_found & (self.scan.lengths < 32) if is_found.any() else is_found

    @cached_property
    def is_value(self) -> Mask:
        """Which values occur and stand for no missing value."""
        return self.occurs & ~self.clear_placeholders & ~self.possible_placeholders

    @cached_property
    def value_rows(self) -> int:
        """Rows of such values."""
        return self.rows_of(self.is_value)

    @cached_property
    def has_unique(self) -> bool:
        """Whether most values that stand for no missing value occur once."""
        return self.value_rows < 2 * int(np.count_nonzero(self.is_value))

    @cached_property
    def characters(self) -> int:
        """Characters of such values over all rows."""
        parts = blocks(self.counts.size)
        return sum(int((self.scan.lengths[s] * self.counts[s])[self.is_value[s]].sum()) for s in parts)

    @property
    def is_long(self) -> bool:
        """Whether there are so many values that what costs time for each of them is done only where it is of use."""
        return self.counts.size > _MANY_VALUES

    @cached_property
    def patterns(self) -> PatternCounts:
        """The patterns of all values; none where there are many values and nearly every one has its own."""
        if self.is_long and self._has_many_patterns():
            nothing = np.zeros(1, np.int64)
            return PatternCounts(np.zeros(self.counts.size, np.int64), nothing, nothing)
        return count_patterns(self.scan, self.counts, self.column.marginal.dictionary.scratch)

    def _has_many_patterns(self) -> bool:
        """Whether most of some thousand values, whatever their order, have a pattern of their own."""
        nth = np.uint64(self.counts.size // _LOOKED_AT)
        chosen = [self.scan.patterns[some][self.scan.folded[some] % nth == 0] for some in blocks(self.counts.size)]
        patterns = np.concatenate(chosen)
        return bool(np.unique(patterns).size * 2 > patterns.size)

    def rows_by_pattern(self, chosen: Mask) -> Counts:
        """Return the rows of each pattern, of some values."""
        return self._rows_by(self.patterns.number, chosen)

    def rows_by_length(self, chosen: Mask) -> Counts:
        """Return the rows of some values by their length."""
        return self._rows_by(self.scan.lengths, chosen)

    def _rows_by(self, numbers: Counts, chosen: Mask) -> Counts:
        rows = np.zeros(int(np.max(numbers, where=chosen, initial=0)) + 1, np.int64)
        for some in blocks(numbers.size):
            is_chosen = chosen[some]
            part = np.bincount(numbers[some][is_chosen], self.counts[some][is_chosen])
            rows[: part.size] += part.astype(np.int64)
        return rows

    def each(self, chosen: Mask, function: Callable[[pa.Array], npt.NDArray[Any]], dtype: type) -> npt.NDArray[Any]:
        """Return what a function gives for some values' texts, some at a time, by position; 0 for the others."""
        found: npt.NDArray[Any] = np.zeros(chosen.size, dtype)
        for some in blocks(chosen.size):
            if chosen[some].any():
                found[some][chosen[some]] = function(self.texts(chosen[some], some.start))
        return found

    @cached_property
    def pattern_texts(self) -> dict[int, str]:
        """The commonest patterns by number, without white space at the ends."""
        return {number: pattern.strip() for number, pattern in self._most_read}

    @cached_property
    def _most_read(self) -> list[tuple[int, str]]:
        return self._commonest(_PATTERNS_READ)

    def _commonest(self, most: int) -> list[tuple[int, str]]:
        rows = self.patterns.rows
        order = np.argsort(-rows, kind="stable") if rows.size <= 4 * most else np.argpartition(-rows, most)[:most]
        numbers = order[np.argsort(-rows[order], kind="stable")][:most]
        numbers = numbers[rows[numbers] > 0]
        examples = self.column.marginal.dictionary.values(self.patterns.example[numbers])
        return [(n, pattern_of(str(text))) for n, text in zip(numbers.tolist(), examples, strict=True)]

    def has_pattern(self, numbers: list[int]) -> Mask:
        """Return which values have one of some patterns."""
        is_chosen = np.zeros(self.patterns.rows.size, bool)
        is_chosen[numbers] = True
        return np.asarray(is_chosen[self.patterns.number] & self.occurs)

    def texts(self, chosen: Mask, begin: int = 0) -> pa.Array:
        """Return some values, from a position on, as an Arrow array of texts.

        Bytes that are no UTF-8 become replacement characters.
        """
        buffers = [
            None,
            pa.py_buffer(np.ascontiguousarray(self.offsets)),
            pa.py_buffer(np.ascontiguousarray(self.data)),
        ]
        array = pa.Array.from_buffers(pa.large_string(), self.offsets.size - 1, buffers)
        taken = array.take(arrow_positions(np.flatnonzero(chosen) + begin))
        try:
            taken.validate(full=True)
        except pa.ArrowInvalid:
            read = [value.decode("utf-8", "replace") for value in taken.cast(pa.large_binary()).to_pylist()]
            return pa.array(read, pa.large_string())
        return taken

    def rows_of(self, chosen: Mask) -> int:
        """Return the rows of some values."""
        return int(np.sum(self.counts, where=chosen))

    def shape(self) -> TextShape | None:
        """Return lengths and commonest patterns; None without a value."""
        if not self.occurs.any():
            return None
        shortest = int(np.min(self.scan.lengths, where=self.occurs, initial=np.iinfo(np.int64).max))
        longest = int(np.max(self.scan.lengths, where=self.occurs, initial=0))
        if longest < _SHORT:
            running = np.cumsum(self.rows_by_length(self.occurs))
            median = int(np.searchsorted(running, running[-1] / 2))
        else:
            there = np.flatnonzero(self.occurs)
            order = there[np.argsort(self.scan.lengths[there], kind="stable")]
            running = np.cumsum(self.counts[order])
            median = int(self.scan.lengths[order[np.searchsorted(running, running[-1] / 2)]])
        is_few = self.patterns.rows.size <= _PATTERNS_TIED
        commonest = self._most_read if is_few else self._commonest(_PATTERNS_TIED)
        patterns = [(text, int(self.patterns.rows[number])) for number, text in commonest]
        patterns.sort(key=lambda pattern: (-pattern[1], pattern[0]))
        return TextShape(shortest, median, longest, tuple(patterns[:_PATTERNS_SHOWN]))
