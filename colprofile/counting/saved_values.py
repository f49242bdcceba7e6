"""Values of a saved result as what a column's dictionary holds: JSON scalars become words, exactly or not at all."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.values import Value, temporal_number

_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def word_of(value: Value, kind: pa.DataType) -> int | None:
    """Return the 64-bit word that holds a value in a column of a fixed-width type; None if the type has no such value.

    Numbers are compared as numbers (1, 1.0 and "1.00" are one value), temporal values as moments.

    >>> word_of(3.0, pa.int32()), word_of(3.5, pa.int32()), word_of("1970-01-02", pa.timestamp("us"))
    (3, None, 86400000000)
    """
    if value is None:
        return None
    if pa.types.is_boolean(kind):
        return int(value) if isinstance(value, bool) else None
    if isinstance(value, bool):
        return None
    if pa.types.is_floating(kind):
        return _float_word(value, kind)
    if pa.types.is_temporal(kind):
        return _signed_word(_moment(value, kind) if isinstance(value, str) else None)
    number = unscaled(value, kind.scale if pa.types.is_decimal(kind) else 0)
    if pa.types.is_unsigned_integer(kind):
        return number if number is not None and 0 <= number < 1 << 64 else None
    return _signed_word(number)


def unscaled(value: Value, scale: int) -> int | None:
    """Return a number times 10^scale where that is whole, else None.

    >>> unscaled("12.30", 2), unscaled(12.5, 0), unscaled(2**70, 0) == 2**70, unscaled("a", 0)
    (1230, None, True, None)
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Fraction(str(value)) * 10**scale
    except (ValueError, ZeroDivisionError):
        return None
    return int(number) if number.denominator == 1 else None


def _float_word(value: int | float | str, kind: pa.DataType) -> int | None:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if kind.bit_width < 64 and np.isfinite(number):
        with np.errstate(over="ignore"):
            narrow = np.dtype(f"f{kind.bit_width // 8}").type(number)
        if float(str(narrow)) != number:
            return None
        number = float(narrow)
    if not isinstance(value, str) and number != value and kind.bit_width == 64:
        return None  # a whole number that no double holds
    return int(struct.unpack("<Q", struct.pack("<d", number + 0.0))[0])


def _moment(text: str, kind: pa.DataType) -> int | None:
    if text.endswith("infinity"):
        most = (1 << 31) - 1 if pa.types.is_date32(kind) else (1 << 63) - 1
        return -most if text.startswith("-") else most
    if pa.types.is_date32(kind):
        seconds = temporal_number(text, 1)
        return seconds // 86_400 if seconds is not None and seconds % 86_400 == 0 else None
    return temporal_number(text, _UNITS[kind.unit])


def _signed_word(number: int | None) -> int | None:
    if number is None or not -(1 << 63) <= number < 1 << 63:
        return None
    return number & 0xFFFF_FFFF_FFFF_FFFF


def blob_of(text: str) -> bytes:
    r"""Return the bytes of a BLOB in DuckDB's text form.

    >>> blob_of(r"a\x00\xFF")
    b'a\x00\xff'
    """
    escaped = re.sub(r"\\x([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), text)
    return escaped.encode("latin-1", "replace")


def joined_texts(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return texts as offsets into their UTF-8 bytes."""
    encoded = [text.encode("utf-8", "surrogateescape") for text in texts]
    offsets: npt.NDArray[Any] = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(item) for item in encoded], out=offsets[1:]) if encoded else None
    return offsets, np.frombuffer(b"".join(encoded), np.uint8)
