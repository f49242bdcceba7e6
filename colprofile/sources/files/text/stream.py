"""The bytes of a text file, unpacked, in blocks."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from colprofile.errors import SourceError, shorten
from colprofile.sources.files.text.memory import Bytes
from colprofile.stopping import check

BLOCK = 1 << 22
_MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}


@dataclass(frozen=True)
class TextStream:
    """A text file that can be read more than once.

    Attributes
    ----------
    path, shown
        Where it is, and how messages name it.
    compression
        "gzip", "zstd" or "none".
    begin
        Bytes before the text: a byte order mark.
    """

    path: str
    shown: str
    compression: str = "none"
    begin: int = 0

    @contextmanager
    def open(self, offset: int = 0) -> Iterator[Any]:
        """Open the bytes after ``offset`` bytes of text."""
        import pyarrow as pa

        try:
            with open(self.path, "rb", buffering=0) as plain:
                if self.compression == "none":
                    plain.seek(self.begin + offset)
                    yield plain
                    return
                with pa.CompressedInputStream(plain, self.compression) as stream:
                    left = self.begin + offset
                    while left > 0:
                        left -= len(stream.read(min(left, BLOCK))) or left
                    yield stream
        except (OSError, EOFError, pa.ArrowException) as error:
            raise SourceError(f"cannot read {shorten(self.shown, 200)!r}: {shorten(str(error), 200)}") from error

    def read(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes of text from ``offset`` on, fewer at the end."""
        with self.open(offset) as stream:
            return _read(stream, size)


def find_stream(path: str, shown: str) -> TextStream:
    """Return the stream of a file, whose first bytes tell the compression."""
    try:
        with open(path, "rb") as file:
            head = file.read(4)
    except OSError as error:
        raise SourceError(f"cannot read {shorten(shown, 200)!r}: {error.strerror}") from error
    compression = next((name for name, magic in _MAGIC.items() if head.startswith(magic)), "none")
    return TextStream(path, shown, compression)


def _read(stream: Any, size: int) -> bytes:
    parts = []
    while size > 0:
        check()
        part = stream.read(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Undecodable(Exception):
    """Bytes that are not of the encoding: their line, the bytes, and whether there was more than ASCII before them."""

    def __init__(self, line: int, data: bytes, is_mixed: bool) -> None:
        super().__init__(line, data, is_mixed)
        self.line = line
        self.data = data
        self.is_mixed = is_mixed


class Utf8Check:
    """Checks that blocks are UTF-8, all of them."""

    def __init__(self, line: int = 0) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._pending = False
        self._line = line
        self._is_mixed = False

    def feed(self, block: bytes, is_last: bool) -> None:
        """Take the next block.

        Raises
        ------
        Undecodable
            It is not UTF-8.
        """
        if not self._pending and block.isascii():
            self._line += block.count(b"\n")
            return
        kept = self._decoder.getstate()[0]
        try:
            self._decoder.decode(block, is_last)
        except UnicodeDecodeError as error:
            whole = kept + block
            before = whole[: error.start]
            raise Undecodable(
                self._line + before.count(b"\n") + 1,
                whole[error.start : error.end],
                self._is_mixed or not before.isascii(),
            ) from None
        self._is_mixed = self._is_mixed or not block.isascii()
        self._line += block.count(b"\n")
        self._pending = bool(self._decoder.getstate()[0])


class Blocks:
    """Blocks of a stream: what is kept of one begins the next."""

    def __init__(self, stream: Any, size: int | None, check: Utf8Check | None) -> None:
        self._stream = stream
        self._left = size
        self._check = check
        self._buffer: Bytes = np.empty(2 * BLOCK, np.uint8)
        self._filled = 0
        self.is_last = False

    def fill(self) -> Bytes:
        """Return what is there after reading more."""
        if self._buffer.size - self._filled < BLOCK:
            larger = np.empty(2 * self._buffer.size, np.uint8)
            larger[: self._filled] = self._buffer[: self._filled]
            self._buffer = larger
        want = BLOCK if self._left is None else min(BLOCK, self._left)
        block = _read(self._stream, want)
        if self._left is not None:
            self._left -= len(block)
        self.is_last = len(block) < want or self._left == 0
        if self._check is not None:
            self._check.feed(block, self.is_last)
        self._buffer[self._filled : self._filled + len(block)] = np.frombuffer(block, np.uint8)
        self._filled += len(block)
        return self._buffer[: self._filled]

    def keep(self, size: int) -> None:
        """Keep the last ``size`` bytes for the next time."""
        self._buffer[:size] = self._buffer[self._filled - size : self._filled].copy()
        self._filled = size
