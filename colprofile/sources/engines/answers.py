"""answer: what an engine gives, without a wait that nothing ends, and with its errors as one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from colprofile.errors import ColprofileError, SourceError
from colprofile.sources.duckdb import first_line
from colprofile.stopping import left_alone

T = TypeVar("T")


def answer(work: Callable[[], T], description: str) -> T:
    """Return what an engine gives; it is not waited for where the run is to end.

    Raises
    ------
    SourceError
        The engine fails, or a function of the user's own on its workers.
    """
    try:
        return left_alone(work)
    except (ColprofileError, MemoryError):
        raise
    except Exception as error:
        raise SourceError(f"cannot read {description}: {first_line(_cause(error))}") from error


def _cause(error: BaseException) -> BaseException:
    """Return what a user's function raised: Ray wraps it in words of its own and the traceback of the worker."""
    while (inner := getattr(error, "cause", None) or error.__cause__) is not None:
        error = inner
    return error
