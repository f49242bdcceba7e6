"""Heads: what the workers say of their chunks; their values are put together here, as those of any other table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from colprofile.counting.buffers import CodeArray
from colprofile.counting.coded import CodedTable
from colprofile.counting.marginal import Counts, Marginal
from colprofile.counting.missing import Pattern
from colprofile.sources.base import SourceColumn
from colprofile.sources.partitions.chunks import bytes_to_steps, split, steps_to_bytes
from colprofile.sources.partitions.engine import Blobs
from colprofile.sources.partitions.source import PartitionedSource
from colprofile.stopping import watched
from colprofile.verbs.profile.count_table import encoded
from colprofile.verbs.profile.quality.table import EXAMPLE_ROWS
from colprofile.verbs.profile.session import Session

CODES_BYTES = 1 << 26
"""What workers are sent to find the code of each of their values, at most: it goes along with every task."""


class TooManyValues(Exception):
    """The columns have more values than can be sent back to the workers."""


class Heads:
    """The heads of all chunks. Chunks of one digest are the same, and are kept once.

    Attributes
    ----------
    rows
        Of all chunks.
    chunks
        How many there are of each digest.
    patterns
        Which columns are NULL together, in how many rows.
    code_bytes
        What the codes of all values take, once they are merged.
    """

    def __init__(self, session: Session, blobs: Blobs) -> None:
        self.rows = 0
        self.chunks: Counter[int] = Counter()
        self.patterns: Counter[Pattern] = Counter()
        self.code_bytes = 0
        self._session = session
        self._file = session.scratch.file()
        self._places: list[list[tuple[int, int]]] = []
        self._digests: list[int] = []
        self._nulls: list[Counts] = []
        self._first: list[tuple[int, Counts]] = []
        for digest, head in watched(blobs.fetched()):
            nulls, first, patterns, *values = split(head)
            amount, *nulls_of = np.frombuffer(nulls, np.int64).tolist()
            self.rows += amount
            self.chunks[digest] += 1
            self._add_patterns(*split(patterns))
            if sum(rows.shape[1] for _, rows in self._first) < EXAMPLE_ROWS:
                self._first.append((digest, np.frombuffer(first, np.int64).reshape(len(nulls_of), -1)))
            if self.chunks[digest] == 1:
                self._digests.append(digest)
                self._nulls.append(np.array(nulls_of, np.int64))
                self._places.append([(self._file.append(part), len(part)) for part in values])
            if self._file.size > session.memory_limit:
                raise TooManyValues
            session.report("reading rows", self.rows, None)

    def _add_patterns(self, amounts: bytes, bits: bytes) -> None:
        many = np.frombuffer(amounts, np.int64)
        is_null = np.unpackbits(np.frombuffer(bits, np.uint8).reshape(many.size, -1), axis=1)
        for amount, row in zip(many.tolist(), is_null, strict=True):
            self.patterns[tuple(np.flatnonzero(row).tolist())] += amount

    def merged(self, source: PartitionedSource) -> tuple[list[Marginal], dict[int, list[bytes]]]:
        """Return the columns' marginals, and for each chunk, by its digest, the code of each local code of a column.

        The codes are packed by ``steps_to_bytes``.

        Raises
        ------
        TooManyValues
            The codes take more than CODES_BYTES.
        """
        marginals: list[Marginal] = []
        codes: dict[int, list[bytes]] = {digest: [] for digest in self._digests}
        size = 0
        for number, column in enumerate(self._session.columns):
            self._session.report("describing columns", number, len(self._session.columns))
            marginal, parts = self._merged(source, number, column)
            marginals.append(marginal)
            for digest, part in zip(self._digests, parts, strict=True):
                codes[digest].append(part)
                size += len(part)
            if size > CODES_BYTES:
                raise TooManyValues
            self.code_bytes = size
        return marginals, codes

    def _merged(self, source: PartitionedSource, number: int, column: SourceColumn) -> tuple[Marginal, Iterator[bytes]]:
        lengths: list[int] = []
        rows: list[Counts] = []

        def values() -> Iterator[pa.Array]:
            for digest, places in zip(self._digests, self._places, strict=True):
                begin, size = places[number]
                batch = pa.ipc.open_stream(pa.py_buffer(self._file.read(begin, size))).read_next_batch()
                lengths.append(batch.num_rows)
                rows.append(batch.column(1).to_numpy() * self.chunks[digest])
                if batch.num_rows:
                    yield batch.column(0)

        session = self._session
        schema, batches = source.values_read(column, values())
        # The files are the session's, and stay as long as it does.
        table = encoded(session, schema, batches, lambda _: session.check(), columns=[column])
        found, counts = table.codes[0], np.zeros(table.marginals[0].counts.size + 1, np.int64)
        begin = 0
        for length, amounts in zip(lengths, rows, strict=True):
            # Sums of a chunk's rows are exact in doubles.
            counts += np.bincount(found[begin : begin + length], amounts, counts.size).astype(np.int64)
            begin += length
        nulls = sum(
            int(each[number]) * self.chunks[digest] for digest, each in zip(self._digests, self._nulls, strict=True)
        )
        marginal = Marginal(nulls + int(counts[0]), counts[1:], table.marginals[0].dictionary)
        return marginal, _by_chunk(found, lengths)

    def first_rows(self, marginals: list[Marginal], codes: dict[int, list[bytes]]) -> CodedTable:
        """Return rows of the chunks that came first, as many as are shown or more."""
        parts = [
            [bytes_to_steps(of)[row] for of, row in zip(codes[digest], rows, strict=True)]
            for digest, rows in self._first
        ]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return CodedTable(columns[0].size, columns, marginals)


def _by_chunk(codes: CodeArray, lengths: list[int]) -> Iterator[bytes]:
    """Yield for each chunk the code of each of its local codes, NULL's 0 first."""
    begin = 0
    for length in lengths:
        yield steps_to_bytes(np.append(0, codes[begin : begin + length]))
        begin += length
