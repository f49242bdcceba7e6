"""Runs in the peers' environment: reads one task name per line, runs it and answers with one line of JSON.

It imports nothing of colprofile. Every task begins with the Parquet file, as ours does; imports are not
timed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version


def data_profiling_minimal(path: str) -> Callable[[], object]:
    import pandas as pd
    from data_profiling import ProfileReport

    return lambda: ProfileReport(pd.read_parquet(path), minimal=True, progress_bar=False).to_html()


def data_profiling(path: str) -> Callable[[], object]:
    import pandas as pd
    from data_profiling import ProfileReport

    return lambda: ProfileReport(pd.read_parquet(path), progress_bar=False).to_html()


def skrub(path: str) -> Callable[[], object]:
    import pandas as pd
    from skrub import TableReport

    return lambda: TableReport(pd.read_parquet(path), verbose=0).html()


def phik(path: str) -> Callable[[], object]:
    import pandas as pd
    from phik import phik_matrix

    def work() -> object:
        frame = pd.read_parquet(path)
        frame["time_hour"] = frame["time_hour"].astype("int64")
        numbers = list(frame.select_dtypes("number").columns)
        return phik_matrix(frame, interval_cols=numbers, verbose=False, njobs=-1)

    return work


def desbordante_tane(path: str) -> Callable[[], object]:
    import desbordante
    import pandas as pd

    def work() -> object:
        algorithm = desbordante.afd.algorithms.Tane()
        algorithm.load_data(table=pd.read_parquet(path))
        algorithm.execute(error=0.1, max_lhs=1, afd_error_measure="mu_plus")
        return algorithm.get_fds()

    return work


def desbordante_stats(path: str) -> Callable[[], object]:
    import desbordante
    import pandas as pd

    def work() -> object:
        algorithm = desbordante.statistics.algorithms.DataStats()
        algorithm.load_data(table=pd.read_parquet(path))
        algorithm.execute()
        return algorithm.get_all_statistics_as_string()

    return work


def evidently(folder: str) -> Callable[[], object]:
    import pandas as pd
    from evidently import Report
    from evidently.presets import DataDriftPreset

    def work() -> object:
        stale, fresh = (pd.read_parquet(f"{folder}/{half}.parquet") for half in ("stale", "fresh"))
        return Report([DataDriftPreset()]).run(fresh, stale).dict()

    return work


TASKS = {
    "evidently": ("evidently", " DataDriftPreset", evidently),
    "data-profiling-minimal": ("fg-data-profiling", " minimal", data_profiling_minimal),
    "data-profiling": ("fg-data-profiling", "", data_profiling),
    "skrub": ("skrub", " TableReport", skrub),
    "phik": ("phik", " matrix", phik),
    "desbordante-tane": ("desbordante", " Tane, μ+, one column on the left", desbordante_tane),
    "desbordante-stats": ("desbordante", " DataStats", desbordante_stats),
}


def answer(line: str, path: str, prepared: dict[str, Callable[[], object]]) -> dict[str, object]:
    """Return the answer to one line: the seconds of a task, or the version of its package."""
    name, _, verb = line.partition(" ")
    package, what, prepare = TASKS[name]
    if verb == "version":
        return {"version": f"{package} {version(package)}{what}"}
    if name not in prepared:
        prepared[name] = prepare(path)
    start = time.perf_counter()
    prepared[name]()
    return {"seconds": time.perf_counter() - start}


def main(path: str) -> None:
    """Answer until there are no more lines; what the packages print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    prepared: dict[str, Callable[[], object]] = {}
    for line in sys.stdin:
        try:
            found = answer(line.strip(), path, prepared)
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
        print(json.dumps(found), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
