"""Progress on standard error: shown only to a terminal, and only for work that takes over a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

_PATIENCE = 1.0


class Progress:
    """A progress line that appears after a second. Use it as a context manager; leaving it erases the line.

    By default it is shown where standard error is a terminal.
    """

    def __init__(self, is_shown: bool | None = None) -> None:
        self._is_shown = sys.stderr.isatty() if is_shown is None else is_shown
        self._began = time.monotonic()
        self._bar: RichProgress | None = None
        self._label = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def update(self, label: str, done: int, total: int | None) -> None:
        """Show that ``done`` of ``total`` (None: not known) are done of what ``label`` names."""
        if not self._is_shown or time.monotonic() - self._began < _PATIENCE:
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
            self._bar.add_task(label, total=total)
        self._bar.update(self._bar.task_ids[0], description=label, completed=done, total=total)


def _bar() -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
