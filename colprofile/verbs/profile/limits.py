"""The limits of a run: threads and memory."""

from __future__ import annotations

import os
from typing import NamedTuple

from colprofile.counting.scratch import resident_bytes
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


BASE = 300 * 10**6
"""Bytes that Python and the libraries take with every kernel loaded, before a row is read: 290 MB on Linux."""

LEAST = 400 * 10**6
"""The least that a memory limit can hold: 100 MB to work in."""


_READER = 128 * 10**6
"""Bytes that DuckDB may need for each thread that reads a file: the pages of a Parquet file can be so large."""

_READING = 200 * 10**6
"""Bytes that DuckDB gets where there are so many: while it reads, little else is in memory."""


_MOMENT = 64 * 10**6
"""Bytes of mapped pages that may come before others are given back."""


class Memory(NamedTuple):
    """How a memory limit is shared out, in bytes.

    Attributes
    ----------
    process
        What the process may take in all before mapped pages are given back, which takes a moment: somewhat less than
        the limit. Where it held something before, such as frames, that comes on top.
    counting
        For values, codes and what is made from them.
    database
        For the private DuckDB, while it reads; None leaves it DuckDB's own limit.
    """

    process: int
    counting: int
    database: int | None

    def readers(self, threads: int | None) -> int | None:
        """Return how many threads of DuckDB read, if ``threads`` were asked for: each holds a part of a file."""
        if self.database is None:
            return threads
        return min(worker_count(threads), max(1, self.database // _READER))


def memory_shares(given: int | str | None) -> Memory:
    """Return how a memory limit is shared out; without one it is half of the machine's memory.

    One that is lower than can hold is taken as the lowest that can: see ``raised_limit``.

    Raises
    ------
    ArgumentError
        Not a size, or less than 1 MB.

    >>> memory_shares("1.3GB").counting, memory_shares("1.3GB").database
    (750000000, 500000000)
    """
    limit = half_of_memory() if given is None else parse_bytes(given)
    rest = max(limit, LEAST) - BASE
    process = rest + max(BASE, resident_bytes()) - min(rest // 4, _MOMENT)
    return Memory(process, rest * 3 // 4, None if given is None else max(rest // 2, min(rest, _READING)))


def raised_limit(given: int | str | None) -> str | None:
    """Return what there is to say of a memory limit that is lower than can hold, None of any other.

    >>> raised_limit("300MB")
    'a memory limit of 300MB is taken as 400MB: Python and its libraries alone take 300 MB'
    """
    if given is None or parse_bytes(given) >= LEAST:
        return None
    shown = given if isinstance(given, str) else f"{given:,} bytes"
    return (
        f"a memory limit of {shown} is taken as {LEAST // 10**6}MB: "
        f"Python and its libraries alone take {BASE // 10**6} MB"
    )


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
        raise ArgumentError(f"memory_limit={given!r} is too small: give at least 1MB, or better {LEAST // 10**6}MB")
    return size


def half_of_memory() -> int:
    """Return half of the machine's memory in bytes, or 4 GB where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return 4 * 10**9
