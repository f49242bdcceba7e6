"""The evidence lower bound (ELBO) and its parts, and lower bounds of mutual information, from any model q.

Machine learning states these in nats. Here, as everywhere in colprofile, they are in bits; ``base=math.e`` gives nats
and so the numbers of a training loop.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from colprofile.errors import ArgumentError
from colprofile.measures.checks import FloatArray, as_reals, as_shares, as_weights, bits_to
from colprofile.measures.divergence import kl_divergence
from colprofile.measures.entropy import cross_entropy, entropy


class EvidenceParts(NamedTuple):
    """log p(x) = ELBO(q) + KL(q ‖ posterior), ELBO(q) = reconstruction − KL(q ‖ prior); all in the unit asked for.

    Attributes
    ----------
    log_evidence
        log p(x) = log Σ_z p(z) p(x|z).
    elbo
        E_q[log p(x|z)] − KL(q ‖ prior), at most ``log_evidence``.
    reconstruction
        E_q[log p(x|z)].
    prior_kl
        KL(q ‖ prior).
    posterior_kl
        KL(q ‖ p(z|x)): the gap, 0 only where q is the posterior.
    """

    log_evidence: float
    elbo: float
    reconstruction: float
    prior_kl: float
    posterior_kl: float


def evidence_parts(likelihood: ArrayLike, prior: ArrayLike, q: ArrayLike, *, base: float = 2) -> EvidenceParts | None:
    """Return the evidence of one observation x, for a hidden z with finitely many states, split at ELBO(q).

    log p(x) = ELBO(q) + KL(q ‖ p(z|x)), ELBO(q) = Σ q(z) log p(x|z) − KL(q ‖ p(z)).

    Parameters
    ----------
    likelihood
        Array of shape (states,): p(x|z), at least 0; densities may exceed 1.
    prior, q
        Arrays of shape (states,): p(z) and the guess q(z); each is divided by its sum.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    EvidenceParts or None
        None where p(x) = 0, where prior or q is empty or all zeros, and where q gives mass to a state that x
        rules out, which makes the ELBO −∞.

    Raises
    ------
    ArgumentError
        Negative, NaN or infinite numbers; different lengths; ``base`` not above 1.

    Notes
    -----
    Jordan, Ghahramani, Jaakkola & Saul (1999), "An introduction to variational methods", section 6. The gap is
    computed directly, not as the difference of the other two.

    Examples
    --------
    >>> parts = evidence_parts([0.9, 0.1], [0.5, 0.5], [0.5, 0.5])
    >>> parts.log_evidence, round(parts.elbo, 4), round(parts.posterior_kl, 4)
    (-1.0, -1.737, 0.737)
    >>> evidence_parts([0.9, 0.1], [0.5, 0.5], [0.9, 0.1]).posterior_kl < 1e-15
    True
    """
    unit = bits_to(base)
    chances = as_weights(likelihood, name="likelihood")
    before, guess = as_shares(as_weights(prior, name="prior")), as_shares(as_weights(q, name="q"))
    if before is None or guess is None:
        return None
    if not chances.size == before.size == guess.size:
        raise ArgumentError(
            f"likelihood, prior and q have {chances.size}, {before.size} and {guess.size} states: "
            "give all three over the same states of z"
        )
    joint = before * chances
    evidence = float(joint.sum())
    held = guess > 0
    if not evidence or bool(np.any(joint[held] == 0)):
        return None
    reconstruction = float(np.sum(guess[held] * np.log2(chances[held])))
    prior_kl, posterior_kl = kl_divergence(guess, before), kl_divergence(guess, joint)
    if prior_kl is None or posterior_kl is None:
        return None
    figures = (math.log2(evidence), reconstruction - prior_kl, reconstruction, prior_kl, posterior_kl)
    return EvidenceParts(*(figure * unit for figure in figures))


def gaussian_kl(
    mu: ArrayLike, logvar: ArrayLike, prior_mu: ArrayLike = 0.0, prior_logvar: ArrayLike = 0.0, *, base: float = 2
) -> float:
    """Return KL(q ‖ p) of two Gaussians with independent coordinates, summed over all of them; p is N(0, 1) by default.

    ½ Σ (e^(v − w) + (mu − prior_mu)²/e^w − 1 − (v − w)), v = logvar, w = prior_logvar: for the standard prior
    −½ Σ (1 + logvar − mu² − e^logvar).

    Parameters
    ----------
    mu, logvar
        Arrays of one shape, such as (batch, coordinates): q's means and the natural logarithms of its variances, as an
        encoder returns them.
    prior_mu, prior_logvar
        The same for p: numbers, or arrays that broadcast.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float
        At least 0; 0.0 for empty arrays. Infinite where e^logvar is more than a float holds.

    Raises
    ------
    ArgumentError
        Not numbers, NaN or infinite, shapes that do not fit; ``base`` not above 1.

    Notes
    -----
    Kingma & Welling (2013), "Auto-encoding variational Bayes", appendix B.

    Examples
    --------
    >>> gaussian_kl([0.0, 0.0], [0.0, 0.0])
    0.0
    >>> gaussian_kl([1.0], [0.0], base=math.e)
    0.5
    """
    unit = bits_to(base)
    named = {"mu": mu, "logvar": logvar, "prior_mu": prior_mu, "prior_logvar": prior_logvar}
    arrays = [as_reals(values, name) for name, values in named.items()]
    if arrays[0].shape != arrays[1].shape:
        raise ArgumentError(
            f"mu has the shape {arrays[0].shape} and logvar {arrays[1].shape}: give both the same shape"
        )
    try:
        mean, logs, prior_mean, prior_logs = np.broadcast_arrays(*arrays)
    except ValueError:
        raise ArgumentError(f"prior_mu and prior_logvar do not fit the shape {arrays[0].shape} of mu") from None
    with np.errstate(over="ignore"):
        # expm1 keeps the digits where the variances are nearly equal: e^d − 1 − d is then near d²/2.
        difference = logs - prior_logs
        spread = np.expm1(difference) - difference
        distance = (mean - prior_mean) ** 2 * np.exp(-prior_logs)
        nats = float(np.sum(spread + distance)) / 2
    return max(nats, 0.0) / math.log(2) * unit


def bernoulli_log_likelihood(
    x: ArrayLike, reconstruction: ArrayLike, *, is_logits: bool = False, base: float = 2
) -> float | None:
    """Return Σ x log p + (1 − x) log(1 − p): the log probability of x under independent Bernoulli distributions.

    Minus PyTorch's ``binary_cross_entropy(p, x, reduction="sum")``, with ``is_logits`` minus
    ``binary_cross_entropy_with_logits``.

    Parameters
    ----------
    x
        Array of any shape, in [0, 1]: bits, or shares such as grey values.
    reconstruction
        The same shape: p in [0, 1], or logits log(p/(1 − p)) with ``is_logits``.
    is_logits
        Whether ``reconstruction`` holds logits, which keep their digits near 0 and 1.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        At most 0. None where p is 0 or 1 and x is not, as log 0 is −∞. (PyTorch uses −100 there.)

    Raises
    ------
    ArgumentError
        Shapes that differ, numbers outside [0, 1], NaN, infinite logits; ``base`` not above 1.

    Examples
    --------
    >>> bernoulli_log_likelihood([1, 0], [0.5, 0.75])
    -3.0
    >>> bernoulli_log_likelihood([1, 0], [0.0, 0.5]) is None
    True
    """
    unit = bits_to(base)
    bits, given = as_reals(x, "x"), as_reals(reconstruction, "reconstruction")
    if bits.shape != given.shape:
        raise ArgumentError(f"x has the shape {bits.shape} and reconstruction {given.shape}: give both the same shape")
    _within_unit(bits, "x")
    if is_logits:
        nats = float(np.sum(bits * given - np.logaddexp(0.0, given)))
        return nats / math.log(2) * unit
    _within_unit(given, "reconstruction", " (or say is_logits=True)")
    ones, zeros = bits > 0, bits < 1
    if bool(np.any(given[ones] == 0)) or bool(np.any(given[zeros] == 1)):
        return None
    nats = float(np.sum(bits[ones] * np.log(given[ones])) + np.sum((1 - bits[zeros]) * np.log1p(-given[zeros])))
    return nats / math.log(2) * unit


def categorical_log_likelihood(
    labels: ArrayLike, reconstruction: ArrayLike, *, is_logits: bool = False, base: float = 2
) -> float | None:
    """Return Σ_i log p_i(label_i): the log probability of labels, each under its own categorical distribution.

    Minus PyTorch's ``cross_entropy(logits, labels, reduction="sum")`` with ``is_logits``.

    Parameters
    ----------
    labels
        Array of shape (n,): whole numbers from 0 to classes − 1.
    reconstruction
        Array of shape (n, classes): weights, each row divided by its sum, or logits with ``is_logits``.
    is_logits
        Whether ``reconstruction`` holds logarithms, up to a constant per row.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        At most 0; 0.0 without labels. None where a label has probability 0, or a row is all zeros.

    Raises
    ------
    ArgumentError
        Labels outside the classes or not whole, shapes that do not fit; ``base`` not above 1.

    Examples
    --------
    >>> categorical_log_likelihood([0, 1], [[1, 1], [3, 1]])
    -3.0
    """
    unit = bits_to(base)
    given = as_reals(reconstruction, "reconstruction") if is_logits else None
    weights = as_weights(reconstruction, name="reconstruction", dimensions=2) if given is None else given
    if weights.ndim != 2:
        raise ArgumentError(f"reconstruction has {weights.ndim} dimensions: give one row per label")
    chosen = _as_labels(labels, weights.shape)
    at = np.arange(chosen.size)
    if is_logits:
        nats = float(np.sum(weights[at, chosen] - _logsumexp(weights)))
        return min(nats, 0.0) / math.log(2) * unit
    totals, hits = weights.sum(axis=1), weights[at, chosen]
    if bool(np.any(hits == 0)):
        return None
    return float(np.sum(np.log2(hits / totals))) * unit


class VaeObjective(NamedTuple):
    """ELBO = reconstruction − kl, summed over the batch; ``loss`` = −ELBO is what training minimises."""

    elbo: float
    reconstruction: float
    kl: float

    @property
    def loss(self) -> float:
        """The negative ELBO."""
        return -self.elbo


def vae_objective(
    x: ArrayLike,
    reconstruction: ArrayLike,
    mu: ArrayLike,
    logvar: ArrayLike,
    *,
    likelihood: Literal["bernoulli", "categorical"] = "bernoulli",
    is_logits: bool = False,
    base: float = 2,
) -> VaeObjective | None:
    """Return the variational autoencoder's objective for a batch: E_q[log p(x|z)] − KL(q(z|x) ‖ N(0, 1)).

    With ``base=math.e`` its ``loss`` is that of PyTorch's example:
    ``binary_cross_entropy(reconstruction, x, reduction="sum") − 0.5 * (1 + logvar − mu² − exp(logvar)).sum()``.

    Parameters
    ----------
    x
        The input, as for ``bernoulli_log_likelihood``, or labels as for ``categorical_log_likelihood``.
    reconstruction
        The decoder's output for one draw of z; the first term is then an unbiased estimate of E_q[log p(x|z)].
    mu, logvar
        Arrays of one shape: the encoder's means and log variances (natural logarithms).
    likelihood
        "bernoulli" or "categorical".
    is_logits
        Whether ``reconstruction`` holds logits.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    VaeObjective or None
        None where the reconstruction gives x probability 0, or the KL is larger than a float.

    Raises
    ------
    ArgumentError
        As for the parts; another ``likelihood``.

    Notes
    -----
    Kingma & Welling (2013), equation 10.

    Examples
    --------
    >>> vae_objective([[1, 0]], [[0.5, 0.5]], [[0.0]], [[0.0]])
    VaeObjective(elbo=-2.0, reconstruction=-2.0, kl=0.0)
    """
    if likelihood not in ("bernoulli", "categorical"):
        raise ArgumentError(f"likelihood={likelihood!r} is not allowed: give 'bernoulli' or 'categorical'")
    term = bernoulli_log_likelihood if likelihood == "bernoulli" else categorical_log_likelihood
    told = term(x, reconstruction, is_logits=is_logits, base=base)
    kl = gaussian_kl(mu, logvar, base=base)
    return None if told is None or not math.isfinite(kl) else VaeObjective(told - kl, told, kl)


class CrossEntropyParts(NamedTuple):
    """cross_entropy = entropy + kl: the least that a loss can be, plus what learning can still remove."""

    cross_entropy: float
    entropy: float
    kl: float


def cross_entropy_parts(p: ArrayLike, q: ArrayLike, *, base: float = 2) -> CrossEntropyParts | None:
    """Return the cross entropy of a model as the data's own entropy plus KL(P‖Q): H(P, Q) = H(P) + KL(P‖Q).

    Parameters
    ----------
    p, q
        Arrays of shape (cells,): counts or probabilities over the same cells, p the truth and q the model.
    base
        2 for bits, ``math.e`` for nats, as a classifier's log loss is stated.

    Returns
    -------
    CrossEntropyParts or None
        None where p or q is empty or all zeros, and where q has no support on p.

    Raises
    ------
    ArgumentError
        As ``cross_entropy``.

    Examples
    --------
    >>> parts = cross_entropy_parts([1, 1], [1, 3])
    >>> [round(figure, 4) for figure in parts]
    [1.2075, 1.0, 0.2075]
    """
    figures = (cross_entropy(p, q, base=base), entropy(p, base=base), kl_divergence(p, q, base=base))
    if figures[0] is None or figures[1] is None or figures[2] is None:
        return None
    return CrossEntropyParts(figures[0], figures[1], figures[2])


def barber_agakov(table: ArrayLike, model: ArrayLike, *, base: float = 2) -> float | None:
    """Return a lower bound of mutual information from any model of y given x: E_p[log q(y|x)/p(y)] ≤ I(X;Y).

    Parameters
    ----------
    table
        Array of shape (x values, y values): counts or probabilities of the truth.
    model
        The same shape: q(y|x) up to a factor per row; each row is divided by its sum.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        I(X;Y) less the mean KL(p(y|x) ‖ q(y|x)): equal to I where the model is right, below 0 where it is worse than
        ignoring x. None for an empty table, and where the model gives probability 0 to a pair that occurs.

    Raises
    ------
    ArgumentError
        Negative, NaN or infinite numbers, shapes that differ; ``base`` not above 1.

    Notes
    -----
    Barber & Agakov (2003), "The IM algorithm", equation 3. The bound holds for the table given. It holds for the
    distribution behind the table only if q was fitted to other rows.

    Examples
    --------
    >>> barber_agakov([[1, 0], [0, 1]], [[3, 1], [1, 3]])
    0.5849625007211562
    >>> barber_agakov([[1, 0], [0, 1]], [[1, 0], [0, 1]])
    1.0
    """
    unit = bits_to(base)
    truth = as_weights(table, name="table", dimensions=2)
    guess = as_weights(model, name="model", dimensions=2)
    if truth.shape != guess.shape:
        raise ArgumentError(f"table has the shape {truth.shape} and model {guess.shape}: give both the same shape")
    total = float(truth.sum())
    occurs = truth > 0
    if not total or bool(np.any(guess[occurs] == 0)):
        return None
    by_y = np.broadcast_to(truth.sum(axis=0) / total, truth.shape)[occurs]
    sums = np.broadcast_to(guess.sum(axis=1)[:, np.newaxis], truth.shape)[occurs]
    return float(np.sum(truth[occurs] / total * np.log2(guess[occurs] / sums / by_y))) * unit


def info_nce(scores: ArrayLike, *, base: float = 2) -> float | None:
    """Return the contrastive lower bound of mutual information: how well each x can be matched to its y among n.

    log n + mean_i (f(x_i, y_i) − log Σ_j e^f(x_i, y_j)), which is never above log n.

    Parameters
    ----------
    scores
        Array of shape (n, n): the score f(x_i, y_j) in natural logarithms, true pairs on the diagonal.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        Minus PyTorch's ``cross_entropy(scores, arange(n))``, plus log n. Its expectation over samples is at most
        I(X;Y); a single batch may show more. None without rows.

    Raises
    ------
    ArgumentError
        Not a square table of finite numbers; ``base`` not above 1.

    Notes
    -----
    van den Oord, Li & Vinyals (2018), "Representation learning with contrastive predictive coding", equation 5; Poole
    et al. (2019), "On variational bounds of mutual information", equation 10.

    Examples
    --------
    >>> info_nce([[0.0, 0.0], [0.0, 0.0]])
    0.0
    >>> round(info_nce([[50.0, 0.0], [0.0, 50.0]]), 9)
    1.0
    """
    unit = bits_to(base)
    critic = as_reals(scores, "scores")
    if critic.ndim != 2 or critic.shape[0] != critic.shape[1]:
        raise ArgumentError(f"scores has the shape {critic.shape}: give one row and one column per pair")
    if not critic.size:
        return None
    nats = math.log(critic.shape[0]) + float(np.mean(np.diagonal(critic) - _logsumexp(critic)))
    return nats / math.log(2) * unit


def _logsumexp(logits: FloatArray) -> FloatArray:
    """Return log Σ_j e^logits of each row."""
    highest = logits.max(axis=1, initial=-math.inf) if logits.shape[1] else np.zeros(logits.shape[0])
    return np.asarray(highest + np.log(np.exp(logits - highest[:, np.newaxis]).sum(axis=1)), np.float64)


def _within_unit(values: FloatArray, name: str, hint: str = "") -> None:
    if values.size and not (float(values.min()) >= 0 and float(values.max()) <= 1):
        bad = float(values[(values < 0) | (values > 1)].flat[0])
        raise ArgumentError(f"{name} contains {bad!r}: give numbers from 0 to 1{hint}")


def _as_labels(labels: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.int64]:
    chosen = np.asarray(labels)
    if chosen.shape != shape[:1]:
        raise ArgumentError(f"labels has the shape {chosen.shape} and reconstruction {shape}: give one row per label")
    if not chosen.size:
        return np.zeros(0, np.int64)
    if chosen.dtype.kind not in "iu" or int(chosen.min()) < 0 or int(chosen.max()) >= shape[1]:
        raise ArgumentError(f"labels must be whole numbers from 0 to {shape[1] - 1}, one per row of reconstruction")
    return chosen.astype(np.int64)
