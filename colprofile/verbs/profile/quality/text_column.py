"""A text column as the rules see it: patterns, lengths, texts that stand for a missing value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.counting.dictionary import arrow_positions
from colprofile.counting.marginal import Counts
from colprofile.counting.placeholders import placeholder_hashes
from colprofile.counting.texts import PatternCounts, TextScan, count_patterns, pattern_of, scan_texts
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
        offsets, data = column.marginal.dictionary.texts()
        return cls(column, offsets, data, scan_texts(offsets, data))

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
        places = np.minimum(np.searchsorted(hashes, self.scan.folded), hashes.size - 1)
        is_found: Mask = (hashes[places] == self.scan.folded) & self.occurs
        return is_found & (self.scan.lengths < 32) if is_found.any() else is_found

    @cached_property
    def is_value(self) -> Mask:
        """Which values occur and stand for no missing value."""
        return self.occurs & ~self.clear_placeholders & ~self.possible_placeholders

    @cached_property
    def value_rows(self) -> int:
        """Rows of such values."""
        return int(self.counts[self.is_value].sum())

    @property
    def is_long(self) -> bool:
        """Whether there are so many values that what costs time for each of them is done only where it is of use."""
        return self.counts.size > _MANY_VALUES

    @cached_property
    def patterns(self) -> PatternCounts:
        """The patterns of all values; none where there are many values and nearly every one has its own."""
        if self.is_long and np.unique(self.scan.patterns[:_LOOKED_AT]).size > _LOOKED_AT // 2:
            nothing = np.zeros(1, np.int64)
            return PatternCounts(np.zeros(self.counts.size, np.int64), nothing, nothing)
        return count_patterns(self.scan, self.counts)

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

    def texts(self, chosen: Mask) -> pa.Array:
        """Return some values as an Arrow array of texts; bytes that are no UTF-8 become replacement characters."""
        buffers = [
            None,
            pa.py_buffer(np.ascontiguousarray(self.offsets)),
            pa.py_buffer(np.ascontiguousarray(self.data)),
        ]
        array = pa.Array.from_buffers(pa.large_string(), self.offsets.size - 1, buffers)
        taken = array.take(arrow_positions(np.flatnonzero(chosen)))
        try:
            taken.validate(full=True)
        except pa.ArrowInvalid:
            read = [value.decode("utf-8", "replace") for value in taken.cast(pa.large_binary()).to_pylist()]
            return pa.array(read, pa.large_string())
        return taken

    def rows_of(self, chosen: Mask) -> int:
        """Return the rows of some values."""
        return int(self.counts[chosen].sum())

    def shape(self) -> TextShape | None:
        """Return lengths and commonest patterns; None without a value."""
        there = np.flatnonzero(self.occurs)
        if not there.size:
            return None
        lengths, counts = self.scan.lengths[there], self.counts[there]
        if int(lengths.max()) < _SHORT:
            running = np.cumsum(np.bincount(lengths, counts))
            median = int(np.searchsorted(running, running[-1] / 2))
        else:
            order = np.argsort(lengths, kind="stable")
            running = np.cumsum(counts[order])
            median = int(lengths[order][np.searchsorted(running, running[-1] / 2)])
        is_few = self.patterns.rows.size <= _PATTERNS_TIED
        commonest = self._most_read if is_few else self._commonest(_PATTERNS_TIED)
        patterns = [(text, int(self.patterns.rows[number])) for number, text in commonest]
        patterns.sort(key=lambda pattern: (-pattern[1], pattern[0]))
        return TextShape(int(lengths.min()), median, int(lengths.max()), tuple(patterns[:_PATTERNS_SHOWN]))
