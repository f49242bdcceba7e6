"""Rows drawn from latent classes, whose redundancy is known, and the slow twins of their fit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln

Row = Sequence[int | None]


@dataclass(frozen=True)
class Truth:
    """A mixture of categoricals: ``shares`` (classes,), ``tables`` one array (classes, values) a column."""

    shares: npt.NDArray[np.float64]
    tables: list[npt.NDArray[np.float64]]

    @classmethod
    def random(cls, classes: int, columns: int, values: int, seed: int, concentration: float = 0.4) -> Truth:
        generator = np.random.default_rng(seed)
        shares = generator.dirichlet(np.full(classes, 4.0))
        return cls(shares, [generator.dirichlet(np.full(values, concentration), classes) + 0.0 for _ in range(columns)])

    def draw(self, rows: int, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows as codes from 0, and the class of each."""
        generator = np.random.default_rng(seed)
        classes = generator.choice(self.shares.size, rows, p=self.shares)
        columns = []
        for table in self.tables:
            below = table.cumsum(axis=1)[classes]
            columns.append(np.minimum((generator.random(rows)[:, None] > below).sum(axis=1), table.shape[1] - 1))
        return np.stack(columns, axis=1), classes

    def probability(self, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """P(row) of each row of codes."""
        product = np.tile(self.shares, (codes.shape[0], 1))
        for j, table in enumerate(self.tables):
            product *= table[:, codes[:, j]].T
        total: npt.NDArray[np.float64] = product.sum(axis=1)
        return total

    def redundancy(self) -> float:
        """Σ H(X_j) − H(X_1 … X_m) in bits, by going through every possible row."""
        sizes = [table.shape[1] for table in self.tables]
        joint = self.shares[:, None]
        for table in self.tables:
            joint = (joint[:, :, None] * table[:, None, :]).reshape(self.shares.size, -1)
        everything = joint.sum(axis=0)
        assert everything.size == math.prod(sizes)
        return sum(bits_of(self.shares @ table) for table in self.tables) - bits_of(everything)


def bits_of(shares: npt.NDArray[np.float64]) -> float:
    held = shares[shares > 0]
    return float(-np.sum(held * np.log2(held)))


def table_redundancy(rows: Sequence[tuple[Any, ...]]) -> float:
    """Σ H(X_j) − H(X_1 … X_m) of the rows themselves, in bits: None is a value."""

    def entropy(values: Sequence[Any]) -> float:
        counts: dict[Any, int] = {}
        for value in values:
            counts[value] = counts.get(value, 0) + 1
        return sum(c / len(values) * math.log2(len(values) / c) for c in counts.values())

    return sum(entropy(column) for column in zip(*rows, strict=True)) - entropy(rows)


def urn_log_evidence(rows: Sequence[Row], sizes: Sequence[int], a: float) -> float:
    """log p(rows) with independent columns, in nats: value by value from Pólya's urns. None cells are skipped."""
    total = 0.0
    for j, size in enumerate(sizes):
        counts = [0] * size
        for row in rows:
            value = row[j]
            if value is not None:
                total += math.log((counts[value] + a) / (sum(counts) + a * size))
                counts[value] += 1
    return total


def exact_log_evidence(rows: Sequence[Row], sizes: Sequence[int], a: float, classes: int) -> float:
    """log p(rows) of the mixture in nats: the sum over every way to put the rows into classes."""
    terms = []
    for labels in itertools.product(range(classes), repeat=len(rows)):
        term = urn_log_evidence([(label,) for label in labels], [classes], a)
        for k in range(classes):
            term += urn_log_evidence([row for row, label in zip(rows, labels, strict=True) if label == k], sizes, a)
        terms.append(term)
    highest = max(terms)
    return highest + math.log(math.fsum(math.exp(term - highest) for term in terms))


def slow_steps(rows: Sequence[Row], sizes: Sequence[int], a: float, r: npt.NDArray[np.float64]) -> Iterator[Any]:
    """Yield (responsibilities, ELBO) of variational Bayes, row by row as the textbook has it.

    The ELBO is E[log p(x|z,θ)] + E[log p(z|π)] + E[log p(π)] + E[log p(θ)] − E[log q] term by term (Bishop 2006,
    chapter 10), not the closed form that the fast code uses.
    """
    classes = r.shape[1]
    while True:
        weights = a + r.sum(axis=0)
        tables = []
        for j, size in enumerate(sizes):
            table = np.full((classes, size), a)
            for i, row in enumerate(rows):
                if row[j] is not None:
                    table[:, row[j]] += r[i]
            tables.append(table)
        log_pi = digamma(weights) - digamma(weights.sum())
        log_theta = [digamma(table) - digamma(table.sum(axis=1, keepdims=True)) for table in tables]
        elbo = float(np.sum(r * log_pi)) - float(np.sum(r[r > 0] * np.log(r[r > 0])))
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                if value is not None:
                    elbo += float(r[i] @ log_theta[j][:, value])
        elbo += dirichlet_terms(np.full(classes, a), weights, log_pi)
        for table, expected in zip(tables, log_theta, strict=True):
            for k in range(classes):
                elbo += dirichlet_terms(np.full(table.shape[1], a), table[k], expected[k])
        yield r, elbo
        logits = np.tile(log_pi, (len(rows), 1))
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                if value is not None:
                    logits[i] += log_theta[j][:, value]
        r = np.exp(logits - logits.max(axis=1, keepdims=True))
        r /= r.sum(axis=1, keepdims=True)


def dirichlet_terms(prior: Any, posterior: Any, expected: Any) -> float:
    """E_q[log p − log q] of one Dirichlet, E_q[log] given."""

    def log_density(a: Any) -> float:
        return float(gammaln(a.sum()) - gammaln(a).sum() + np.sum((a - 1) * expected))

    return log_density(prior) - log_density(posterior)
