"""Do the guaranteed bounds keep their promise, and how wide are they compared with the textbook's?

``python -m bench.bounds``, or ``make bench-bounds``: 2,000 samples without replacement from each of twelve populations,
every bound at 95 %; then 100 samples each of flights, zip codes and TPC-H's lineitem, all intervals of a profile
together at 99.9 %. A miss is an exact value outside its interval. The exit status is 1 if a bound misses more often
than its confidence allows.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from colprofile.measures.bounds import Bounds

PAGE = Path(__file__).resolve().parent.parent / "docs" / "bounds.md"
BEGIN, END = "<!-- bench-bounds: begin -->", "<!-- bench-bounds: end -->"
CONFIDENCE = 0.95
BOUNDS = ("entropy", "MI, exact marginals", "MI, sampled marginals", "MI, marginals of other rows", "KL", "distinct")
TEXTBOOK = BOUNDS[:3]

Columns = tuple[Any, Any]
"""Arrays of two columns' values, from 0; −1 is NULL."""

Interval = tuple[float, float]
Answer = tuple[str, Interval, Interval | None]
"""A bound, our interval, and the textbook's or None."""


@dataclass(frozen=True)
class Setting:
    """A population of two columns (−1 is NULL) and the share of its rows that is sampled."""

    name: str
    rows: int
    share: float
    make: Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


@dataclass
class Tally:
    """Misses and summed widths of one bound, ours and the textbook's."""

    trials: int = 0
    misses: int = 0
    width: float = 0.0
    textbook_misses: int = 0
    textbook_width: float = 0.0

    def add(self, other: Tally) -> None:
        for name in ("trials", "misses", "width", "textbook_misses", "textbook_width"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def _uniform(rng: np.random.Generator, rows: int) -> Columns:
    return rng.integers(0, 100, rows), rng.integers(0, 20, rows)


def _zipf(rng: np.random.Generator, rows: int) -> Columns:
    weights = 1 / np.arange(1, 2_001)
    x = rng.choice(2_000, rows, p=weights / weights.sum())
    return x, np.where(rng.random(rows) < 0.5, x % 30, rng.integers(0, 30, rows))


def _near_key(rng: np.random.Generator, rows: int) -> Columns:
    x = rng.permutation(rows)
    return np.where(rng.random(rows) < 0.01, x // 2, x), x % 50


def _near_dependency(rng: np.random.Generator, rows: int) -> Columns:
    x = rng.integers(0, 400, rows)
    return x, np.where(rng.random(rows) < 0.98, x // 20, rng.integers(0, 20, rows))


def _independent(rng: np.random.Generator, rows: int) -> Columns:
    return rng.integers(0, 40, rows), rng.integers(0, 30, rows)


def _constant(rng: np.random.Generator, rows: int) -> Columns:
    return np.zeros(rows, np.int64), rng.integers(0, 5, rows)


def _nulls(rng: np.random.Generator, rows: int) -> Columns:
    x, y = _near_dependency(rng, rows)
    return np.where(rng.random(rows) < 0.3, -1, x), np.where((rng.random(rows) < 0.2) & (y < 15), -1, y)


SETTINGS = (
    Setting("uniform", 1_000_000, 0.001, _uniform),
    Setting("uniform", 100_000, 0.01, _uniform),
    Setting("uniform", 20_000, 0.2, _uniform),
    Setting("Zipf", 1_000_000, 0.001, _zipf),
    Setting("Zipf", 100_000, 0.01, _zipf),
    Setting("Zipf", 20_000, 0.2, _zipf),
    Setting("near-key", 100_000, 0.01, _near_key),
    Setting("near-dependency", 1_000_000, 0.001, _near_dependency),
    Setting("near-dependency", 20_000, 0.2, _near_dependency),
    Setting("independent", 100_000, 0.01, _independent),
    Setting("constant", 100_000, 0.01, _constant),
    Setting("nulls", 20_000, 0.2, _nulls),
)


class Trials:
    """One population with its exact figures, and what a sample of it says."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        rng = np.random.default_rng(20_240_607)
        x, y = setting.make(rng, setting.rows)
        self.columns = np.unique(x + 1, return_inverse=True)[1] if x.min() >= 0 else x + 1, y + 1
        if x.min() >= 0:
            self.columns = self.columns[0] + 1, self.columns[1]
        x, y = self.columns
        self.sampled = round(setting.share * setting.rows)
        self.complete = (x > 0) & (y > 0)
        filled = x[x > 0]
        self.filled = filled.size
        self.by_x = np.bincount(filled)
        both_x, both_y = x[self.complete], y[self.complete]
        self.rows = both_x.size
        self.counts = np.bincount(both_x, minlength=x.max() + 1), np.bincount(both_y, minlength=y.max() + 1)
        # Marginals of each column over its own rows: what is known where NULLs of the other may change them.
        self.own = np.bincount(filled, minlength=x.max() + 1), np.bincount(y[y > 0], minlength=y.max() + 1)
        joint = np.unique(both_x * (y.max() + 1) + both_y, return_counts=True)[1]
        self.stale = np.maximum(self.by_x * rng.uniform(0.5, 1.5, self.by_x.size), 0.5)
        shares = self.by_x / self.by_x.sum()
        seen = shares > 0
        model = self.stale / self.stale.sum()
        self.exact = {
            "entropy": bits(self.by_x),
            "KL": float(np.sum(shares[seen] * np.log2(shares[seen] / model[seen]))),
            "distinct": float(np.count_nonzero(self.by_x)),
        }
        information = bits(self.counts[0]) + bits(self.counts[1]) - bits(joint)
        self.exact |= dict.fromkeys([name for name in BOUNDS if name.startswith("MI")], information)

    def intervals(self, seed: int) -> Iterator[Answer]:
        """Yield (bound, our interval, the textbook's or None) of one sample."""
        from colprofile.measures.bounds import api as bounds
        from colprofile.measures.bounds import worst_case as bounds_textbook

        rng = np.random.default_rng([seed, self.setting.rows])
        drawn = rng.choice(self.setting.rows, self.sampled, replace=False)
        x, y = (column[drawn] for column in self.columns)
        delta = 1 - CONFIDENCE
        sample = np.bincount(x[x > 0], minlength=self.by_x.size)
        found = bounds.entropy_bounds(sample, self.filled, confidence=CONFIDENCE, seed=seed)
        rows = int(sample.sum())
        low = bounds_textbook.entropy_lower(bits(sample), rows, self.filled, delta / 2)
        most = int(np.count_nonzero(sample)) + self.filled - rows
        high = bounds_textbook.entropy_upper(bits(sample), rows, self.filled, most, delta / 2)
        yield "entropy", interval(found), (max(0.0, low), min(high, math.log2(most)))
        found = bounds.distinct_bounds(sample, self.filled, confidence=CONFIDENCE, seed=seed)
        yield "distinct", interval(found), None
        found = bounds.kl_bounds(sample, self.stale, self.filled, confidence=CONFIDENCE, seed=seed)
        yield "KL", interval(found), None
        yield from self._pair(x, y, seed)

    def _pair(self, x: Any, y: Any, seed: int) -> Iterator[Answer]:
        from colprofile.measures.bounds import api as bounds
        from colprofile.measures.bounds import worst_case as bounds_textbook
        from colprofile.measures.bounds.distributions import Distribution
        from colprofile.measures.bounds.one_sided import Population

        delta = 1 - CONFIDENCE
        both = (x > 0) & (y > 0)
        x, y = x[both], y[both]
        rows = x.size
        width = self.counts[1].size
        keys, index = np.unique(x * width + y, return_inverse=True)
        first = np.bincount(index[: rows // 2], minlength=keys.size).astype(float)
        second = np.bincount(index[rows // 2 :], minlength=keys.size).astype(float)
        cells = bounds.JointCells(keys // width, keys % width, first, second)
        joint, by_x, by_y = bits(first + second), bits(np.bincount(x)), bits(np.bincount(y))
        exact = [bits(counts) for counts in self.counts]
        spread = bounds_textbook.deviation(bounds_textbook.entropy_sensitivity(rows), rows, self.rows, delta / 2)
        kinds = [int(np.count_nonzero(counts)) for counts in self.counts]
        bias = partial(bounds_textbook.bias, rows=rows, population=self.rows)
        wide = bias(min(self.rows, math.prod(kinds)))
        middle = sum(exact) - joint
        found = bounds.mutual_information_bounds(
            cells, self.rows, confidence=CONFIDENCE, marginals=self.counts, seed=seed
        )
        textbook = max(0.0, middle - spread - wide), min(middle + spread, *exact)
        yield "MI, exact marginals", interval(found), textbook
        found = bounds.mutual_information_bounds(cells, self.rows, confidence=CONFIDENCE, seed=seed)
        spread = bounds_textbook.deviation(bounds_textbook.information_sensitivity(rows), rows, self.rows, delta / 2)
        middle = by_x + by_y - joint
        textbook = (
            max(0.0, middle - spread - bias(self.rows)),
            min(middle + spread + bias(self.rows), math.log2(self.rows)),
        )
        yield "MI, sampled marginals", interval(found), textbook
        distributions = Distribution.of_counts(self.own[0]), Distribution.of_counts(self.own[1])
        slack = max(counts.sum() for counts in self.own) / self.rows
        low, _, high = bounds.information_sides(
            cells,
            Population(self.rows - 5, self.rows + 5),
            delta,
            distributions,
            are_exact=False,
            slack=slack,
            seed=seed,
        )
        yield "MI, marginals of other rows", (low, high), None


def interval(found: Bounds | None) -> Interval:
    """Return the lower and upper bound; every sample here gives them."""
    assert found is not None and found.upper is not None
    return found.lower, found.upper


def bits(counts: np.ndarray) -> float:
    """Return the entropy of counts in bits: the slow oracle."""
    shares = counts[counts > 0] / counts.sum()
    return abs(float(np.sum(shares * np.log2(shares))))


def tally(index: int, seeds: range) -> dict[str, Tally]:
    """Return the misses and widths of a setting's trials."""
    trials = Trials(SETTINGS[index])
    found = {name: Tally() for name in BOUNDS}
    for seed in seeds:
        for name, (low, high), textbook in trials.intervals(seed):
            line, exact = found[name], trials.exact[name]
            line.trials += 1
            line.misses += not low - 1e-9 <= exact <= high + 1e-9
            line.width += high - low
            if textbook is not None:
                line.textbook_misses += not textbook[0] - 1e-9 <= exact <= textbook[1] + 1e-9
                line.textbook_width += textbook[1] - textbook[0]
    return found


def check_table(name: str, path: Path, seeds: int, rows: int) -> bool:
    """Print how often intervals of ``profile(sample_rows=…)`` at 99.9 % miss the exact value; return if none does."""
    import colprofile

    exact = colprofile.profile(path, progress=False)
    missed: Counter[str] = Counter()
    widths: dict[str, list[float]] = {"entropy": [], "mutual information": [], "distinct": []}
    for seed in range(seeds):
        sample = colprofile.profile(path, sample_rows=rows, confidence=0.999, seed=seed, progress=False)
        pairs = {(pair.x, pair.y): pair.mutual_information_interval for pair in sample.pairs}
        intervals = [("entropy", column.entropy_interval, exact[column.name].entropy) for column in sample.columns]
        intervals += [("distinct", c.distinct_interval, exact[c.name].distinct) for c in sample.columns]
        intervals += [("mutual information", pairs[p.x, p.y], p.mutual_information) for p in exact.pairs]
        for kind, interval, value in intervals:
            if interval is None or value is None:
                continue
            missed[f"{kind} above"] += value < interval[0] - 1e-9
            missed[f"{kind} below"] += value > interval[1] + 1e-9
            widths[kind].append(interval[1] - interval[0])
    found = ", ".join(f"{kind}: {sum(width) / max(1, len(width)):.3f} wide" for kind, width in widths.items())
    print(
        f"{name}: {seeds} seeds of {rows:,} of {exact.rows:,} rows at 99.9 % together, {found}; {+missed or 'no miss'}"
    )
    return not +missed


def check_tables(folder: Path, seeds: int, *, small: bool) -> bool:
    """Check flights, zip codes and TPC-H's lineitem."""
    from bench import data, tpch
    from bench.harness import Run

    tables = {
        "flights": data.flights_parquet(folder, 20_000 if small else None),
        "zip codes": data.zipcodes_parquet(folder, 2_000 if small else None),
        "lineitem": tpch.parquet(Run(small=small, folder=folder), "lineitem"),
    }
    return all([check_table(name, path, seeds, 1_000 if small else 3_000) for name, path in tables.items()])


def main(arguments: list[str] | None = None) -> int:
    from bench import data

    parser = argparse.ArgumentParser(prog="python -m bench.bounds", description=__doc__)
    parser.add_argument("--trials", type=int, default=2_000, help="samples of each population (2000)")
    parser.add_argument("--seeds", type=int, default=100, help="samples of each real table (100)")
    parser.add_argument("--small", action="store_true", help="20 trials, 2 seeds of small tables: does it all work?")
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/bounds.md")
    parser.add_argument("--data", type=Path, default=data.FOLDER, help="where generated data is kept")
    options = parser.parse_args(arguments)
    trials, seeds = (20, 2) if options.small else (options.trials, options.seeds)
    worst, lines = check_populations(trials)
    if options.write_docs and not options.small:
        write_docs(lines)
    are_kept = check_tables(options.data, seeds, small=options.small) if seeds else True
    return 1 if worst > 1 - CONFIDENCE or not are_kept else 0


def write_docs(lines: list[str], page: Path = PAGE) -> None:
    """Write the table between its markers in docs/bounds.md."""
    from bench.pages import write_between

    write_between(page, "\n".join(lines) + "\n", BEGIN, END)


def check_populations(trials: int) -> tuple[float, list[str]]:
    """Print misses and mean widths of every bound on every population; return the most missed share and the table."""
    step = -(-trials // 8)
    chunks = [range(begin, min(begin + step, trials)) for begin in range(0, trials, step)]
    worst = 0.0
    print(f"{trials} samples per population, {CONFIDENCE:.0%} confidence; widths in bits (values for distinct)\n")
    lines = [
        "| population | bound | exact | missed | width | textbook missed | textbook width |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    print("\n".join(lines))
    with ProcessPoolExecutor(2) as executor:
        for index, setting in enumerate(SETTINGS):
            total = {name: Tally() for name in BOUNDS}
            for part in executor.map(partial(tally, index), chunks):
                for name in BOUNDS:
                    total[name].add(part[name])
            exact = Trials(setting).exact
            for name in BOUNDS:
                line = total[name]
                worst = max(worst, line.misses / line.trials)
                cells = [
                    f"{setting.name}, {setting.share:.1%} of {setting.rows:,}",
                    name,
                    f"{exact[name]:.4f}",
                    f"{line.misses / line.trials:.2%}",
                    f"{line.width / line.trials:.4f}",
                    f"{line.textbook_misses / line.trials:.2%}" if name in TEXTBOOK else "",
                    f"{line.textbook_width / line.trials:.4f}" if name in TEXTBOOK else "",
                ]
                lines.append(f"| {' | '.join(cells)} |")
                print(lines[-1], flush=True)
    print(f"\nmost missed: {worst:.2%}", flush=True)
    return worst, lines


if __name__ == "__main__":
    sys.exit(main())
