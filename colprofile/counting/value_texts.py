"""The text forms of values and of places on an axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from colprofile.values import Value

MICROSECONDS = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}
"""How many a unit of time has."""


def float_value(number: float) -> Value:
    """Return a finite float as it is, others in DuckDB's text form.

    >>> float_value(1.5), float_value(float("nan")), float_value(float("-inf"))
    (1.5, 'nan', '-inf')
    """
    number = float(number)
    return number if np.isfinite(number) else str(number)


def decimal_text(unscaled: int, scale: int) -> str:
    """Return a DECIMAL's text form.

    >>> decimal_text(-5, 2), decimal_text(1234, 2), decimal_text(7, 0)
    ('-0.05', '12.34', '7')
    """
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    sign = "-" if unscaled < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else sign + digits


def blob_text(blob: bytes) -> str:
    r"""Return DuckDB's text form of a BLOB.

    >>> print(blob_text(b"a\x00\xff"))
    a\x00\xFF
    """
    return "".join(chr(b) if 32 <= b < 127 and b not in b"\\'\"" else f"\\x{b:02X}" for b in blob)


def temporal_texts(values: npt.NDArray[np.int64], kind: pa.DataType) -> list[Value]:
    """Return DuckDB's text form of dates, times and timestamps given in the type's own unit."""
    if pa.types.is_date32(kind):
        return [_infinite(int(day), 2**31 - 1) or str(np.datetime64(int(day), "D")) for day in values]
    per_second = round(1e6 / MICROSECONDS[kind.unit])
    if pa.types.is_time(kind):
        return [_clock(int(value), per_second) for value in values]
    suffix = "+00" if pa.types.is_timestamp(kind) and kind.tz else ""
    return [_infinite(int(value), 2**63 - 1) or _instant(int(value), per_second) + suffix for value in values]


def _infinite(value: int, limit: int) -> str | None:
    if abs(value) < limit:
        return None
    return "infinity" if value > 0 else "-infinity"


def _instant(value: int, per_second: int) -> str:
    days, rest = divmod(value, 86_400 * per_second)
    return f"{np.datetime64(days, 'D')} {_clock(rest, per_second)}"


def _clock(value: int, per_second: int) -> str:
    seconds, fraction = divmod(value, per_second)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if fraction:
        digits = len(str(per_second)) - 1
        text += f".{fraction:0{digits}}".rstrip("0")
    return text


def axis_labels(kind: pa.DataType | None) -> Callable[[Sequence[float]], list[float | str]]:
    """Return how edges on the axis of this Arrow type are shown: numbers as they are, microseconds as ISO text."""
    if kind is None or not pa.types.is_temporal(kind):
        return lambda edges: [float(edge) for edge in edges]
    if pa.types.is_time(kind):
        return lambda edges: [_clock(round(edge), 1_000_000) for edge in edges]
    if pa.types.is_date(kind):
        return lambda edges: [str(np.datetime64(int(edge // 86_400e6), "D")) for edge in edges]
    return lambda edges: [_instant(round(edge), 1_000_000) for edge in edges]
