"""Tasks that run in parallel and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait
from typing import TypeVar

T = TypeVar("T")


def run_all(
    executor: Executor, tasks: Sequence[Callable[[], T]], stop: threading.Event, progress: Callable[[int, int], None]
) -> list[T]:
    """Return the results of tasks run in parallel, in their order; those not begun when ``stop`` is set are left out.

    ``progress`` is called in the calling thread with how many tasks have ended and how many there are. If it raises,
    all tasks are cancelled.
    """

    def begin(task: Callable[[], T]) -> T | None:
        return None if stop.is_set() else task()

    futures = [executor.submit(begin, task) for task in tasks]
    try:
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=0.1)
            for future in done:
                future.result()
            progress(len(futures) - len(pending), len(futures))
    except BaseException:
        stop.set()
        for future in futures:
            future.cancel()
        raise
    found = [future.result() for future in futures]
    return [result for result in found if result is not None]
