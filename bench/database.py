"""The audit of a whole database: all tables and what lies between them, against SUMMARIZE of all tables."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from bench import tpch
from bench.data import open_read_only
from bench.harness import Measurement, Run, Target, case, processor_note

_MEMORY = 4e9


@case("audit-database", peers=True)
def audit_against_summarize(run: Run) -> list[Measurement]:
    """audit() of TPC-H's eight tables in a DuckDB file against SUMMARIZE of each; and how much memory it takes."""
    import colprofile

    path = tpch.database(run)
    with open_read_only(path) as connection:
        connection.execute("set enable_progress_bar = false")

        def summarize() -> None:
            for table in tpch.TABLES:
                connection.execute(f"summarize {table}").fetchall()

        times = run.interleave(
            {"colprofile": lambda: colprofile.audit(path, progress=False), "summarize": summarize}, repeat=3
        )
    what = f"TPC-H, scale factor {'0.01' if run.small else '1'}, 8 tables"
    peak = _peak(path)
    return [
        run.compare(
            f"{what}: audit() of the database",
            times["colprofile"],
            times["summarize"],
            "SUMMARIZE of all tables",
            share=3.0,
            note=processor_note(times["colprofile"], times["summarize"]),
        ),
        run.judge(
            Measurement(
                f"{what}: peak memory of audit()",
                f"{peak / 1e9:.2f} GB",
                "–",
                peak,
                "bytes",
                Target("at most", _MEMORY),
                note="the resident memory of a process that does nothing else, imports included",
            )
        ),
    ]


def _peak(path: Path) -> float:
    """Return the gigabytes of memory that a process with the audit takes at most."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.database", str(path)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    """Audit a database and print the bytes of memory that this process took at most."""
    import colprofile

    colprofile.audit(sys.argv[1], progress=False)
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


if __name__ == "__main__":
    main()
