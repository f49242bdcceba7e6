"""Flights and zip codes as Parquet files, and what is found in flights: made once in a run of the tests."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.run_cache import locked, made_once, run_folder

if TYPE_CHECKING:
    import colprofile


@pytest.fixture(scope="session")
def parquet_files(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder with flights.parquet and zipcodes.parquet; tests only read it."""
    from colprofile.demo import flights_parquet, zipcodes_parquet

    folder = run_folder(tmp_path_factory, worker_id) / "parquet-files"
    with locked(folder):
        if not folder.exists():
            folder.mkdir()
            flights_parquet(folder)
            zipcodes_parquet(folder)
    return folder


@pytest.fixture(scope="session")
def flights_audit(parquet_files: Path) -> colprofile.Audit:
    """``audit("flights.parquet")``."""
    import colprofile

    def audit() -> colprofile.Audit:
        with contextlib.chdir(parquet_files):
            return colprofile.audit("flights.parquet")

    return made_once(parquet_files / "audit.pickle", audit)


@pytest.fixture(scope="session")
def flights_profile(parquet_files: Path) -> colprofile.Profile:
    """``profile("flights.parquet")``."""
    import colprofile

    def profile() -> colprofile.Profile:
        with contextlib.chdir(parquet_files):
            return colprofile.profile("flights.parquet")

    return made_once(parquet_files / "profile.pickle", profile)
