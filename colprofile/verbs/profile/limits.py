"""The limits of a run: threads and memory."""

from __future__ import annotations

import os

from colprofile.errors import ArgumentError


def worker_count(threads: int | None) -> int:
    """Return how many threads count: as many as asked for, else the cores that this process may use."""
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads < 1:
        raise ArgumentError(f"threads={threads!r} is not allowed: give 1 or more")
    return threads


_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40, "k": 2**10, "m": 2**20, "g": 2**30}


def parse_bytes(given: int | str) -> int:
    """Return a number of bytes from a number or a text with a unit.

    Raises
    ------
    ArgumentError
        Not a size, or less than a megabyte.

    >>> parse_bytes("2GB"), parse_bytes("1.5 MiB"), parse_bytes(4_000_000)
    (2000000000, 1572864, 4000000)
    """
    text = str(given).strip().lower()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text[len(digits) :].strip()
    try:
        size = int(float(digits) * _UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        raise ArgumentError(
            f"memory_limit={given!r} is not a size: give bytes, or a number with KB, MB, GB, KiB, MiB or GiB"
        ) from None
    if size < 10**6:
        raise ArgumentError(f"memory_limit={given!r} is too small: give at least 1MB")
    return size


def half_of_memory() -> int:
    """Return half of the machine's memory in bytes, or 4 GB where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return 4 * 10**9
