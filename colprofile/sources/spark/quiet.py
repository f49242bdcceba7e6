"""quiet: what Spark's Python says for its own developers, and nobody else needs, is not said."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import warnings
from collections.abc import Iterator

_TRACES = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
"""The loggers that write an error to standard error as JSON with all its frames, besides raising it."""

_WARNING = r"(pyspark|databricks|grpc|google|py4j|colprofile\.sources\.spark)(\.|$)"
"""The modules whose warnings are kept from the user, as a regular expression."""

_lock = threading.Lock()
_users = 0
_changed = contextlib.ExitStack()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep pyspark's warnings and its traces of errors from standard error until the block is left.

    What is raised says all that there is to say. Several threads may be in such blocks at once: the first changes what
    Python has only once for all of them, and the last gives it back as it was.
    """
    global _users
    with _lock:
        if not _users:
            _change()
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                _changed.close()


def _change() -> None:
    _changed.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", module=_WARNING)
    for logger in _loggers():
        _changed.callback(setattr, logger, "disabled", logger.disabled)
        logger.disabled = True


def _loggers() -> list[logging.Logger]:
    with contextlib.suppress(ImportError):  # only pyspark 4 has such
        from pyspark.logger import PySparkLogger

        return [PySparkLogger.getLogger(name) for name in _TRACES]
    return []


@contextlib.contextmanager
def quiet_child() -> Iterator[None]:
    """Let processes that are begun within the block write to nowhere what they write to standard error.

    A Java that Spark starts has it as long as it runs, and takes no other place for it. What this process writes there
    in the meantime is lost too.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
