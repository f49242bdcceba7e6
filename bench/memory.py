"""Peak memory, measured by a process of its own.

``python -m bench.memory SOURCE [TABLE]`` profiles a file and prints what it used as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def peak_bytes() -> int:
    """Return the peak resident memory of this process so far.

    On Linux from ``VmHWM``: ``ru_maxrss`` starts at the resident size of the process that started this
    one, so that a small child of a large parent would look large.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def profile_in_child(source: Path, table: str | None) -> dict[str, float]:
    """Return {"baseline", "peak", "used" in bytes, "seconds"} of profiling ``source`` in a fresh process."""
    command = [sys.executable, "-m", "bench.memory", str(source), *([table] if table else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"profiling {source} ended with status {done.returncode}: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(source: str, table: str | None = None) -> None:
    """Profile a table and print {"baseline", "peak", "used", "seconds"}; used lies above the imports."""
    import duckdb

    import colprofile

    # A first profile of three rows loads the compiled kernels and everything that is imported late.
    with duckdb.connect() as connection:
        connection.execute("create table warm as select range as a, range % 2 as b, 'x' as c from range(3)")
        colprofile.profile(connection, "warm")
    baseline = peak_bytes()
    start = time.perf_counter()
    profile = colprofile.profile(source, table)
    seconds = time.perf_counter() - start
    peak = peak_bytes()
    found = {"baseline": baseline, "peak": peak, "used": peak - baseline, "seconds": seconds}
    print(json.dumps(found | {"pairs": len(profile.pairs)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
