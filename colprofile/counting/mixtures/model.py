"""A mixture of categorical distributions fitted by variational Bayes: latent classes of a table's rows.

Each row belongs to one of K hidden classes; within a class its columns are independent:

    π ~ Dirichlet(a, …, a),   θ_kj ~ Dirichlet(a, …, a),   z_i ~ π,   x_ij | z_i = k ~ θ_kj

q(z) q(π, θ) is the best product that there is. With q(π, θ) optimal for the responsibilities r = q(z), the evidence
lower bound in nats is

    ELBO = log B(a + N) − log B(a) + Σ_kj [log B(a + N_kj) − log B(a)] − Σ_ik r_ik log r_ik

with N_k = Σ_i r_ik, N_kjv = Σ_i r_ik [x_ij = v] and B the multivariate beta function. For one class the last sum is 0
and the rest the log evidence itself. A missing cell is left out of the likelihood.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln

from colprofile.counting.mixtures.kernels import assign, expect, merge_losses, unique_rows
from colprofile.counting.tasks import run_all

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.uint8]

_SHARDS = 8  # the rows' partial sums, added up in this order whatever the cores: a seed gives one result anywhere
_BLOCK_CELLS = 1 << 21  # cells per kernel call: Ctrl-C waits for no more than a few hundredths of a second
_BLOCK_ROWS = 1 << 16

Check = Callable[[], None]


@dataclass(frozen=True)
class Rows:
    """The distinct rows of a table as categories.

    Attributes
    ----------
    matrix
        uint8[distinct rows, columns]: 0 is a missing cell, else the category from 1.
    weights
        float64[distinct rows]: how many rows of the table are so.
    sizes
        int64[columns]: categories of each column.
    """

    matrix: Matrix
    weights: Floats
    sizes: Integers

    @cached_property
    def offsets(self) -> Integers:
        """int64[columns]: where each column's categories begin in a table of all; its first row is missing cells'."""
        return np.concatenate([[0], np.cumsum(self.sizes[:-1] + 1)]).astype(np.int64)[: self.sizes.size]

    @property
    def categories(self) -> int:
        """Rows of a table of all columns' categories, those for missing cells included."""
        return int(np.sum(self.sizes + 1))

    @cached_property
    def total(self) -> float:
        """Rows of the table."""
        return float(self.weights.sum())

    def sampled(self, rows: int, generator: np.random.Generator) -> Rows:
        """Return ``rows`` of the table's rows drawn without replacement; all of them if there are not more."""
        if self.total <= rows:
            return self
        numbers = np.sort(generator.choice(int(self.total), rows, replace=False, shuffle=False))
        owners = np.searchsorted(np.cumsum(self.weights), numbers, side="right")
        chosen, counts = np.unique(owners, return_counts=True)
        return Rows(np.ascontiguousarray(self.matrix[chosen]), counts.astype(np.float64), self.sizes)


@dataclass(frozen=True)
class Fit:
    """q(π, θ) of K classes as the expected rows behind it, and what it promises.

    Attributes
    ----------
    class_rows
        float64[classes]: N_k.
    counts
        float64[categories, classes]: N_kjv, the rows for missing cells 0.
    entropy
        −Σ r log r of the responsibilities that gave the two, in nats.
    elbo
        In nats.
    trace
        The ELBO after each iteration with this number of classes.
    """

    class_rows: Floats
    counts: Floats
    entropy: float
    elbo: float
    trace: tuple[float, ...] = ()

    @property
    def classes(self) -> int:
        """K."""
        return self.class_rows.size


def distinct_rows(matrix: Matrix, sizes: Integers, check: Check) -> tuple[Rows, npt.NDArray[np.uint32]]:
    """Return the distinct rows of a matrix with their weights, and for each row the number of its distinct row."""
    total = matrix.shape[0]
    slots = np.zeros(1 << max(4, (2 * total - 1).bit_length()), np.uint32)
    first, counts = np.empty(total, np.uint32), np.empty(total, np.uint32)
    numbers = np.empty(total, np.uint32)
    used: Any = np.uint32(0)
    for begin in range(0, total, _BLOCK_ROWS):
        check()
        end = min(total, begin + _BLOCK_ROWS)
        used = np.uint32(unique_rows(matrix, begin, end, slots, first, counts, numbers, used))
    chosen = matrix if int(used) == total else np.ascontiguousarray(matrix[first[: int(used)]])
    return Rows(chosen, counts[: int(used)].astype(np.float64), sizes), numbers


class Mixture:
    """The model of some rows: every step of its fit, on all cores.

    Parameters
    ----------
    rows
        What is fitted.
    concentration
        a: rows that the priors count for in advance, per class and per category. 0.5 is Jeffreys' (and Krichevsky and
        Trofimov's) choice.
    executor
        Threads to work on; the kernels release the GIL.
    check
        Called often, in the calling thread; may raise to stop.
    """

    def __init__(self, rows: Rows, concentration: float, executor: Executor, check: Check) -> None:
        self.rows = rows
        self.concentration = concentration
        self.executor = executor
        self.check = check

    def of(self, rows: Rows) -> Mixture:
        """Return the same model of other rows."""
        return Mixture(rows, self.concentration, self.executor, self.check)

    def one_class(self) -> Fit:
        """Return the fit of a single class, whose ELBO is the log evidence of independent columns."""
        flat = np.zeros((self.rows.categories, 1))
        return self._expected(flat, np.zeros(1))

    def seeded(self, classes: int, generator: np.random.Generator) -> Fit:
        """Return a first fit of ``classes`` classes, each drawn to a random row: half the row, half the whole table."""
        rows = self.rows
        chosen = generator.choice(rows.weights.size, min(classes, rows.weights.size), replace=False)
        shares = self.shares(self.one_class())
        mixed = np.repeat(shares / 2, chosen.size, axis=1)
        for k, number in enumerate(chosen):
            mixed[rows.offsets + rows.matrix[number], k] += 0.5
        mixed[rows.offsets] = 1.0
        with np.errstate(divide="ignore"):
            table = np.log(mixed)
        return self._expected(np.maximum(table, -700.0), np.zeros(chosen.size))

    def step(self, fit: Fit) -> Fit:
        """Return the fit after one more iteration: its ELBO is at least as high, up to rounding."""
        return self._expected(*self.tables(fit))

    def converged(self, fit: Fit, tolerance: float, most: int, report: Callable[[Fit], None] = lambda fit: None) -> Fit:
        """Iterate until a step gains less than ``tolerance`` nats per row, at most ``most`` times; keep the trace."""
        trace = list(fit.trace)
        for _ in range(most):
            before, fit = fit, self.step(fit)
            trace.append(fit.elbo)
            report(fit)
            if fit.elbo - before.elbo < tolerance * self.rows.total:
                break
        return Fit(fit.class_rows, fit.counts, fit.entropy, fit.elbo, tuple(trace))

    def merged(self, fit: Fit) -> Fit:
        """Return the fit with the two classes made one that lose the ELBO least, or gain it most, by that."""
        table, log_weights = self.tables(fit)
        fit = self._expected(table, log_weights)
        losses = self._merge_losses(table, log_weights)
        best, best_fit = -math.inf, fit
        alone = self._parts(fit.class_rows, fit.counts)
        for a in range(fit.classes - 1):
            self.check()
            others = np.arange(a + 1, fit.classes)
            rows = fit.class_rows[a] + fit.class_rows[others]
            counts = fit.counts[:, [a]] + fit.counts[:, others]
            gains = self._parts(rows, counts) - alone[a] - alone[others] - losses[a, others]
            at = int(np.argmax(gains))
            if gains[at] > best:
                b, best = int(others[at]), float(gains[at])
                left = [k for k in range(fit.classes) if k not in (a, b)]
                class_rows = np.concatenate([fit.class_rows[left], rows[at : at + 1]])
                merged = np.concatenate([fit.counts[:, left], counts[:, at : at + 1]], axis=1)
                best_fit = self._scored(class_rows, merged, fit.entropy - float(losses[a, b]))
        return best_fit

    def assigned(self, fit: Fit, seen: Floats | None = None) -> tuple[npt.NDArray[np.uint8], Floats, Floats]:
        """Return each distinct row's most probable class, its probability, and its information in nats.

        The information is log q(x) − Σ_j log(share of x_j in its column): what the row's cells have to say of each
        other. The shares are of ``seen`` (float64[categories, 1], rows), or of these rows themselves.
        """
        table, log_weights = self.tables(fit)
        rows = self.rows
        labels = np.empty(rows.weights.size, np.uint8)
        certainties, gains = np.empty(labels.size), np.empty(labels.size)
        one = self.one_class() if seen is None else Fit(np.zeros(1), seen, 0.0, 0.0)
        with np.errstate(divide="ignore"):
            log_shares = np.log(self.shares(one)[:, 0])
        log_shares[rows.offsets] = 0.0

        def work(begin: int, end: int, _: int) -> None:
            assign(rows.matrix, begin, end, rows.offsets, table, log_weights, log_shares, labels, certainties, gains)

        self._over_rows(work)
        return labels, certainties, gains

    def shares(self, fit: Fit) -> Floats:
        """Return float64[categories, classes]: how the observed cells of each column are spread within each class."""
        totals = np.add.reduceat(fit.counts, self.rows.offsets, axis=0)
        repeated = np.repeat(totals, self.rows.sizes + 1, axis=0)
        return np.asarray(
            np.divide(fit.counts, repeated, out=np.zeros_like(fit.counts), where=repeated > 0), np.float64
        )

    def tables(self, fit: Fit) -> tuple[Floats, Floats]:
        """Return E[log θ] (float64[categories, classes], 0 for missing cells) and E[log π] (float64[classes])."""
        a, sizes = self.concentration, self.rows.sizes
        totals = np.add.reduceat(fit.counts, self.rows.offsets, axis=0) + a * sizes[:, np.newaxis]
        table = digamma(fit.counts + a) - np.repeat(digamma(totals), sizes + 1, axis=0)
        table[self.rows.offsets] = 0.0
        return table, digamma(fit.class_rows + a) - digamma(fit.class_rows.sum() + a * fit.classes)

    def _parts(self, class_rows: Floats, counts: Floats) -> Floats:
        """Return float64[classes]: what each class adds to the ELBO, the assignment's entropy and Σ N aside."""
        a, sizes = self.concentration, self.rows.sizes
        totals = np.add.reduceat(counts, self.rows.offsets, axis=0)
        cells = np.sum(gammaln(counts + a), axis=0) - gammaln(a) * counts.shape[0]
        columns = gammaln(a * sizes)[:, np.newaxis] - gammaln(totals + (a * sizes)[:, np.newaxis])
        return np.asarray(cells + columns.sum(axis=0) + gammaln(class_rows + a) - gammaln(a), np.float64)

    def _scored(self, class_rows: Floats, counts: Floats, entropy: float) -> Fit:
        a, classes = self.concentration, class_rows.size
        whole = gammaln(a * classes) - gammaln(a * classes + self.rows.total)
        elbo = math.fsum(self._parts(class_rows, counts)) + float(whole) + entropy
        return Fit(class_rows, counts, entropy, elbo)

    def _expected(self, table: Floats, log_weights: Floats) -> Fit:
        """Return the fit whose responsibilities are optimal for these E[log θ] and E[log π], and q(π, θ) for them."""
        rows, classes = self.rows, log_weights.size
        class_rows = np.zeros((_SHARDS, classes))
        counts = np.zeros((_SHARDS, rows.categories, classes))
        log_z: list[list[float]] = [[] for _ in range(_SHARDS)]

        def work(begin: int, end: int, shard: int) -> None:
            model = rows.offsets, table, log_weights
            log_z[shard].append(expect(rows.matrix, rows.weights, begin, end, *model, class_rows[shard], counts[shard]))

        self._over_rows(work)
        by_class, by_category = class_rows.sum(axis=0), counts.sum(axis=0)
        by_category[rows.offsets] = 0.0
        whole = math.fsum(part for parts in log_z for part in parts)
        spent = math.fsum((by_category * table).sum(axis=1)) + math.fsum(by_class * log_weights)
        return self._scored(by_class, by_category, 0.0 if classes == 1 else max(0.0, whole - spent))

    def _merge_losses(self, table: Floats, log_weights: Floats) -> Floats:
        rows, classes = self.rows, log_weights.size
        losses = np.zeros((_SHARDS, classes, classes))

        def work(begin: int, end: int, shard: int) -> None:
            merge_losses(rows.matrix, rows.weights, begin, end, rows.offsets, table, log_weights, losses[shard])

        self._over_rows(work)
        return np.asarray(losses.sum(axis=0), np.float64)

    def _over_rows(self, work: Callable[[int, int, int], None]) -> None:
        """Call ``work(begin, end, shard)`` for blocks of all rows, each shard's one after the other, on all threads."""
        total = self.rows.weights.size
        block = max(1, min(_BLOCK_ROWS, _BLOCK_CELLS // max(1, self.rows.sizes.size)))
        stopped = threading.Event()

        def run(shard: int) -> None:
            last = total * (shard + 1) // _SHARDS
            for begin in range(total * shard // _SHARDS, last, block):
                if stopped.is_set():
                    return
                work(begin, min(last, begin + block), shard)

        self.check()
        if total <= block // 2:
            for shard in range(_SHARDS):
                run(shard)
        else:
            tasks = [partial(run, shard) for shard in range(_SHARDS)]
            run_all(self.executor, tasks, stopped, lambda done, total: self.check())
