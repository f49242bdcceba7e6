"""Agreements: pairs of rows refute dependencies without looking at all rows.

Two rows that agree in the columns A and differ in the columns D refute every dependency X → Y with X ⊆ A and Y ∈ D,
and every key X ⊆ A. A few thousand pairs refute nearly all candidates, so that few are left to check on all rows (the
idea of HyFD, Papenbrock & Naumann, SIGMOD 2016). Of each column there is one bit a pair: 64 pairs are looked at in one
step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from colprofile.counting.buffers import CodeArray
from colprofile.counting.dependencies.evidence_kernels import compare_rows, refute_each

Words = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Agreements:
    """Pairs of rows as bits, uint64[columns, words]: in which columns they agree and in which they differ.

    In the columns' codes 0 is NULL, which neither agrees nor differs. The bits beyond the last pair are 0.
    """

    codes: Sequence[CodeArray]
    agreeing: Words
    differing: Words

    @classmethod
    def none(cls, codes: Sequence[CodeArray]) -> Agreements:
        """Return the agreements of no pairs."""
        return cls(codes, np.empty((len(codes), 0), np.uint64), np.empty((len(codes), 0), np.uint64))

    def compared(self, first: Rows, second: Rows) -> tuple[Words, Words]:
        """Return the bits of pairs of rows, given as two arrays of row numbers of the same length."""
        words = -(-first.size // 64)
        agreeing, differing = np.zeros((2, len(self.codes), words), np.uint64)
        for column, codes in enumerate(self.codes):
            compare_rows(codes, first, second, agreeing[column], differing[column])
        return agreeing, differing

    def with_pairs(self, compared: Iterable[tuple[Words, Words]]) -> Agreements:
        """Return these agreements and more, from ``compared``."""
        parts = [(self.agreeing, self.differing), *compared]
        agreeing, differing = (np.concatenate(side, axis=1) for side in zip(*parts, strict=True))
        return Agreements(self.codes, agreeing, differing)

    def within(self, columns: Sequence[int]) -> tuple[npt.NDArray[np.int64], Words]:
        """Return the words of pairs that agree in all of these columns: their numbers, and the bits, none being 0."""
        if not len(columns):
            bits = np.full(self.agreeing.shape[1], ~np.uint64(0))
        else:
            bits = np.bitwise_and.reduce(self.agreeing[list(columns)], axis=0)
        places = np.flatnonzero(bits)
        return places, bits[places]

    def refuted(
        self, within: tuple[npt.NDArray[np.int64], Words], lasts: Sequence[int], wanted: Bools
    ) -> tuple[Bools, Bools, int]:
        """Return what the pairs refute of columns and one more each; see ``within`` for the columns.

        ``wanted``, bool[lasts, columns], are the targets that are asked for. The answer says, in the same shape, which
        of them are refuted; then for each of ``lasts`` whether a pair shows that it makes no key; then the steps.
        """
        refuted = np.zeros(wanted.shape, np.bool_)
        is_shared = np.zeros(len(lasts), np.bool_)
        places, bits = within
        numbers = np.asarray(lasts, np.int64)
        steps = refute_each(self.agreeing, self.differing, places, bits, numbers, wanted, refuted, is_shared)
        return refuted, is_shared, int(steps)


def neighbouring_rows(codes: Sequence[CodeArray], rows: int, each: int) -> list[Callable[[], tuple[Rows, Rows]]]:
    """Return for each column a function that gives pairs of rows that are neighbours in it, among some drawn rows."""
    drawn = np.random.default_rng(0).choice(rows, min(rows, each), replace=False)

    def neighbours(column: CodeArray) -> tuple[Rows, Rows]:
        order = drawn[np.argsort(column[drawn], kind="stable")]
        return order[:-1], order[1:]

    return [lambda column=column: neighbours(column) for column in codes]  # type: ignore[misc]
