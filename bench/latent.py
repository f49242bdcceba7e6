"""Latent classes: a million rows of fifty columns; an iteration compared with sparse matrices; the bounds checked."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bench.harness import Measurement, Run, Target, case, format_seconds

CLASSES = 7
VALUES = 20


def mixture(rows: int, columns: int, seed: int = 0, classes: int = CLASSES, values: int = VALUES) -> Any:
    """Draw rows from a mixture of categoricals; return codes (rows, columns), the classes' shares and their tables."""
    generator = np.random.default_rng(seed)
    shares = generator.dirichlet(np.full(classes, 3.0))
    tables = generator.dirichlet(np.full(values, 0.5), (classes, columns))
    owners = generator.choice(classes, rows, p=shares)
    codes = np.empty((rows, columns), np.uint8)
    for j in range(columns):
        below = tables[:, j].cumsum(axis=1)[owners]
        codes[:, j] = np.minimum((generator.random(rows)[:, None] > below).sum(axis=1), values - 1)
    return codes, shares, tables


@case("latent")
def a_million_rows(run: Run) -> list[Measurement]:
    """latent_classes() of a frame drawn from seven classes, everything included."""
    import pyarrow as pa

    import colprofile

    rows, columns = (4_000, 6) if run.small else (1_000_000, 50)
    codes, _, _ = mixture(rows, columns)
    frame = pa.table({f"c{j}": codes[:, j] for j in range(columns)})
    colprofile.latent_classes(frame.slice(0, 1000))  # compiles the kernels
    began, used = time.perf_counter(), time.process_time()
    found = colprofile.latent_classes(frame)
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    note = (
        f"{len(found.classes)} classes of {CLASSES} found, {len(found.trace)} iterations over the whole table; "
        f"processor time {format_seconds(processor)}; one run"
    )
    what = f"{rows:,} × {columns}: latent_classes(), 1 to 10 classes, 3 restarts"
    return [
        run.judge(Measurement(what, format_seconds(seconds), "", seconds, "s", Target("at most", 60.0), note=note)),
        _iteration(run, codes),
    ]


def _iteration(run: Run, codes: Any) -> Measurement:
    """One iteration with ten classes against the same as products of a sparse one-hot matrix, on one core each."""
    from scipy import sparse

    from colprofile.counting.mixtures.model import Fit, Mixture, Rows

    codes = codes[:200_000]
    rows, columns = codes.shape
    data = Rows(codes + np.uint8(1), np.ones(rows), np.full(columns, VALUES))
    columns_of = (data.offsets + codes + 1).ravel()
    one_hot = sparse.csr_matrix(
        (np.ones(columns_of.size), columns_of, np.arange(0, columns_of.size + 1, columns)),
        shape=(rows, data.categories),
    )
    transposed = one_hot.T.tocsr()
    with ThreadPoolExecutor(1) as executor:
        model = Mixture(data, 0.5, executor, lambda: None)
        fit = model.seeded(10, np.random.default_rng(0))
        table, log_weights = model.tables(fit)

        def products() -> Any:
            logits = one_hot @ table + log_weights
            highest = logits.max(axis=1, keepdims=True)
            shares = np.exp(logits - highest)
            shares /= shares.sum(axis=1, keepdims=True)
            return transposed @ shares

        ours: Fit = model.step(fit)
        assert np.allclose(products(), ours.counts)
        times = run.interleave({"ours": lambda: model.step(fit), "products": products}, repeat=3)
    return run.compare(
        f"{rows:,} × {columns}: one iteration, 10 classes, one core", times["ours"], times["products"], "scipy.sparse"
    )


@case("latent-bounds")
def promises(run: Run) -> list[Measurement]:
    """Tables of four classes: how often four are found, and where the bounds lie relative to the known redundancy."""
    import pyarrow as pa

    import colprofile

    trials = 1 if run.small else 40
    found_four, misses = 0, 0
    learned, of_table, lower = [], [], []
    for seed in range(trials):
        codes, shares, tables = mixture(5_000, 8, seed, classes=4, values=5)
        truth = redundancy(shares, tables)
        frame = pa.table({f"c{j}": codes[:, j] for j in range(codes.shape[1])})
        result = colprofile.latent_classes(frame, max_classes=6, restarts=2, seed=seed)
        found_four += len(result.classes) == 4
        misses += result.distribution_redundancy > truth
        learned.append(result.redundancy_bits / truth)
        of_table.append(result.table_redundancy / truth)
        lower.append(result.distribution_redundancy / truth)
    what = f"{trials} tables of 4 classes, 5,000 × 8"
    return [
        Measurement(f"{what}: four classes found", f"{found_four} of {trials}", "", None, "×"),
        run.judge(
            Measurement(
                f"{what}: the 95 % bound above the truth",
                f"{misses} of {trials}",
                "",
                misses / trials,
                "×",
                Target("at most", 0.05),
                note=f"mean share of the known redundancy: {np.mean(lower):.3f} (lowest {min(lower):.3f})",
            )
        ),
        Measurement(
            f"{what}: bounds as shares of the known redundancy",
            f"table {np.mean(of_table):.3f} (from {min(of_table):.3f} to {max(of_table):.3f})",
            f"codes that learn {np.mean(learned):.3f} (from {min(learned):.3f} to {max(learned):.3f})",
            None,
            "×",
        ),
    ]


def redundancy(shares: Any, tables: Any) -> float:
    """Return Σ H(X_j) − H(X_1 … X_m) of a mixture in bits, by enumerating every possible row."""
    joint = shares[:, None]
    apart = 0.0
    for j in range(tables.shape[1]):
        joint = (joint[:, :, None] * tables[:, j][:, None, :]).reshape(shares.size, -1)
        apart += _bits(shares @ tables[:, j])
    return apart - _bits(joint.sum(axis=0))


def _bits(shares: Any) -> float:
    held = shares[shares > 0]
    return float(-np.sum(held * np.log(held))) / math.log(2)
