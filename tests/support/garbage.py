"""Garbage is collected less often in the tests: of thousands of them and all that was imported nothing becomes any."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

USUAL = gc.get_threshold()


def collect_less() -> None:
    """Look at nothing that is there now again, and less often at what comes; a sixth of the tests' time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture
def usual_garbage_collection() -> Iterator[None]:
    """For a test that measures memory: Python collects garbage as often as a user's process does."""
    set_here = gc.get_threshold()
    gc.set_threshold(*USUAL)
    yield
    gc.set_threshold(*set_here)
