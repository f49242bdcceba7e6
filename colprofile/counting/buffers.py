"""CodeBuffer: a column's codes while its batches come in.

Touching memory for the first time costs more than writing a code, so codes are written once, in their final place. The
buffer is allocated for all expected rows at once (unwritten memory is not touched), in the narrowest type so far.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

CodeArray = npt.NDArray[np.unsignedinteger[Any]]

_GROWTH = 4
"""A buffer of an unknown number of rows grows by this factor: a third of the rows is written twice."""


def narrowest(highest: int) -> np.dtype[np.unsignedinteger[Any]]:
    """Return the narrowest unsigned type that holds 0 … highest.

    >>> narrowest(255), narrowest(256), narrowest(65_536)
    (dtype('uint8'), dtype('uint16'), dtype('uint32'))
    """
    return np.dtype(np.uint8 if highest < 1 << 8 else np.uint16 if highest < 1 << 16 else np.uint32)


class CodeBuffer:
    """The codes of one column so far.

    Parameters
    ----------
    expected_rows
        How many rows are to come, 0 where that is not known. More or fewer may come.

    Examples
    --------
    >>> buffer = CodeBuffer(3)
    >>> buffer.append(np.array([1, 2, 1], np.uint32), highest=2)
    >>> buffer.append(np.array([300], np.uint32), highest=300)
    >>> buffer.codes
    array([  1,   2,   1, 300], dtype=uint16)
    """

    def __init__(self, expected_rows: int = 0) -> None:
        self._expected = expected_rows
        self._codes: CodeArray = np.empty(0, np.uint8)
        self.rows = 0

    @property
    def codes(self) -> CodeArray:
        """The codes so far, in the narrowest type that holds the highest."""
        return self._codes[: self.rows]

    @property
    def nbytes(self) -> int:
        """Bytes written so far."""
        return self.rows * self._codes.itemsize

    def append(self, codes: npt.NDArray[np.uint32], highest: int) -> None:
        """Add the codes of more rows; none of all so far is above ``highest``."""
        rows = self.rows + codes.size
        dtype = narrowest(highest)
        if rows > self._codes.size or dtype != self._codes.dtype:
            grown = np.empty(self._room(rows), dtype)
            grown[: self.rows] = self.codes
            self._codes = grown
        self._codes[self.rows : rows] = codes
        self.rows = rows

    def _room(self, rows: int) -> int:
        """Return for how many rows to take room when there are ``rows``."""
        if rows <= self._codes.size:
            return self._codes.size
        if rows <= self._expected:
            return self._expected
        return rows if not self._codes.size else _GROWTH * rows

    def take(self) -> CodeArray:
        """Return the codes and forget them."""
        codes = self.codes
        self._codes, self.rows = np.empty(0, np.uint8), 0
        return codes
