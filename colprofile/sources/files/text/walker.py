"""Walker: what the walk over a text file needs and finds, block by block."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colprofile.sources.files.text import kernel, kinds
from colprofile.sources.files.text.dialect import Dialect
from colprofile.sources.files.text.memory import Bytes, Numbers, address_of

_NO_SCALE = 1 << 30


class Walker:
    """A walk over a text file.

    Parameters
    ----------
    dialect
        How fields are separated.
    width
        The fields that a record should have; 0 lists every record.
    columns
        Columns to look at; ``width`` by default.
    header
        A record that is left out where it occurs.
    nulls
        Texts that stand for a missing value.
    pads
        Whether records of other widths are read, short ones with nothing in the missing fields.
    listed
        Room for the records that are listed.
    line, base
        Lines and bytes of the file before the walk begins.
    last
        After how many good records it stops; 0: at the end.
    """

    def __init__(
        self,
        dialect: Dialect,
        width: int,
        *,
        columns: int | None = None,
        header: bytes = b"",
        nulls: Sequence[str] = (),
        pads: bool = False,
        listed: int = 1_000,
        line: int = 0,
        base: int = 0,
        last: int = 0,
    ) -> None:
        size = max(1, width if columns is None else columns)
        self.dialect = dialect
        self.width = width
        encoded = [text.encode() for text in nulls]
        self._texts = [
            np.frombuffer(text, np.uint8).copy()
            for text in (dialect.delimiter.encode(), dialect.comment.encode(), header, b"".join(encoded))
        ]
        self._addresses = np.array([(address_of(text), text.size) for text in self._texts], np.int64)
        self._null_ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
        self._orders = np.zeros(kernel.ORDERS, np.int64)
        for order, value in (
            (kernel.WIDTH, width),
            (kernel.QUOTE, _byte(dialect.quote)),
            (kernel.ESCAPE, _byte(dialect.escape)),
            (kernel.SKIP_SPACE, dialect.skips_space or dialect.delimiter == " "),
            (kernel.PAD, pads),
            (kernel.DECIMAL, int.from_bytes(dialect.decimal.encode(), "little")),
            (kernel.THOUSANDS, int.from_bytes(dialect.thousands.encode(), "little")),
            (kernel.LOOSE_COMMENTS, dialect.has_loose_comments),
            (kernel.LAST, last),
            (kernel.CR_ENDS_LINES, dialect.has_cr_ends),
        ):
            self._orders[order] = value
        self.count: Numbers = np.zeros(kernel.COUNTERS, np.int64)
        self.count[kernel.LINE] = line
        self.count[kernel.BASE] = base
        self._found: Numbers = np.zeros((listed, kernel.FOUND), np.int64)
        self.fields: Numbers = np.zeros((size, 3), np.int64)
        self.kind_counts: Numbers = np.zeros((size, kinds.KINDS), np.int64)
        self.first_lines: Numbers = np.zeros((size, kinds.KINDS), np.int64)
        self.first_bytes: Numbers = np.zeros((size, kinds.KINDS), np.int64)
        self.extremes: Numbers = np.zeros((size, kernel.EXTREMES), np.int64)
        self.extremes[:, kernel.LEAST_SCALE] = _NO_SCALE
        self._nothing = np.zeros(0, np.uint8)

    def feed(self, data: Bytes, is_last: bool, out: Bytes | None = None) -> int:
        """Walk over the whole records of a block and return how many bytes they have.

        What is copied is written into ``out``, up to ``count[WRITTEN]``; a walk that ends early needs more room there.
        """
        room = self._nothing if out is None else out
        used = kernel.walk(
            address_of(data),
            data.size,
            is_last,
            self._orders,
            self._addresses,
            self._null_ends,
            self.count,
            self._found,
            self.fields,
            self.kind_counts,
            self.first_lines,
            self.first_bytes,
            self.extremes,
            address_of(room),
            room.size,
        )
        self.count[kernel.BASE] += used
        return used

    @property
    def is_done(self) -> bool:
        """Whether as many good records were read as were asked for."""
        last = int(self._orders[kernel.LAST])
        return 0 < last <= self[kernel.GOOD]

    @property
    def found(self) -> Numbers:
        """int64[n, FOUND]: the records that are listed."""
        return self._found[: self.count[kernel.LISTED]]

    def __getitem__(self, counter: int) -> int:
        return int(self.count[counter])


def _byte(sign: str) -> int:
    encoded = sign.encode()
    return encoded[0] if len(encoded) == 1 else -1


def cells_of(record: bytes, dialect: Dialect) -> list[str]:
    """Return the texts of the fields of one record.

    >>> cells_of(b"a,'b, ''c',", Dialect(",", "'", "'"))
    ['a', "b, 'c", '']
    """
    data = np.frombuffer(record + b"\n", np.uint8)
    most = record.count(dialect.delimiter.encode()) + 1 if dialect.delimiter else 1
    walker = Walker(dialect, 0, columns=most, listed=1)
    walker.feed(data, True)
    if not walker.found.size:
        return []
    base, texts = address_of(data), []
    for start, stop, flags in walker.fields[: max(1, int(walker.found[0, 3]))].tolist():
        text = record[start - base : max(start, stop) - base].decode("utf-8", "replace")
        if flags & kernel.IS_ESCAPED:
            text = _unescaped(text, dialect)
        texts.append(text)
    return texts


def _unescaped(text: str, dialect: Dialect) -> str:
    if dialect.escape == dialect.quote:
        return text.replace(2 * dialect.quote, dialect.quote)
    parts, rest = [], text
    while rest:
        head, sign, rest = rest.partition(dialect.escape)
        parts.append(head)
        if sign:
            if not rest or rest[0] not in (dialect.quote, dialect.escape, "\r", "\n", dialect.delimiter[:1]):
                parts.append(sign)
            parts.append(rest[:1])
            rest = rest[1:]
    return "".join(parts)
