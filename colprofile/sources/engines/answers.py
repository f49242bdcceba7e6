"""answer: what an engine gives, without a wait that nothing ends, and with its errors as one line."""

from __future__ import annotations

import re
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
        raise SourceError(f"cannot read {description}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    """Return the first line of what was raised first: Ray only has it in the text of its worker's traceback."""
    raised = re.search(r"^ +.*\n((?:\w+\.)*\w+: .+)$", str(error), re.MULTILINE)
    return raised[1] if raised and type(error).__module__.startswith("ray.") else first_line(error)
