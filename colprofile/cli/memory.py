"""Whether this process may have the memory that the command line needs at all."""

from __future__ import annotations

import contextlib
import os
import sys

LEAST = 1_100_000_000
"""Bytes of address space that a small table takes; measured, with few arenas: 0.95 GB, of it 0.3 GB memory."""

_PER_CORE = 32_000_000
_ARENAS = 2
_M_ARENA_MAX = -8  # of mallopt, in glibc's malloc.h


def lack_of_memory(arguments: list[str]) -> str | None:
    """Return what to say where a limit (``ulimit -v``) leaves too little address space; None where it is enough.

    Libraries cannot be loaded then, or end the process without a word. Under any limit, memory is shared by few arenas:
    each reserves 64 MB of addresses and there are up to eight for every core.
    """
    limit = _limit()
    if limit is None:
        return None
    _share_arenas()
    needed = LEAST + _PER_CORE * (os.cpu_count() or 1)
    if limit >= needed or not arguments or {"-h", "--help", "--version"} & set(arguments):
        return None
    return (
        f"memory is limited to {limit / 1e9:.2f} GB of addresses (ulimit -v {limit >> 10}), and at least "
        f"{needed / 1e9:.2f} GB are needed: raise the limit, or give it a container's or service's memory limit instead"
    )


def _limit() -> int | None:
    """Return how many bytes of addresses this process may have; None where there is no limit."""
    if sys.platform == "win32":
        return None
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _share_arenas() -> None:
    with contextlib.suppress(OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
