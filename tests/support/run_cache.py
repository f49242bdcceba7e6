"""What takes long to make is made once in a whole run of the tests, whichever process of pytest-xdist comes first."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


def run_folder(factory: pytest.TempPathFactory, worker: str) -> Path:
    """The temporary folder that all processes of this run share; ``worker`` is pytest-xdist's fixture worker_id."""
    base = factory.getbasetemp()
    return base if worker == "master" else base.parent


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let no other process of the run in at the same time."""
    with open(path.with_name(f"{path.name}.lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def made_once(path: Path, make: Callable[[], T]) -> T:
    """Return what ``make`` returned to the first process that asked, kept at ``path`` for the others."""
    with locked(path):
        if not path.exists():
            made = make()
            path.write_bytes(pickle.dumps(made))
            return made
    found: T = pickle.loads(path.read_bytes())
    return found
