"""Runs in `.venv-spark`: one cluster, what is asked of it as lines of JSON, what it cost as answers.

A line is JSON: {"task": one of ``work_of``, "path": a Parquet file, "columns": how many of its columns}. An answer has
"seconds" by the clock and "processor" on all processors, of the client, Spark's Java and its Python workers together,
"client" of this process alone; "shuffled" and "fetched" bytes, and "memory", the client's peak.
``python bench/spark_worker.py EXECUTORS`` begins it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(root: int) -> float:
    """Return the processor time of a process and all that came of it, ended ones too."""
    parents, used = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            used[int(entry.name)] = sum(map(int, fields[11:15]))  # with the children that were waited for
    tree, grown = {root}, 0
    while len(tree) > grown:
        grown = len(tree)
        tree |= {process for process, parent in parents.items() if parent in tree}
    return sum(used.get(process, 0) for process in tree) / TICKS


def started(executors: int) -> Any:
    """Return a session on a cluster of executors of one core each."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.executor.memory": "2g",
        "spark.driver.memory": "2g",
        "spark.driver.maxResultSize": "0",
        "spark.sql.files.maxPartitionBytes": str(16 << 20),
        "spark.sql.shuffle.partitions": str(4 * executors),
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
    }
    builder = SparkSession.builder.master(f"local-cluster[{executors},1,2048]").appName("bench")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def shuffled(session: Any) -> int:
    """Return the bytes that all jobs so far have written for shuffles, as the driver's REST interface has them."""
    context = session.sparkContext
    address = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/stages"
    with urllib.request.urlopen(address) as answer:
        return sum(stage["shuffleWriteBytes"] for stage in json.load(answer))


def work_of(task: str, frame: Any, path: str) -> Callable[[], object]:
    """Return the function that is measured."""
    import pyspark.sql.functions as f

    import colprofile

    def nothing(batches: Iterable[Any]) -> Iterable[Any]:
        for _ in batches:
            pass
        return iter(())

    return {
        "profile": lambda: colprofile.profile(frame, progress=False),
        "count there": lambda: colprofile.profile(frame, progress=False, fetch="never"),
        "parquet": lambda: colprofile.profile(path, columns=frame.columns, progress=False),
        "summary": lambda: frame.summary().collect(),
        "distinct": lambda: frame.agg(*(f.countDistinct(name) for name in frame.columns)).collect(),
        "scan": lambda: frame.write.format("noop").mode("overwrite").save(),
        "to python": lambda: frame.mapInArrow(nothing, "a int").collect(),
    }[task]


def measured(session: Any, asked: dict[str, Any]) -> dict[str, float]:
    """Return what one task cost."""
    from colprofile.sources.spark.engine import SparkBlobs

    frame = session.read.parquet(asked["path"])
    frame = frame.select(*frame.columns[: asked["columns"]])
    fetched, original = 0, SparkBlobs.fetched

    def counted(blobs: SparkBlobs) -> Any:
        nonlocal fetched
        for key, data in original(blobs):
            fetched += len(data)
            yield key, data

    work = work_of(asked["task"], frame, asked["path"])
    SparkBlobs.fetched = counted  # type: ignore[assignment, method-assign]
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        before, shuffle_before = processor_seconds(os.getpid()), shuffled(session)
        start, client = time.perf_counter(), time.process_time()
        work()
        seconds, client = time.perf_counter() - start, time.process_time() - client
        processor, shuffle = processor_seconds(os.getpid()) - before, shuffled(session) - shuffle_before
    finally:
        SparkBlobs.fetched = original  # type: ignore[method-assign]
    return {
        "seconds": seconds,
        "processor": processor,
        "client": client,
        "shuffled": shuffle,
        "fetched": fetched,
        "memory": peak_bytes(),
    }


def peak_bytes() -> int:
    """Return the most memory that this process had since the peak began anew."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def main() -> None:
    """Answer until there are no more lines; what Spark prints goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # in bench there is a sqlalchemy.py
    session = started(int(sys.argv[1]))
    java = session.sparkContext._gateway.proc.pid
    for line in sys.stdin:
        try:
            answer: dict[str, Any] = measured(session, json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:2000]}
        print(json.dumps(answer), file=out, flush=True)
    session.stop()
    os.kill(java, signal.SIGTERM)


if __name__ == "__main__":
    main()
