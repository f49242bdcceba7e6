"""Scratch: temporary files for what the memory limit has no room for, mapped where it is needed as an array.

All that this process writes to temporary files of its own while it counts goes through ``ScratchFile.append``. Mapped
pages are the system's to take back, but count as the process's memory until then: where the process takes more than it
may, a thread gives them back. They come again from the file, or from the system's cache of it, when they are next read.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 18
"""Values worked on at a time, so that what is made from very many of them takes a few megabytes."""

_LOOKED_AT = 0.02
"""Seconds between two looks at how much memory the process takes."""

_STATM = "/proc/self/statm"


def blocks(size: int, length: int = BLOCK) -> Iterator[slice]:
    """Yield the slices of at most ``length`` that make up the first ``size`` items.

    Between them mapped pages are given back where the process takes more than it may.

    >>> list(blocks(5, 3))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    for begin in range(0, size, length):
        yield slice(begin, min(size, begin + length))
        if begin + length < size:
            for scratch in tuple(_LIVE):
                scratch.relieve()


_LIVE: set[Scratch] = set()
"""Those that have mapped something and are not closed: other threads cannot come between a tuple of them."""


def resident_bytes() -> int:
    """Return the memory that this process takes, mapped pages of files included; 0 where the system does not say."""
    with contextlib.suppress(OSError), open(_STATM, "rb") as file:
        return int(file.read().split()[1]) * mmap.PAGESIZE
    return 0


class ScratchFile:
    """A temporary file without a name: gone when it is closed, and when the process ends, however it ends.

    Several threads may append and read.
    """

    def __init__(self) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile(prefix="colprofile-", buffering=0)  # noqa: SIM115
        self._lock = threading.Lock()
        self.size = 0

    def append(self, data: Any) -> int:
        """Write bytes, an array or a buffer, and return where they begin.

        Raises
        ------
        OSError
            The disk is full, or the file too large.
        """
        with self._lock:
            begin = self.size
            self.size += memoryview(data).nbytes
        self.replace(begin, data)
        return begin

    def replace(self, begin: int, data: Any) -> None:
        """Write over what was appended at ``begin``."""
        if not memoryview(data).nbytes:  # which Python does not cast
            return
        view = memoryview(data).cast("B")
        with self._lock:
            self._file.seek(begin)
            while view.nbytes:
                view = view[self._file.write(view) :]

    def read(self, begin: int, size: int) -> bytearray:
        """Return ``size`` bytes from ``begin`` on."""
        found = bytearray(size)
        view = memoryview(found)
        with self._lock:
            self._file.seek(begin)
            while view.nbytes:
                got = self._file.readinto(view)  # type: ignore[attr-defined]
                if not got:
                    raise EOFError(f"a temporary file ends {view.nbytes} bytes too early")
                view = view[got:]
        return found

    def numbers(self, begin: int, size: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return ``size`` numbers of a type from ``begin`` on, in memory."""
        kind = np.dtype(dtype)
        return np.frombuffer(self.read(begin, size * kind.itemsize), kind)

    def map(self, size: int) -> mmap.mmap:
        """Return the first ``size`` bytes, mapped."""
        # Each map would keep a file descriptor, of which a process may have a thousand.
        options: Any = {"trackfd": False} if sys.version_info >= (3, 13) and os.name == "posix" else {}
        return mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_WRITE, **options)

    def close(self) -> None:
        """Remove the file; what is mapped stays until it is no longer used."""
        self._file.close()


class Scratch:
    """The temporary files of one run, and the arrays that are mapped from them.

    Parameters
    ----------
    most
        Bytes of memory that the process may take: above them mapped pages are given back.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._files: set[ScratchFile] = set()
        self._maps: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._watch: threading.Thread | None = None

    def __enter__(self) -> Scratch:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def file(self) -> ScratchFile:
        """Return a new file, closed with all others unless it is closed before."""
        file = ScratchFile()
        self._files.add(file)
        return file

    def mapped(self, file: ScratchFile, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return all that a file holds as an array that is mapped from it, and close the file."""
        size = file.size
        if not size:
            self.discard(file)
            return np.empty(0, dtype)
        pages = file.map(size)
        self.discard(file)
        with self._lock:
            self._maps.add(pages)
            _LIVE.add(self)
            if self._watch is None and os.path.exists(_STATM):
                self._watch = threading.Thread(target=self._give_back_in_time, daemon=True, name="colprofile-memory")
                self._watch.start()
        return np.frombuffer(pages, dtype)

    def stored(self, parts: Iterable[npt.NDArray[Any]], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return arrays one after the other as one that is mapped from a file."""
        file = self.file()
        for part in parts:
            file.append(np.ascontiguousarray(part, dtype))
        return self.mapped(file, dtype)

    def discard(self, file: ScratchFile) -> None:
        """Remove a file that is not needed any more."""
        self._files.discard(file)
        file.close()

    def relieve(self) -> None:
        """Give back the pages of all mapped arrays where the process takes more than it may."""
        if resident_bytes() > self._most:
            self.give_back()

    def give_back(self) -> None:
        """Give back the pages of all mapped arrays."""
        with self._lock:
            maps = list(self._maps)
        for pages in maps:
            pages.madvise(mmap.MADV_DONTNEED)

    def _give_back_in_time(self) -> None:
        while not self._ended.wait(_LOOKED_AT):
            self.relieve()

    def close(self) -> None:
        """Remove all files; arrays that are still in use stay until they are let go."""
        self._ended.set()
        _LIVE.discard(self)
        if self._watch is not None:
            self._watch.join()
        for file in list(self._files):
            self.discard(file)
