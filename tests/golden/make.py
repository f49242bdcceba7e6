"""Write the golden files: what the first release saved, which every later one must load.

Run as ``python -m tests.golden.make`` before the first release only. Afterwards the files never change: a later
release adds files of its own.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

import colprofile
from colprofile.results.profile import Profile
from colprofile.results.provenance import Provenance

FOLDER = Path(__file__).parent
PROFILE = FOLDER / "profile-0.1.0.json"
DRIFT = FOLDER / "drift-0.1.0.json"
ROWS = 3000


def table(shift: int = 0) -> pa.Table:
    """A column of each kind, two of them with more values than are listed."""
    numbers = range(shift, shift + ROWS)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "name": pa.array([f"näme-{i * 7919 % 100_003}" for i in numbers]),
            "group": pa.array([None if i % 50 == 0 else "abc"[(i + i // 7) % 3] for i in numbers]),
            "price": pa.array([float("nan") if i % 500 == 0 else i % 90 / 4 for i in numbers]),
            "day": pa.array([i // 100 for i in numbers], pa.date32()),
            "is_new": pa.array([i % 3 == 0 for i in numbers]),
        }
    )


def profile(shift: int = 0) -> Profile:
    """The profile of the table with a provenance that is the same in every run."""
    made = Provenance("golden.parquet", None, True, None, "ignore", "0.1.0", "2026-01-01T00:00:00+00:00", 0.5)
    return replace(colprofile.profile(table(shift)), provenance=made)


def main() -> None:
    """Write both files."""
    saved = profile()
    saved.save(PROFILE)
    found = colprofile.drift(saved, profile(700))
    replace(found, created="2026-01-01T00:00:00+00:00", duration=0.5).save(DRIFT)


if __name__ == "__main__":
    main()
