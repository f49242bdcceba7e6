"""Session: an opened source, and the threads that count it while the main thread waits for them or for Ctrl-C."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from math import comb, isqrt
from typing import TypeVar

from colprofile.counting.marginal import ColumnMarginal
from colprofile.counting.scratch import Scratch
from colprofile.errors import ArgumentError, ColprofileError, SourceNotFound, did_you_mean, shorten
from colprofile.progress import Progress
from colprofile.results.column import ColumnProfile
from colprofile.results.histogram import Histogram
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.provenance import SkippedColumn
from colprofile.results.saved import refuse_saved
from colprofile.room import room_errors
from colprofile.sources.base import Source, SourceColumn
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.open import is_thread_bound, open_source
from colprofile.sources.options import InputKeywords
from colprofile.sources.sampled import SampledSource, checked_sample
from colprofile.sources.turns import turn
from colprofile.stopping import CURRENT, Stop, result_of
from colprofile.values import is_same_type, value_family
from colprofile.verbs.profile.bounded_pairs import PAIR_BYTES
from colprofile.verbs.profile.columns import column_profile
from colprofile.verbs.profile.limits import Memory, memory_shares, raised_limit, worker_count
from colprofile.verbs.profile.options import Counting, Reading
from colprofile.verbs.profile.provenance import provenance_now

T = TypeVar("T")


MOST_PAIRS = 1_000_000
"""Pairs of one run: those of 1,414 columns take minutes and 2 GB. All pairs of 40,000 columns would take days."""


_BATCHES = 16
"""A batch of rows takes this part of the memory for counting, or less: some are on their way at a time."""


_FURTHER = 8
"""What is made from all codes may take this part of the memory, at a byte for each."""


class Session:
    """A source that is being counted, until ``counting_session`` is left.

    Attributes
    ----------
    source, counting
        What is counted.
    inputs
        How files are read, as it was given.
    columns, skipped
        The chosen columns that can be counted, and those that cannot.
    workers, executor
        How many threads count, and what runs work in them.
    memory_limit
        Bytes of memory that values, codes and what is made from them may take.
    scratch
        Temporary files, for what takes more.
    resources
        Closed when the session is left.
    """

    def __init__(
        self,
        source: Source,
        counting: Counting,
        inputs: InputKeywords,
        workers: int,
        memory: Memory,
        progress: Progress,
        stop: Stop,
        conductor: Executor,
        resources: contextlib.ExitStack,
    ) -> None:
        self.source = source
        self.counting = counting
        self.inputs = inputs
        self.workers = workers
        self.memory_limit = memory.counting
        self.scratch = resources.enter_context(Scratch(memory.process))
        self.resources = resources
        chosen = _chosen(source, counting)
        self.columns = [column for column in chosen if column.expression is not None]
        self.skipped = tuple(
            SkippedColumn(column.name, column.type, column.reason or "")
            for column in chosen
            if column.expression is None
        )
        self._noted: list[str] = []
        self._histograms = _matching_histograms(counting.like, chosen) if counting.like is not None else {}
        self._progress = progress
        self._began = time.perf_counter()
        self._stop = stop
        # One thread more than cores: it reads ahead, and mostly waits for DuckDB's own threads.
        self.executor: Executor = resources.enter_context(ThreadPoolExecutor(workers + 1))
        self._conductor = conductor

    def note(self, sentence: str) -> None:
        """Keep a sentence that the reader of the profile should know."""
        self._noted.append(sentence)

    def check_pairs(self) -> None:
        """Raise ArgumentError where pairs are to be counted and there are more than can be."""
        if self._has_too_many_pairs():
            amount, pairs = len(self.columns), comb(len(self.columns), 2)
            raise ArgumentError(
                f"{amount:,} columns have {pairs:,} pairs, and at most {MOST_PAIRS:,} are counted: "
                f"name up to {_most_columns():,} columns with columns="
            )

    def limit_pairs(self) -> None:
        """Count columns alone, and note it, where nothing was asked about pairs and there are more than can be counted.

        Raises
        ------
        ArgumentError
            Some pairs were asked for.
        """
        if self.counting.sampling.is_of_pairs:
            self.check_pairs()
        elif self._has_too_many_pairs():
            self.counting = replace(self.counting, pairs=False)
            self._noted.append(
                f"Pairs were left out: {len(self.columns):,} columns have {comb(len(self.columns), 2):,}, and at most "
                f"{MOST_PAIRS:,} are counted. Name up to {_most_columns():,} columns to have their pairs."
            )

    @property
    def most_pairs(self) -> int:
        """How many pairs are counted where they are bounded: their profiles take up to half of the memory."""
        return min(MOST_PAIRS, self.memory_limit // 2 // PAIR_BYTES)

    def scratch_for(self, rows: int) -> Scratch | None:
        """Return where to keep a further byte or more for each row of each column; None where memory has room."""
        return self.scratch if rows * len(self.columns) > self.memory_limit // _FURTHER else None

    def _has_too_many_pairs(self) -> bool:
        return self.counting.pairs and not self.counting.are_pairs_bounded and comb(len(self.columns), 2) > MOST_PAIRS

    def run(self, work: Callable[[], T], finishes: Callable[[], bool] = lambda: False) -> T:
        """Return what ``work`` gives, run in another thread.

        On Ctrl-C the work is cancelled, unless ``finishes`` makes it end by itself; then it is waited for.
        Whatever else is raised in this thread while it waits cancels the work.

        Raises
        ------
        BaseException
            What broke the wait, once the work has ended.
        """
        return result_of(_submitted(self._conductor, work), self._stop.set, finishes)

    def check(self) -> None:
        """Raise Cancelled where the user gave up."""
        self._stop.check()

    def report(self, label: str, done: int, total: int | None) -> None:
        """Show progress; raise Cancelled where the user gave up."""
        self.check()
        self._progress.update(label, done, total)

    def column_profile(
        self, column: SourceColumn, counts: ColumnMarginal, rows: int, stored: Mapping[str, int]
    ) -> ColumnProfile:
        """Return the profile of a column from its counts over ``rows`` rows and the bytes ``stored`` by column."""
        self.check()
        histogram = self._histograms.get(column.name)
        size = stored.get(column.name)
        return column_profile(column, counts, rows, self.counting.nulls, size, histogram, self.counting.is_compared)

    def profile(
        self,
        rows: int,
        columns: Sequence[ColumnProfile] = (),
        pairs: Sequence[PairProfile] = (),
        notes: Iterable[str] = (),
    ) -> Profile:
        """Return the counted columns and pairs as a Profile without what is made from all of them together."""
        looked_at = [column.sampled_rows for column in columns] + [pair.sampled_rows for pair in pairs]
        reading = self.source.reading
        drawn = self.source.sampled_rows if isinstance(self.source, SampledSource) else None
        sampled = max((rows for rows in looked_at if rows is not None), default=drawn)
        note = [self.source.sampling_note] if sampled is not None and self.source.sampling_note else []
        return Profile(
            rows=rows,
            columns=tuple(columns),
            pairs=tuple(pairs),
            skipped=self.skipped,
            has_pairs=self.counting.pairs,
            provenance=provenance_now(
                self.source.description,
                self.source.table,
                is_exact=sampled is None and not (reading and reading.rejected_rows),
                sampled_rows=sampled,
                nulls=self.counting.nulls,
                duration=time.perf_counter() - self._began,
                reading=reading,
            ),
            notes=(*_notes(columns, self.counting.nulls), *self._noted, *notes, *note),
        )


@contextlib.contextmanager
def counting_session(source: object, table: str | None, counting: Counting, reading: Reading) -> Iterator[Session]:
    """Open a source and the threads that count it; leaving closes everything.

    Raises
    ------
    SourceError, SourceNotFound, SourceBusy
        The data cannot be opened, or lacks a column.
    NoRoom
        Memory, threads or the disk for temporary files are used up.
    ArgumentError
        An option is outside what is allowed.
    """
    refuse_saved(source)
    checked_sample(reading.sample_rows)
    workers = worker_count(reading.threads)
    memory = memory_shares(reading.memory_limit)
    with _clear_errors(), contextlib.ExitStack() as resources:
        progress = resources.enter_context(Progress(reading.progress, "opening the data"))
        resources.enter_context(turn(source))
        stop = Stop()
        token = CURRENT.set(stop)
        resources.callback(CURRENT.reset, token)
        conductor = resources.enter_context(ThreadPoolExecutor(1))

        def end_on_error(kind: type[BaseException] | None, *_: object) -> None:
            """End what still runs where something breaks off between two waits, not what others run on a connection."""
            if kind is not None and not issubclass(kind, ColprofileError):
                stop.set()

        resources.push(end_on_error)  # before the conductor is waited for
        opened = resources.enter_context(_opened(source, table, memory, reading, conductor, stop))
        stop.ends_by(opened.interrupt)
        if isinstance(opened, DuckDBSource):
            opened.batch_bytes = memory.counting // _BATCHES
        if reading.sample_rows is not None:
            opened = resources.enter_context(SampledSource(opened, reading.sample_rows, reading.seed))
        resources.callback(conductor.shutdown)  # before the source is closed
        session = Session(opened, counting, reading.inputs, workers, memory, progress, stop, conductor, resources)
        if raised := raised_limit(reading.memory_limit):
            session.note(f"{raised[0].upper()}{raised[1:]}.")
        resources.push(end_on_error)  # before all else, the threads of the session too
        yield session


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    """Say what is used up, and that DuckDB was interrupted: it says so itself where it heard of a signal first."""
    with room_errors():
        try:
            yield
        except RuntimeError as error:
            if "Query interrupted" in str(error):
                raise KeyboardInterrupt from error
            raise


def _submitted(executor: Executor, work: Callable[[], T]) -> Future[T]:
    """Begin some work in the context of this thread."""
    return executor.submit(copy_context().run, work)


def _opened(
    source: object, table: str | None, memory: Memory, reading: Reading, conductor: Executor, stop: Stop
) -> Source:
    """Open a source: in the conductor's thread, so that the wait for it can be broken off, unless it must be here."""

    def open_it() -> Source:
        return open_source(
            source,
            table,
            memory_limit=memory.database,
            threads=memory.readers(reading.threads),
            fetch=reading.fetch,
            statement_timeout=reading.statement_timeout,
            **reading.inputs,
        )

    if is_thread_bound(source):
        return open_it()
    work = _submitted(conductor, open_it)
    try:
        return result_of(work, stop.set)
    except BaseException:
        with contextlib.suppress(BaseException):
            work.result().__exit__(None, None, None)  # it was opened all the same
        raise


def _most_columns() -> int:
    """Return how many columns have no more pairs than can be counted."""
    return (1 + isqrt(1 + 8 * MOST_PAIRS)) // 2


def _chosen(source: Source, counting: Counting) -> list[SourceColumn]:
    names = counting.columns
    if names is None:
        return list(source.columns)
    if counting.is_compared:
        return [column for column in source.columns if column.name in names]
    by_name = {column.name: column for column in reversed(source.columns)}
    chosen: list[SourceColumn] = []
    for name in names:
        if name not in by_name:
            raise SourceNotFound(f"no column {shorten(name)!r} in {source.description}. {did_you_mean(name, by_name)}")
        if by_name[name] in chosen:
            raise ArgumentError(f"column {shorten(name)!r} is named twice: name each once")
        chosen.append(by_name[name])
    if not chosen:
        raise ArgumentError("columns= is empty: name at least one, or leave it out for all")
    return chosen


def _matching_histograms(profile: Profile, columns: Iterable[SourceColumn]) -> Mapping[str, Histogram]:
    """Return by name the profile's histograms that columns of a source can be counted on: those of the same family.

    Keys mean something for values of one type alone: with another, values are compared by their texts.
    """
    found: dict[str, Histogram] = {}
    known = {column.name: column for column in reversed(profile.columns)}
    for column in columns:
        other = known.get(column.name)
        if other and value_family(column.kind, column.type) == value_family(other.kind, other.type):
            is_same = is_same_type(column.type, other.type)
            found[column.name] = other.histogram if is_same else other.histogram.without_keys()
    return found


def _notes(columns: Sequence[ColumnProfile], nulls: str) -> Iterator[str]:
    """Yield what the reader of these profiles should know."""
    if not columns:
        return
    if nulls == "value":
        yield "NULL is counted as a value of its own in entropies and pairs."
