"""The end of a run before its time: Ctrl-C, and whatever else breaks the wait of the thread that called.

The work is done by other threads, while the thread that called waits. What is raised there (KeyboardInterrupt,
SystemExit of a signal's handler, TimeoutError of an alarm …) stops the work, and then goes on to the caller as it is.
"""

from __future__ import annotations

import contextlib
import importlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

ENDINGS = (CancelledError, TimeoutError)
"""What ends a run and is an Exception: whoever keeps errors of a part raises these first."""

_LOOK_SECONDS = 0.05
_PUSH_SECONDS = 0.01
_SPARK_HANDLERS = ("pyspark.core.context", "pyspark.context")


class Cancelled(BaseException):
    """The result is not needed any more: what works on it ends by this, and no ``except Exception`` keeps it."""


class Stop:
    """Whether a run is to end, and what makes the statements that run for it end."""

    def __init__(self) -> None:
        self._is_set = threading.Event()
        self._ends: list[Callable[[], object]] = []

    def ends_by(self, end: Callable[[], object]) -> None:
        """Call ``end``, from another thread, when the run is to end: once or many times."""
        self._ends.append(end)

    def set(self) -> None:
        """End the run, as far as that is not done: statements may begin after they were looked for."""
        self._is_set.set()
        for end in list(self._ends):
            with contextlib.suppress(Exception):  # its connection is closed, so that nothing runs
                end()

    def check(self) -> None:
        """Raise Cancelled where the run is to end."""
        if self._is_set.is_set():
            raise Cancelled


CURRENT: ContextVar[Stop | None] = ContextVar("CURRENT", default=None)
"""The Stop of the run that this thread works for."""

_finishing = threading.Event()

_KEEPS: ContextVar[bool] = ContextVar("_KEEPS", default=False)

_BLOCKS: ContextVar[tuple[threading.Event, ...]] = ContextVar("_BLOCKS", default=())


def check() -> None:
    """Raise Cancelled where the run that this thread works for is to end: to be called in every loop over data."""
    stop = CURRENT.get()
    if stop is not None:
        stop.check()


def watched(items: Iterable[T]) -> Iterator[T]:
    """Yield the items; raise Cancelled between two of them where the run is to end."""
    stop = CURRENT.get()
    for item in items:
        if stop is not None:
            stop.check()
        yield item


def ends_by(end: Callable[[], object]) -> None:
    """Call ``end``, from another thread, when the run that this thread works for is to end."""
    stop = CURRENT.get()
    if stop is not None:
        stop.ends_by(end)


@contextlib.contextmanager
def stop_on_exit() -> Iterator[None]:
    """Stop on leaving the block what was begun in it and still runs, in whatever thread: for asyncio.

    A thread cannot be cancelled from outside: where ``asyncio.wait_for`` or a task gives up waiting for
    ``asyncio.to_thread(profile, …)``, the thread goes on. Within this block it ends within a second, as on Ctrl-C;
    there the verb raises ``concurrent.futures.CancelledError``.

    Examples
    --------
    >>> import asyncio, colprofile
    >>> async def profiled(path: str, seconds: float) -> colprofile.Profile:
    ...     with colprofile.stop_on_exit():
    ...         return await asyncio.wait_for(asyncio.to_thread(colprofile.profile, path), seconds)
    """
    left = threading.Event()
    token = _BLOCKS.set((*_BLOCKS.get(), left))
    try:
        yield
    finally:
        left.set()
        _BLOCKS.reset(token)


def check_blocks() -> None:
    """Raise CancelledError where a block of ``stop_on_exit`` that this thread works for was left."""
    if any(left.is_set() for left in _BLOCKS.get()):
        raise CancelledError("the block of stop_on_exit was left")


def left_alone(
    work: Callable[..., T], *arguments: Any, look: Callable[[], object] = check, seconds: float | None = None
) -> T:
    """Return what some work gives that nothing can end, such as the wait for a server.

    It runs in a thread of its own. Where the run is to end, or ``look`` raises for another reason, it is left alone:
    nobody waits for it, and what it gives is lost. So it is after so many ``seconds``.

    Raises
    ------
    TimeoutError
        It takes longer than ``seconds``.
    """
    latest = None if seconds is None else time.monotonic() + seconds
    done = _begun(partial(copy_context().run, work, *arguments))
    ending = _Ending(done)
    with _only_raising():
        while not ending.wait(_LOOK_SECONDS):
            look()
            if latest is not None and time.monotonic() > latest:
                raise TimeoutError(f"no answer within {seconds:g} seconds")
    return done.result()


class _Ending:
    """The end of a future, to be waited for where signals come.

    ``concurrent.futures.wait`` takes the future's own lock each time. An exception of a signal's handler between that
    and the block that gives it back would leave it taken, and the work could then never say that it has ended.
    """

    def __init__(self, work: Future[Any]) -> None:
        self.has_come = False
        self._lock = threading.Lock()
        self._lock.acquire()
        work.add_done_callback(self._come)

    def _come(self, work: Future[Any]) -> None:
        self.has_come = True
        self._lock.release()

    def wait(self, seconds: float) -> bool:
        """Return whether it has come, after so many seconds at most."""
        if not self.has_come and self._lock.acquire(timeout=seconds):
            self._lock.release()
        return self.has_come


def import_whole(*names: str) -> None:
    """Import modules in a thread of their own, which goes on where the wait for it is broken off.

    An import that an exception ends on the way leaves modules behind that never work again in this process.
    """
    if not all(name in sys.modules for name in names):
        _begun(lambda: [importlib.import_module(name) for name in names]).result()


def _begun(work: Callable[[], T]) -> Future[T]:
    """Begin some work in a thread of its own, which the end of the process does not wait for."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done


def result_of(work: Future[T], stop: Callable[[], object], finishes: Callable[[], bool] = lambda: False) -> T:
    """Return a future's result; what breaks the wait is raised once the work has ended, which ``stop`` makes it do.

    ``stop`` is called until the work has ended. Where ``finishes`` says, on the first Ctrl-C, that the work ends by
    itself, its result is waited for.

    Raises
    ------
    BaseException
        What was raised in this thread while it waited, or by the work.
    CancelledError
        A block of ``stop_on_exit`` was left.
    """
    ending = _Ending(work)
    try:
        with _only_raising():
            while not ending.wait(_LOOK_SECONDS):
                check_blocks()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and finishes():
            _finishing.set()
            return result_of(work, stop)
        if isinstance(error, KeyboardInterrupt) and _KEEPS.get():
            _finishing.set()
        _end(ending, stop)
        raise
    return work.result()


@contextlib.contextmanager
def _only_raising() -> Iterator[None]:
    """Let Ctrl-C do nothing but raise: classic Spark would also end all jobs of its context."""
    handler = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or getattr(handler, "__module__", None) not in _SPARK_HANDLERS:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextlib.contextmanager
def kept_on_interrupt() -> Iterator[None]:
    """Let a Ctrl-C within the block end what runs, and the process go on: what was finished before has to be written.

    Whoever opens the block catches the KeyboardInterrupt outside of it.
    """
    token = _KEEPS.set(True)
    try:
        yield
    except KeyboardInterrupt:
        _finishing.set()
        raise
    finally:
        _KEEPS.reset(token)


def is_finishing() -> bool:
    """Whether a Ctrl-C in this process was answered by finishing: what was found has yet to be written."""
    return _finishing.is_set()


def _end(ending: _Ending, stop: Callable[[], object]) -> None:
    """Stop some work and wait until it has ended."""
    while not ending.has_come:
        with contextlib.suppress(BaseException):  # a second Ctrl-C: the first is on its way to the caller
            stop()
            time.sleep(_PUSH_SECONDS)


def interruptible(work: Callable[[], T], *, is_bound: bool) -> T:
    """Return what some work gives, which Ctrl-C ends: it runs in another thread, unless it is bound to this one.

    The work calls ``check`` now and then, and ``ends_by`` says how statements that it runs are ended.
    """
    stop = Stop()
    token = CURRENT.set(stop)
    try:
        if is_bound:
            return work()
        with ThreadPoolExecutor(1) as conductor:
            return result_of(conductor.submit(copy_context().run, work), stop.set)
    finally:
        CURRENT.reset(token)
