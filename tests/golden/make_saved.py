"""Write one small saved result of each kind: what tests of loading and showing saved results begin from.

Run as ``python -m tests.golden.make_saved postgresql+psycopg://…`` with a database in which a table can be made. Files
of format version 1 must load in every later release, so there is no need to run it again.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sa

import colprofile
from tests.support.postgres_tables import run_all

FOLDER = Path(__file__).parent / "saved"
ROWS = 60


def table() -> pd.DataFrame:
    """A column of each kind, with exact and near dependencies."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 6, ROWS)
    frame = pd.DataFrame(
        {
            "x": x,
            "twice": 2 * x + 1,
            "near": [f"n{value // 2}" for value in x],
            "when": pd.date_range("2020-01-01", periods=ROWS),
            "half": np.where(x < 3, np.nan, rng.integers(0, 3, ROWS)),
            "same": 1,
            "id": range(ROWS),
        }
    )
    frame.loc[0, "near"] = "odd"
    return frame


def animals() -> pd.DataFrame:
    """Two kinds of rows."""
    weights = [4 + i % 7 / 10 if i % 2 == 0 else 20 + i % 31 / 3 for i in range(100)]
    return pd.DataFrame({"fur": ["cat", "dog"] * 50, "says": ["meow", "woof"] * 50, "weight": weights, "always": 1})


def main(url: str) -> None:
    """Write all files."""
    frame = table()
    later = frame.assign(x=(frame["x"] + 1) % 7, when=frame["when"] + pd.Timedelta(days=400), new=1)
    rows = "select i % 600, i % 600 / 10, {} + i / 2000, (random() * 3)::int from generate_series(1, 20000) i"
    create = "create table t (zip int, city int, day int, lonely int)"
    run_all(
        sa.make_url(url), [create, f"insert into t {rows.format(0)}", "analyze t", f"insert into t {rows.format(10)}"]
    )
    colprofile.profile(frame.drop(columns="same")).save(FOLDER / "profile.json")
    colprofile.audit(frame).save(FOLDER / "audit.json")
    colprofile.drift(frame, later.drop(columns="half")).save(FOLDER / "drift.json")
    colprofile.latent_classes(animals(), max_classes=3, bins=4).save(FOLDER / "latent_classes.json")
    colprofile.planner(url, "t", verify=True, progress=False).save(FOLDER / "planner.json")


if __name__ == "__main__":
    main(sys.argv[1])
