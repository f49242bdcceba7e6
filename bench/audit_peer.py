"""Runs in the peers' environment: finds dependencies with Desbordante and answers with one line of JSON for each line.

A line is JSON: {"algorithm": "HyFD" or "Tane", "path": CSV or Parquet, "determinants": how many, "memory": bytes at
most}; for "Spider" the path is a folder of CSV files, and inclusions are found. It imports nothing of colprofile. What
is timed begins with the file, as ours does; imports are not.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from typing import Any


def find_inclusions(folder: str) -> list[list[object]]:
    """Return [[[table, column], [table, column that has its values]], …], by number."""
    import desbordante

    search = desbordante.ind.algorithms.Spider()
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    search.load_data(tables=[(path, ",", True) for path in paths])
    search.execute(threads=os.cpu_count())
    sides = ((found.get_lhs(), found.get_rhs()) for found in search.get_inds())
    return sorted([[side.table_index, side.column_indices[0]] for side in pair] for pair in sides)


def find(algorithm: str, path: str, determinants: int) -> list[list[object]]:
    """Return [[columns on the left, column on the right], …], by number."""
    import desbordante
    import pandas as pd

    source: Any = (path, ",", True) if path.endswith(".csv") else pd.read_parquet(path)
    if algorithm == "HyFD":
        search = desbordante.fd.algorithms.HyFD()
        search.load_data(table=source)
        search.execute(max_lhs=determinants)
    else:
        search = desbordante.afd.algorithms.Tane()
        search.load_data(table=source)
        search.execute(error=0.05, max_lhs=determinants, afd_error_measure="mu_plus")
    return sorted([sorted(found.lhs_indices), found.rhs_index] for found in search.get_fds())


def main() -> None:
    """Answer until there are no more lines; what the package prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import desbordante  # noqa: F401

    for line in sys.stdin:
        asked = json.loads(line)
        resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
        start, cpu = time.perf_counter(), time.process_time()
        if asked["algorithm"] == "Spider":
            found = find_inclusions(asked["path"])
        else:
            found = find(asked["algorithm"], asked["path"], asked["determinants"])
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        answer = {"seconds": seconds, "cpu": cpu, "memory": memory, "found": found}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
