"""``python -m bench.spark [--small] [--write-docs]``: flights on a Spark cluster, in processor time of all of it.

It needs `.venv-spark` (`make .venv-spark/.installed`) and Java; without them it says so and ends.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import data, machine, pages

PYTHON = pages.ROOT / ".venv-spark" / "bin" / "python"
BEGIN, END = "<!-- spark:begin -->", "<!-- spark:end -->"
ALL_COLUMNS = 19

TASKS = {
    "profile": "`profile()`, all pairs, counted at the client",
    "count there": '`profile(fetch="never")`, all pairs, counted on the executors',
    "summary": "Spark's `summary()` of all columns",
    "parquet": "`profile()` of the same Parquet file, without Spark",
    "scan": "reading the table, without any result",
    "to python": "handing the table to the executors' Python",
    "distinct": "Spark's `countDistinct` of all columns",
}
"""What is measured → what the page calls it."""

PROJECTED_ROWS, PROJECTED_EXECUTORS = 10**10, 100


@dataclass(frozen=True, slots=True)
class Cost:
    """What one task took: seconds by the clock and on the processors, of the client among them, and bytes."""

    seconds: float
    processor: float
    client: float
    shuffled: float
    fetched: float
    memory: float


class Cluster:
    """A cluster in a process of its own, which runs one task on request."""

    def __init__(self, executors: int) -> None:
        command = [str(PYTHON), str(Path(__file__).with_name("spark_worker.py")), str(executors)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def cost(self, task: str, path: Path, columns: int = ALL_COLUMNS) -> Cost:
        """Return what a task costs on the first columns of a Parquet file.

        Raises
        ------
        RuntimeError
            The task failed.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps({"task": task, "path": str(path), "columns": columns}), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the cluster ended"}
        if "error" in answer:
            raise RuntimeError(f"{task}: {answer['error']}")
        return Cost(**answer)

    def close(self) -> None:
        """End the process and its cluster."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@contextlib.contextmanager
def cluster(executors: int) -> Iterator[Cluster]:
    """A cluster of executors of one core each."""
    opened = Cluster(executors)
    try:
        yield opened
    finally:
        opened.close()


def years(folder: Path, count: int, *, small: bool) -> tuple[Path, int]:
    """Return the path of so many years of the large table as a Parquet file, and how many rows it has."""
    whole = data.large_database(folder, small=small)
    path = folder / f"{whole.stem}-first{count}.parquet"
    with data.open_read_only(whole) as connection:
        if not path.exists():
            quoted = str(path).replace("'", "''")
            connection.execute(f"copy (from flights where year < {2013 + count:d}) to '{quoted}' (format parquet)")
        [(rows,)] = connection.execute("select count(*) from read_parquet($1)", [str(path)]).fetchall()
    return path, int(rows)


def measured(folder: Path, *, small: bool) -> str:
    """Return the page's section: all tasks on all rows, and what counting costs with rows, columns and executors."""
    sizes = [years(folder, count, small=small) for count in ((1, 2) if small else (3, 9, 30))]
    (least, _), (middle, middle_rows), (whole, rows) = sizes[0], sizes[-2], sizes[-1]
    costs: dict[str, Cost | str] = {}
    series: list[tuple[str, Cost]] = []
    with cluster(2) as two:
        for task in ("profile", "summary", "parquet"):  # compiled and warm
            two.cost(task, least)
        for task in TASKS:
            try:
                costs[task] = two.cost(task, whole)
            except RuntimeError as error:
                costs[task] = str(error)
            say(f"{task}: {costs[task]}")
        series += [(f"{count:,} × 19, 2 executors", two.cost("profile", path)) for path, count in sizes[:-1]]
        for columns in (5, 10):
            cost = two.cost("profile", middle, columns)
            series.append((f"{middle_rows:,} × {columns}, 2 executors", cost))
    with cluster(1) as one:
        one.cost("profile", least)
        series.append((f"{middle_rows:,} × 19, 1 executor", one.cost("profile", middle)))
    return section(rows, costs, series)


def section(rows: int, costs: dict[str, Cost | str], series: list[tuple[str, Cost]]) -> str:
    """Return the tables and the projection as Markdown."""
    head = "| {} | processor | wall | to the client | shuffled | peak memory of the client |\n|---|---|---|---|---|---|"
    lines = [f"{rows:,} rows × 19 columns, 2 executors of one core each:", "", head.format("what")]
    lines += [_line(TASKS[task], cost) for task, cost in costs.items()]
    lines += ["", "The whole profile, counted at the client:", "", head.format("table")]
    lines += [_line(name, cost) for name, cost in series]
    lines += ["", *verdicts(costs), "", *projections(rows, costs)]
    facts = machine.describe()
    return "\n".join(lines) + f"\n\nMeasured with `python -m bench.spark` on {'; '.join(facts.values())}.\n"


def _line(name: str, cost: Cost | str) -> str:
    if isinstance(cost, str):
        return f"| {name} | not measured: {' '.join(cost.split()).replace('|', '/')[:200]} | | | | |"
    return (
        f"| {name} | {cost.processor:.1f} s | {cost.seconds:.1f} s | {_megabytes(cost.fetched)} | "
        f"{_megabytes(cost.shuffled)} | {_megabytes(cost.memory)} |"
    )


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB" if size else "–"


def verdicts(costs: dict[str, Cost | str]) -> list[str]:
    """Return what the figures say about the target, and about reading the files without Spark."""
    found = []
    ours, summary, direct = costs.get("profile"), costs.get("summary"), costs.get("parquet")
    if isinstance(ours, Cost) and isinstance(summary, Cost):
        met = "met" if ours.processor < summary.processor else "missed"
        found.append(
            f"- All pairs in less processor time than `summary()` of the columns: {met}, "
            f"{ours.processor / summary.processor:.2f} times as much."
        )
    if isinstance(ours, Cost) and isinstance(direct, Cost):
        found.append(
            f"- The same Parquet file read without Spark takes {ours.processor / direct.processor:.1f} times less "
            "processor time."
        )
    return found


def projections(rows: int, costs: dict[str, Cost | str]) -> list[str]:
    """Return what both ways would take for very many rows, where they were measured."""
    found = [
        f"Projected to {PROJECTED_ROWS:,} rows × 19 columns on {PROJECTED_EXECUTORS} executors of one such core each. "
        "It assumes that a row costs what it costs above, that values and pairs of values do not become many more "
        "with the rows, that tasks are even, and that storage and network keep up:",
        "",
    ]
    for task in ("profile", "count there"):
        cost = costs.get(task)
        if isinstance(cost, Cost):
            found.append(f"- {TASKS[task]}: {projected(cost, PROJECTED_ROWS / rows, has_rows=task == 'profile')}.")
    return found


def projected(cost: Cost, times: float, *, has_rows: bool) -> str:
    """Return the minutes of executors and client, and the bytes, for so many times the rows.

    Where rows come to the client (``has_rows``), it has so many times the work too; else what comes is of values.
    """
    there = (cost.processor - cost.client) * times / PROJECTED_EXECUTORS / 60
    grown = times if has_rows else 1.0
    return (
        f"{there:,.0f} minutes on the executors, {cost.client * grown / 60:,.1f} minutes of processor time at the "
        f"client, {cost.fetched * grown / 1e9:,.1f} GB to it, {cost.shuffled * times / 1e9:,.0f} GB shuffled"
    )


def say(text: str) -> None:
    """Print progress."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the section, and write it into docs/benchmarks.md where that is asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.spark", description=(sys.modules[__name__].__doc__ or ""))
    parser.add_argument("--small", action="store_true", help="tiny data: does it all work?")
    parser.add_argument("--write-docs", action="store_true", help="write the section into docs/benchmarks.md")
    parser.add_argument("--data", type=Path, default=data.FOLDER, help="where generated data is kept")
    options = parser.parse_args(arguments)
    if options.write_docs and options.small:
        parser.error("--write-docs writes runs on real data: leave out --small")
    if shutil.which("java") is None or not PYTHON.exists():
        print("bench.spark: skipped, it needs Java (openjdk-17-jre-headless) and `make .venv-spark/.installed`")
        return 0
    text = measured(options.data, small=options.small)
    print(text)
    if options.write_docs:
        pages.write_between(pages.PAGE, text, BEGIN, END)
    return 0


if __name__ == "__main__":
    sys.exit(main())
