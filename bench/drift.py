"""Stale against fresh: halves of flights compared with scipy and Evidently, ten million rows with SUMMARIZE."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from bench import data, peers
from bench.harness import Measurement, Run, Timing, case, timed

ENVIRONMENT = peers.ROOT / ".venv-peers-evidently"
REQUIREMENTS = ("evidently>=0.7", "pandas<3", "pyarrow>=18")
"""In an environment of its own: Evidently does not run with pandas 3."""


@case("drift")
def drift_against_scipy(run: Run) -> list[Measurement]:
    """drift() of two halves of flights, both counted, against pandas' value_counts and scipy's entropy."""
    import colprofile

    with data.flights(data.SMALL_ROWS if run.small else None) as connection:
        stale, fresh = (connection.execute(f"from flights where hash(flight, day) % 2 = {k}").df() for k in (0, 1))
        check(colprofile.drift(stale, fresh), scipy_loop(stale, fresh))
        times = run.interleave(
            {"colprofile": lambda: colprofile.drift(stale, fresh), "scipy": lambda: scipy_loop(stale, fresh)}
        )
    return [
        run.compare(
            "flights: drift() of two halves",
            times["colprofile"],
            times["scipy"],
            "value_counts and scipy",
            note="scipy computes the KL divergence only, over every value",
        )
    ]


def scipy_loop(stale: object, fresh: object) -> dict[str, float]:
    """Return KL(fresh ‖ stale) of every column in bits, Jeffreys-smoothed where a value is new."""
    import pandas as pd
    import scipy.stats

    assert isinstance(stale, pd.DataFrame) and isinstance(fresh, pd.DataFrame)
    found = {}
    for name in stale.columns:
        q, p = stale[name].value_counts(), fresh[name].value_counts()
        q, p = q.align(p, fill_value=0)
        added = 0.5 if bool(((q == 0) & (p > 0)).any()) else 0.0
        found[name] = float(scipy.stats.entropy(p.to_numpy(float), q.to_numpy(float) + added, base=2))
    return found


def check(found: object, expected: dict[str, float]) -> None:
    """Make sure that both sides find the same KL wherever values are compared one by one."""
    from colprofile import Drift

    assert isinstance(found, Drift)
    compared = [column for column in found.columns if not column.is_lower_bound]
    ours = np.array([column.kl_divergence for column in compared], float)
    theirs = np.array([expected[column.name] for column in compared])
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


@case("drift-large")
def drift_against_summarize(run: Run) -> list[Measurement]:
    """drift() of ten million fresh rows against a saved profile, compared with SUMMARIZE of the fresh table."""
    import colprofile

    with (
        tempfile.TemporaryDirectory() as folder,
        data.open_read_only(data.large_database(run.folder, small=run.small)) as connection,
    ):
        connection.execute("set enable_progress_bar = false")
        saved = Path(folder) / "stale.json"
        colprofile.profile(connection, "from flights where year <= 2030", pairs=False).save(saved)
        times = run.interleave(
            {
                "colprofile": lambda: colprofile.drift(saved, connection, fresh_table="flights"),
                "summarize": lambda: connection.execute("summarize flights").fetchall(),
            }
        )
    return [
        run.compare(
            "10 M × 19: drift() against a saved profile",
            times["colprofile"],
            times["summarize"],
            "SUMMARIZE",
            share=0.5,
        )
    ]


@case("drift-evidently", peers=True)
def drift_against_evidently(run: Run) -> list[Measurement]:
    """drift() of two halves of flights as Parquet files, against Evidently's data-drift preset on the same files."""
    import colprofile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with data.flights(data.SMALL_ROWS if run.small else None) as connection:
            for k, half in enumerate(("stale", "fresh")):
                query = f"from flights where hash(flight, day) % 2 = {k}"
                connection.execute(f"copy ({query}) to '{folder / half}.parquet' (format parquet)")
        stale, fresh = folder / "stale.parquet", folder / "fresh.parquet"
        python = peers.install(run.say, ENVIRONMENT, REQUIREMENTS)
        with peers.worker(python, folder) as peer:
            version = str(peer.ask("evidently version").get("version", "evidently"))
            what = "flights: drift of two halves"
            try:
                times = run.measure(
                    {
                        "colprofile": timed(lambda: colprofile.drift(stale, fresh)),
                        "peer": lambda: peer.seconds("evidently"),
                    },
                    repeat=3,
                )
            except RuntimeError as error:
                return [Measurement(what, "", version, None, "×", note=f"{version} does not run: {error}")]
    timing = {side: Timing(tuple(seconds)) for side, seconds in times.items()}
    return [run.compare(what, timing["colprofile"], timing["peer"], version, faster=20, note="both read the files")]
