"""How many latent classes, and which: many first guesses on a sample, merged down; then the whole table decides."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from colprofile.counting.mixtures.model import Check, Fit, Mixture, Rows

SAMPLE_ROWS = 1 << 15
"""Rows on which first guesses are tried; a table with no more is fitted whole from the start."""

_TRIAL = 1  # iterations over the whole table that each number of classes gets before one is chosen
_MOST_ON_SAMPLE = 40
_COARSE = 1e-4  # nats per row: where a guess on the sample is good enough to merge on
_EXTRA = 2  # first guesses have this many times the classes: merging finds what seeding missed


@dataclass(frozen=True)
class Search:
    """The fit with the highest ELBO on the whole table, and whether its last iteration gained less than the tolerance.

    ``candidates`` are the numbers of classes, each with its highest ELBO on the whole table, in nats.
    """

    fit: Fit
    candidates: dict[int, float]
    is_converged: bool


def search_classes(
    rows: Rows,
    *,
    max_classes: int,
    restarts: int,
    seed: int,
    concentration: float,
    tolerance: float,
    max_iterations: int,
    executor: Executor,
    check: Check,
    progress: Callable[[str, int, int | None], None],
) -> Search:
    """Return the mixture with the highest ELBO among 1 … ``max_classes`` classes.

    Parameters
    ----------
    rows
        Distinct rows; at least one.
    restarts
        First guesses, each with twice the classes allowed, merged down pair by pair.
    tolerance
        Nats per row: an iteration that gains less is the last.
    progress
        Called with a label, what is done and of how much.
    """
    whole = Mixture(rows, concentration, executor, check)
    one = whole.one_class()
    candidates, fits = {1: one.elbo}, {1: one}
    generator = np.random.default_rng(seed)
    sample = whole.of(rows.sampled(SAMPLE_ROWS, generator))
    found = _guesses(sample, max_classes, restarts, generator, progress)
    for number, (classes, fit) in enumerate(sorted(found.items())):
        progress("weighing numbers of classes", number, len(found))
        # The sample's trace is of other rows; where the sample is everything, it goes on.
        start = fit if sample.rows is rows else Fit(fit.class_rows, fit.counts, 0.0, -np.inf)
        fits[classes] = whole.converged(start, tolerance, _TRIAL)
        candidates[classes] = fits[classes].elbo
    best = max(candidates, key=lambda classes: candidates[classes])
    return _polished(whole, fits[best], candidates, tolerance, max_iterations, progress)


def _guesses(
    sample: Mixture,
    max_classes: int,
    restarts: int,
    generator: np.random.Generator,
    progress: Callable[[str, int, int | None], None],
) -> dict[int, Fit]:
    """Return number of classes → the best fit on the sample, for 2 … ``max_classes``."""
    best: dict[int, Fit] = {}
    for restart in range(restarts if max_classes > 1 else 0):
        fit = sample.seeded(_EXTRA * max_classes, generator)
        most = fit.classes
        while fit.classes > 1:
            progress("trying classes on a sample", restart * most + most - fit.classes, restarts * most)
            fit = sample.converged(Fit(fit.class_rows, fit.counts, fit.entropy, fit.elbo), _COARSE, _MOST_ON_SAMPLE)
            if fit.classes <= max_classes and (fit.classes not in best or fit.elbo > best[fit.classes].elbo):
                best[fit.classes] = fit
            fit = sample.merged(fit)
    return best


def _polished(
    whole: Mixture,
    fit: Fit,
    candidates: dict[int, float],
    tolerance: float,
    max_iterations: int,
    progress: Callable[[str, int, int | None], None],
) -> Search:
    """Iterate the chosen fit to its end; where two of its classes are better as one, merge them and go on."""
    done = [0]

    def report(_: Fit) -> None:
        done[0] += 1
        progress("fitting the whole table", done[0], None)

    while True:
        is_converged = fit.classes == 1
        if not is_converged:
            before = len(fit.trace)
            fit = whole.converged(fit, tolerance, max_iterations, report)
            is_converged = len(fit.trace) - before < max_iterations
            candidates[fit.classes] = max(fit.elbo, candidates.get(fit.classes, -np.inf))
            merged = whole.merged(fit)
            if merged.elbo > fit.elbo:
                fit = Fit(merged.class_rows, merged.counts, merged.entropy, merged.elbo, fit.trace)
                candidates[fit.classes] = max(fit.elbo, candidates.get(fit.classes, -np.inf))
                continue
        trace = fit.trace or (fit.elbo,)
        return Search(Fit(fit.class_rows, fit.counts, fit.entropy, fit.elbo, trace), candidates, is_converged)
