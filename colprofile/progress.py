"""Progress on standard error: shown only to a terminal, and only for work that takes over a second."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING

from colprofile.standard import is_terminal, opened, write_error
from colprofile.stopping import check

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

_PATIENCE = 1.0


class _Start:
    """The time from a command's first moment to its first Progress: a word appears where that takes a second."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._is_shown = False
        if is_terminal(sys.stderr):
            threading.Thread(target=self._show_in_time, daemon=True).start()

    def _show_in_time(self) -> None:
        if self._is_over.wait(_PATIENCE):
            return
        with self._lock:
            if not self._is_over.is_set():
                write_error("starting …")
                self._is_shown = True

    def end(self) -> None:
        """Take the word away."""
        self._is_over.set()
        with self._lock:
            if self._is_shown:
                write_error("\r\x1b[K")
                self._is_shown = False


_START: ContextVar[_Start | None] = ContextVar("_START", default=None)
_CURRENT: ContextVar[Progress | None] = ContextVar("_CURRENT", default=None)


def report(label: str, done: int, total: int | None) -> None:
    """Show how far some work is, in the Progress that is open; without one, nothing is shown.

    Raises
    ------
    Cancelled
        The run is to end.
    """
    check()
    current = _CURRENT.get()
    if current is not None:
        current.update(label, done, total)


@contextlib.contextmanager
def waiting_since_now() -> Iterator[None]:
    """Count the second of every Progress within from now on: whoever typed a command waits for its imports too."""
    start = _Start()
    token = _START.set(start)
    try:
        yield
    finally:
        start.end()
        _START.reset(token)


def end_of_start() -> None:
    """Take away the word that a command is starting: now something else is shown."""
    start = _START.get()
    if start is not None:
        start.end()


class Progress:
    """A progress line that appears after a second, whether or not there is news. Leaving it erases the line.

    Use it as a context manager. By default it is shown where standard error is a terminal.

    Parameters
    ----------
    is_shown
        Whether to show it; None for where standard error is a terminal.
    label
        What is done first, before the first ``update``.
    """

    def __init__(self, is_shown: bool | None = None, label: str = "") -> None:
        is_asked = is_terminal(sys.stderr) if is_shown is None else is_shown
        self._is_shown = is_asked and opened(sys.stderr) is not None
        start = _START.get()
        self._began = time.monotonic() if start is None else start.began
        self._latest: tuple[str, int, int | None] = (label, 0, None)
        self._bar: RichProgress | None = None
        self._shown = ""
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._outer: Progress | None = None
        self._heading = ""

    def __enter__(self) -> Progress:
        end_of_start()
        self._outer = _CURRENT.get()
        _CURRENT.set(self)
        if self._is_part:
            self.update(*self._latest)
        elif self._is_shown:
            threading.Thread(target=self._show_in_time, daemon=True).start()
        return self

    @contextlib.contextmanager
    def headed(self, heading: str) -> Iterator[None]:
        """Show what is done within the block behind a heading, in this line: another Progress within shows none."""
        self._heading = heading
        try:
            yield
        finally:
            self._heading = ""

    @property
    def _is_part(self) -> bool:
        """Whether another line shows what is done: that around this one, where it has a heading."""
        return self._outer is not None and bool(self._outer._heading)

    def __exit__(self, *exception: object) -> None:
        self._left.set()
        _CURRENT.set(self._outer)
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
                self._bar = None

    def update(self, label: str, done: int, total: int | None) -> None:
        """Show that ``done`` of ``total`` (None: not known) are done of what ``label`` names."""
        if self._outer is not None and self._is_part:
            self._outer.update(label, done, total)
            return
        self._latest = f"{self._heading}: {label}" if self._heading else label, done, total
        if self._is_shown and time.monotonic() - self._began >= _PATIENCE:
            self._show()

    def _show_in_time(self) -> None:
        """Show the line when its time has come, unless the work is over."""
        if not self._left.wait(self._began + _PATIENCE - time.monotonic()):
            self._show()

    def _show(self) -> None:
        label, done, total = self._latest
        with self._lock:
            if self._left.is_set():
                return
            if self._bar is None:
                self._bar = _bar()
                self._bar.start()
                self._bar.add_task(label, total=total)
            known = total if total and done <= total else None
            task = self._bar.tasks[0]
            task.total = known
            text = progress_text(label, done, known)
            # What is new is shown at once, what has only grown when the line is drawn again.
            self._bar.update(task.id, description=text, completed=done, refresh=label != self._shown)
            self._shown = label


def progress_text(label: str, done: int, total: int | None) -> str:
    """Return how far the work is.

    >>> progress_text("reading rows", 1_200_000, 10_000_000), progress_text("reading rows", 1_200_000, None)
    ('reading rows 1,200,000 of 10,000,000', 'reading rows 1,200,000')
    >>> progress_text("opening trips.csv", 0, None)
    'opening trips.csv'
    """
    if total is not None:
        return f"{label} {done:,} of {total:,}"
    return f"{label} {done:,}" if done else label


def _bar() -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
