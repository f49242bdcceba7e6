"""Tasks that run in parallel and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, wait
from typing import Any, TypeVar

T = TypeVar("T")

_RUNS = 256
"""Tasks that very many items are shared out to: a task of its own for each would cost more than its work."""


def map_all(executor: Executor, function: Callable[..., T], *items: Iterable[Any]) -> list[T]:
    """Return what a function gives for each item, in their order, worked out in parallel; neighbours share a task.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as executor:
    ...     sum(map_all(executor, pow, range(1000), [2] * 1000))
    332833500
    """
    given = list(zip(*items, strict=True))
    size = max(1, len(given) // _RUNS)

    def work(begin: int) -> list[T]:
        return [function(*each) for each in given[begin : begin + size]]

    return [result for run in executor.map(work, range(0, len(given), size)) for result in run]


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
