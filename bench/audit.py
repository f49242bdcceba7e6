"""Dependencies: the same questions to colprofile and to Desbordante, from the same file, with the same answers.

``python -m bench.audit --ours FILE QUESTION`` answers one question in a process of its own and prints seconds and peak
memory: that is how large tables are measured.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from bench import data, tpch
from bench.harness import Measurement, Run, Target, Timing, case
from bench.machine import cores
from bench.peers import install

CORES = cores()
Dependencies = set[tuple[tuple[int, ...], int]]

HYFD = "Desbordante HyFD, max_lhs=3"
TANE = "Desbordante Tane, μ+ error 0.05"
LINEITEM = "6,001,215 × 16"
PATIENCE = 600.0
"""Seconds that Tane gets for lineitem, and MEMORY bytes: it took 20 GB and 15 minutes without finishing."""
MEMORY = 14 << 30


def exact(path: str, determinants: int) -> Dependencies:
    """Return the minimal exact dependencies of a file: HyFD's question."""
    from colprofile.counting.dependencies.exact import minimal_dependencies

    with ThreadPoolExecutor(CORES + 1) as executor:
        relation = _relation(path, executor)
        found = minimal_dependencies(relation, determinants, _workers(executor))
    return {(columns, target) for columns, targets in found.determined.items() for target in targets}


def near(path: str, determinants: int) -> Dependencies:
    """Return the minimal dependencies with μ+ of at least 0.95, exact ones included: Tane's question.

    μ+ ≥ 0.95 implies that at most 5 % of the rows break it, as 1 − max p ≤ 1 − Σ p²: that is where a search may stop.
    """
    from colprofile.counting.dependencies.exact import ExactSearch
    from colprofile.counting.dependencies.near import near_dependencies
    from colprofile.counting.dependencies.relation import measure
    from colprofile.measures.determination import mu_plus
    from colprofile.measures.thresholds import Thresholds

    thresholds = Thresholds(violating_share=0.05, mu_plus=0.95, repeated_share=0.0)
    with ThreadPoolExecutor(CORES + 1) as executor:
        relation = _relation(path, executor)
        search = ExactSearch(relation, _workers(executor))
        for level in range(1, determinants + 1):
            search.search(level)
        known = search.found
        varied = [j for j, values in enumerate(relation.distinct) if values > 1]

        def singles(x: int) -> list[tuple[int, int]]:
            groups = relation.groups((x,))
            found = [measure(relation, groups, y) for y in varied if y != x]
            return [(x, each.target) for each in found if (mu_plus(each.sums) or 0.0) >= thresholds.mu_plus]

        alone = [pair for found in executor.map(singles, varied) for pair in found]
        several = near_dependencies(search, alone, None, determinants, thresholds)
    found = {(columns, target) for columns, targets in known.determined.items() for target in targets}
    found |= {((x,), y) for x, y in alone} | {(c.columns, c.target) for c in several.found}
    return _minimal(found)


def _minimal(found: Dependencies) -> Dependencies:
    return {
        (columns, target)
        for columns, target in found
        if not any((part, target) in found for k in range(len(columns)) for part in combinations(columns, k))
    }


def _workers(executor: ThreadPoolExecutor) -> Any:
    from colprofile.counting.dependencies.workers import Workers

    return Workers(executor, threading.Event(), lambda what, done, total: None)


def _relation(path: str, executor: ThreadPoolExecutor) -> Any:
    import numpy as np

    from colprofile.counting.coded import encode_table
    from colprofile.counting.dependencies.relation import Relation

    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    reader = connection.sql(f"from '{path}'").to_arrow_reader(1_000_000)
    coded = encode_table(
        reader,
        reader.schema,
        executor=executor,
        memory_limit=1 << 33,
        progress=lambda rows: None,
    )
    counts = [np.concatenate([[marginal.nulls], marginal.counts]) for marginal in coded.marginals]
    return Relation(coded.codes, counts)


QUESTIONS: dict[str, Callable[[str, int], Dependencies]] = {"HyFD": exact, "Tane": near}


class Peer:
    """Desbordante in a process of its own."""

    def __init__(self, python: Path) -> None:
        self._process = subprocess.Popen(
            [str(python), str(Path(__file__).with_name("audit_peer.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, algorithm: str, path: str, determinants: int, patience: float = math.inf) -> dict[str, Any]:
        """Return the peer's answer; RuntimeError where it ends without one, as after ``patience`` seconds."""
        assert self._process.stdin is not None and self._process.stdout is not None
        question = {"algorithm": algorithm, "path": path, "determinants": determinants, "memory": MEMORY}
        print(json.dumps(question), file=self._process.stdin, flush=True)
        timer = threading.Timer(min(patience, threading.TIMEOUT_MAX), self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            raise RuntimeError(f"Desbordante ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@case("audit", peers=True)
def dependencies_of_flights(run: Run) -> list[Measurement]:
    """Exact and near dependencies of the complete flights, from a CSV, against HyFD and Tane; answers are compared."""
    path = _complete_flights(run)
    peer = Peer(install(run.say))
    try:
        return [
            _contest(run, peer, path, "HyFD", 3, HYFD, 3),
            _contest(run, peer, path, "Tane", 1, f"{TANE}, max_lhs=1", 3),
            _contest(run, peer, path, "Tane", 2, f"{TANE}, max_lhs=2", 1),
        ]
    finally:
        peer.close()


@case("audit-lineitem", peers=True)
def dependencies_of_lineitem(run: Run) -> list[Measurement]:
    """All single and pair determinants of TPC-H's lineitem, each side in a process of its own."""
    path = tpch.parquet(run, "lineitem")
    peer = Peer(install(run.say))
    what = f"lineitem, {LINEITEM}: near dependencies, up to 2 determinants"
    ours = _ours_apart(path, "Tane", 2)
    mine = Timing((float(ours["seconds"]),))
    began = time.perf_counter()
    try:
        theirs = peer.ask("Tane", str(path), 2, PATIENCE)
        _compare(ours["found"], theirs["found"], "lineitem")
        contest = run.compare(what, mine, Timing((float(theirs["seconds"]),)), f"{TANE}, max_lhs=2", faster=5)
        needed = f"{TANE}: {theirs['memory'] / 1e9:.2f} GB"
    except RuntimeError as error:
        waited = Timing((time.perf_counter() - began,))
        note = f"the peer did not finish: {error}; the figure uses the time it was given"
        contest = run.compare(what, mine, waited, f"{TANE}, max_lhs=2, more than", faster=5, note=note)
        needed = f"{TANE}: not known"
    finally:
        peer.close()
    memory = Measurement(
        "lineitem: peak memory",
        f"{ours['memory'] / 1e9:.2f} GB",
        needed,
        float(ours["memory"]),
        "bytes",
        Target("at most", 4e9),
    )
    return [contest, run.judge(memory)]


def _contest(
    run: Run, peer: Peer, path: Path, algorithm: str, determinants: int, name: str, repeat: int
) -> Measurement:
    ours, theirs = QUESTIONS[algorithm](str(path), determinants), peer.ask(algorithm, str(path), determinants)
    _compare(sorted([list(columns), target] for columns, target in ours), theirs["found"], name)
    times = run.measure(
        {
            "colprofile": lambda: _timed(lambda: QUESTIONS[algorithm](str(path), determinants)),
            "peer": lambda: float(peer.ask(algorithm, str(path), determinants)["seconds"]),
        },
        repeat=repeat,
        warm=False,
    )
    kind = "exact" if algorithm == "HyFD" else "near"
    what = f"flights, complete rows, CSV: {kind} dependencies, up to {determinants} on the left"
    timing = {side: Timing(tuple(seconds)) for side, seconds in times.items()}
    note = f"{len(theirs['found'])} dependencies, the same on both sides"
    return run.compare(what, timing["colprofile"], timing["peer"], name, faster=1, note=note)


def _compare(ours: Any, theirs: Any, name: str) -> None:
    """Make sure that both found the same."""
    left = {(tuple(columns), target) for columns, target in ours}
    right = {(tuple(columns), target) for columns, target in theirs}
    if left != right:
        raise RuntimeError(f"{name}: {len(left - right)} found by us alone, {len(right - left)} by the peer alone")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _complete_flights(run: Run) -> Path:
    """Write the flights without NULL as CSV, once."""
    rows = data.SMALL_ROWS if run.small else None
    path = run.folder / f"flights-complete{'-small' if run.small else ''}-{data.RECIPE}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = data.flights(rows)
        names = [row[0] for row in connection.execute("describe flights").fetchall()]
        filled = " and ".join(f'"{name}" is not null' for name in names)
        connection.execute(f"copy (from flights where {filled}) to '{path}.part' (header)")
        Path(f"{path}.part").rename(path)
    return path


def _ours_apart(path: Path, question: str, determinants: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.audit", "--ours", str(path), question, str(determinants)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", nargs=3, metavar=("FILE", "QUESTION", "DETERMINANTS"), required=True)
    path, question, determinants = parser.parse_args().ours
    start, cpu = time.perf_counter(), time.process_time()
    found = QUESTIONS[question](path, int(determinants))
    answer = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "found": sorted([list(columns), target] for columns, target in found),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
