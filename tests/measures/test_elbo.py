"""The ELBO and its relatives against closed forms, integrals, scikit-learn and the identities themselves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats
from sklearn.metrics import log_loss

from colprofile.errors import ArgumentError
from colprofile.measures import entropy, kl_divergence, mutual_information
from colprofile.measures.elbo import (
    barber_agakov,
    bernoulli_log_likelihood,
    categorical_log_likelihood,
    cross_entropy_parts,
    evidence_parts,
    gaussian_kl,
    info_nce,
    vae_objective,
)

RANDOM = np.random.default_rng(20240607)
weights = st.floats(0.01, 100)


class TestEvidence:
    @given(st.integers(1, 6).flatmap(lambda n: st.tuples(*[st.lists(weights, min_size=n, max_size=n)] * 3)))
    def test_the_identity_holds_with_its_pieces(self, given: tuple[list[float], ...]) -> None:
        likelihood, prior, q = given
        parts = evidence_parts(likelihood, prior, q)
        assert parts is not None
        joint = np.array(likelihood) * np.array(prior) / sum(prior)
        assert parts.log_evidence == pytest.approx(math.log2(joint.sum()), abs=1e-9)
        assert parts.elbo + parts.posterior_kl == pytest.approx(parts.log_evidence, abs=1e-9)
        assert parts.reconstruction - parts.prior_kl == pytest.approx(parts.elbo, abs=1e-9)
        assert parts.elbo <= parts.log_evidence + 1e-9
        assert parts.posterior_kl >= 0 <= parts.prior_kl

    def test_the_bound_is_tight_at_the_posterior_alone(self) -> None:
        likelihood, prior = np.array([0.2, 0.7, 0.05]), np.array([0.5, 0.2, 0.3])
        tight = evidence_parts(likelihood, prior, likelihood * prior, base=math.e)
        loose = evidence_parts(likelihood, prior, prior, base=math.e)
        assert tight is not None and loose is not None
        assert tight.posterior_kl == pytest.approx(0, abs=1e-15)
        assert tight.elbo == pytest.approx(math.log(float(likelihood @ prior)), abs=1e-14)
        assert loose.prior_kl == 0
        assert loose.elbo == pytest.approx(float(prior @ np.log(likelihood)), abs=1e-14)

    def test_what_is_impossible_is_none(self) -> None:
        assert evidence_parts([0, 0], [1, 1], [1, 1]) is None
        assert evidence_parts([1, 0], [1, 1], [1, 1]) is None
        assert evidence_parts([1, 1], [1, 0], [1, 1]) is None
        assert evidence_parts([], [], []) is None
        assert evidence_parts([1, 0], [1, 1], [1, 0]) is not None

    def test_different_states_are_refused(self) -> None:
        with pytest.raises(ArgumentError, match="2, 3 and 2 states"):
            evidence_parts([1, 1], [1, 1, 1], [1, 1])


def integrated_kl(mu: float, logvar: float, prior_mu: float, prior_logvar: float) -> float:
    """KL of two Gaussians in nats, by integration of q log(q/p)."""
    q = stats.norm(mu, math.exp(logvar / 2))
    p = stats.norm(prior_mu, math.exp(prior_logvar / 2))
    low, high = q.interval(1 - 1e-13)
    return float(integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), low, high, epsabs=1e-12)[0])


class TestGaussianKl:
    @pytest.mark.parametrize(
        "given", [(0.0, 0.0, 0.0, 0.0), (1.5, -2.0, 0.0, 0.0), (-0.3, 0.8, 1.0, -0.5), (2.0, 1.0, 2.0, 1.0)]
    )
    def test_it_is_the_integral(self, given: tuple[float, float, float, float]) -> None:
        assert gaussian_kl(*given, base=math.e) == pytest.approx(integrated_kl(*given), abs=1e-8)

    def test_it_sums_over_batch_and_coordinates(self) -> None:
        mu, logvar = RANDOM.normal(size=(2, 5, 3))
        textbook = -0.5 * float(np.sum(1 + logvar - mu**2 - np.exp(logvar)))
        assert gaussian_kl(mu, logvar, base=math.e) == pytest.approx(textbook, rel=1e-12)
        assert gaussian_kl(mu, logvar) == pytest.approx(textbook / math.log(2), rel=1e-12)

    def test_nearly_equal_gaussians_keep_their_digits(self) -> None:
        assert gaussian_kl([0.0], [1e-9], base=math.e) == pytest.approx(1e-18 / 4, rel=1e-6)

    def test_edges(self) -> None:
        assert gaussian_kl([], []) == 0.0
        assert gaussian_kl([0.0], [1000.0]) == math.inf
        assert gaussian_kl([0.0], [-1e6]) == pytest.approx((1e6 - 1) / 2 / math.log(2))

    @pytest.mark.parametrize(
        ("mu", "logvar", "message"),
        [([0.0], [0.0, 1.0], "both alike"), ([math.nan], [0.0], "NaN"), (["a"], [0.0], "array of numbers")],
    )
    def test_bad_arguments_are_refused(self, mu: Any, logvar: Any, message: str) -> None:
        with pytest.raises(ArgumentError, match=message):
            gaussian_kl(mu, logvar)


class TestReconstruction:
    def test_bernoulli_is_scikit_learns_log_loss(self) -> None:
        x, p = RANDOM.integers(0, 2, 50), RANDOM.uniform(0.01, 0.99, 50)
        nats = bernoulli_log_likelihood(x, p, base=math.e)
        assert nats == pytest.approx(-log_loss(x, p, normalize=False), rel=1e-12)

    def test_grey_values_and_logits(self) -> None:
        x, logits = RANDOM.uniform(size=(4, 6)), RANDOM.normal(0, 3, size=(4, 6))
        p = special.expit(logits)
        by_hand = float(np.sum(special.xlogy(x, p) + special.xlog1py(1 - x, -p)))
        assert bernoulli_log_likelihood(x, p, base=math.e) == pytest.approx(by_hand, rel=1e-12)
        assert bernoulli_log_likelihood(x, logits, is_logits=True, base=math.e) == pytest.approx(by_hand, rel=1e-12)

    def test_logits_do_not_overflow(self) -> None:
        assert bernoulli_log_likelihood([0.0, 1.0], [800.0, -800.0], is_logits=True, base=math.e) == -1600.0

    def test_certainty_that_is_right_costs_nothing(self) -> None:
        assert bernoulli_log_likelihood([1, 0], [1.0, 0.0]) == 0.0
        assert bernoulli_log_likelihood([1, 0], [1.0, 1.0]) is None

    def test_categorical_is_scikit_learns_log_loss(self) -> None:
        labels = np.arange(40) % 4
        weights = RANDOM.uniform(0.1, 1, (40, 4))
        shares = weights / weights.sum(axis=1, keepdims=True)
        nats = categorical_log_likelihood(labels, weights, base=math.e)
        assert nats == pytest.approx(-log_loss(labels, shares, normalize=False), rel=1e-12)
        logits = np.log(weights) + 700
        assert categorical_log_likelihood(labels, logits, is_logits=True, base=math.e) == pytest.approx(nats)

    def test_categorical_edges(self) -> None:
        assert categorical_log_likelihood([0], [[0, 1]]) is None
        assert categorical_log_likelihood([], np.zeros((0, 3))) == 0.0
        for labels in ([2], [-1], [0.5], [0, 1]):
            with pytest.raises(ArgumentError, match="labels"):
                categorical_log_likelihood(labels, [[1, 1]])

    def test_numbers_outside_are_refused(self) -> None:
        with pytest.raises(ArgumentError, match=r"reconstruction holds 1\.5: give numbers from 0 to 1 \(or say is_log"):
            bernoulli_log_likelihood([1], [1.5])
        with pytest.raises(ArgumentError, match="x holds 2"):
            bernoulli_log_likelihood([2], [0.5])


def pytorch_loss(x: Any, reconstruction: Any, mu: Any, logvar: Any) -> float:
    """PyTorch's ``loss_function`` of its VAE example, written out: aten's binary_cross_entropy and the KL term.

    https://github.com/pytorch/examples/blob/main/vae/main.py;
    https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/Loss.cpp clamps each log at −100.
    """
    terms = []
    for target, p in zip(np.ravel(x), np.ravel(reconstruction), strict=True):
        terms.append((target - 1) * max(math.log1p(-p), -100.0) - target * max(math.log(p), -100.0))
    kl = sum(1 + v - m**2 - math.exp(v) for m, v in zip(np.ravel(mu), np.ravel(logvar), strict=True))
    return math.fsum(terms) - 0.5 * float(kl)


class TestVae:
    def test_it_is_pytorchs_loss_in_nats(self) -> None:
        x, p = RANDOM.uniform(size=(8, 20)), RANDOM.uniform(1e-4, 1 - 1e-4, (8, 20))
        mu, logvar = RANDOM.normal(size=(2, 8, 3))
        found = vae_objective(x, p, mu, logvar, base=math.e)
        assert found is not None
        assert found.loss == pytest.approx(pytorch_loss(x, p, mu, logvar), rel=1e-12)
        assert found.elbo == -found.loss == found.reconstruction - found.kl

    def test_the_objective_is_below_the_evidence(self) -> None:
        """One coin x with p(x = 1|z) = expit(z), z ~ N(0, 1): E_q by quadrature never exceeds log ½."""
        for mu, logvar in ((0.0, 0.0), (0.4, -0.2), (-1.0, 0.5)):
            nodes, sizes = np.polynomial.hermite_e.hermegauss(60)
            z = mu + math.exp(logvar / 2) * nodes
            terms = [vae_objective([1.0], [float(p)], [mu], [logvar], base=math.e) for p in special.expit(z)]
            elbo = sum(s * t.elbo for s, t in zip(sizes / sizes.sum(), terms, strict=True) if t is not None)
            assert elbo < math.log(0.5)

    def test_labels(self) -> None:
        found = vae_objective([1], [[1, 3]], [[0.0]], [[0.0]], likelihood="categorical")
        assert found is not None and found.elbo == pytest.approx(math.log2(0.75))

    def test_edges(self) -> None:
        assert vae_objective([1], [0.0], [0.0], [0.0]) is None
        assert vae_objective([1], [0.5], [0.0], [1000.0]) is None
        with pytest.raises(ArgumentError, match="likelihood='gaussian'"):
            vae_objective([1], [0.5], [0.0], [0.0], likelihood="gaussian")  # type: ignore[arg-type]


@given(st.lists(weights, min_size=1, max_size=6), st.lists(weights, min_size=6, max_size=6))
def test_cross_entropy_is_entropy_plus_kl(p: list[float], q: list[float]) -> None:
    parts = cross_entropy_parts(p, q[: len(p)], base=math.e)
    assert parts is not None
    assert parts.cross_entropy == pytest.approx(parts.entropy + parts.kl, abs=1e-9)
    assert parts.entropy == entropy(p, base=math.e)
    assert parts.kl == kl_divergence(p, q[: len(p)], base=math.e)


def test_cross_entropy_without_support_is_none() -> None:
    assert cross_entropy_parts([1, 1], [1, 0]) is None
    assert cross_entropy_parts([], []) is None


tables = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=4)


class TestMutualInformationBounds:
    @given(tables, st.lists(st.lists(weights, min_size=3, max_size=3), min_size=4, max_size=4))
    def test_barber_agakov_never_exceeds_and_misses_by_the_models_kl(self, table: Any, model: Any) -> None:
        guess = model[: len(table)]
        bound, truth = barber_agakov(table, guess), mutual_information(table)
        if bound is None or truth is None:
            assert not np.any(table)
            return
        assert bound <= truth + 1e-9
        rows = [sum(line) for line in table]
        gap = sum(
            n / sum(rows) * float(kl_divergence(line, q) or 0.0) for n, line, q in zip(rows, table, guess, strict=True)
        )
        assert truth - bound == pytest.approx(gap, abs=1e-9)

    @given(tables)
    def test_barber_agakov_of_the_truth_is_mutual_information(self, table: Any) -> None:
        bound = barber_agakov(table, table, base=math.e)
        expected = mutual_information(table, base=math.e)
        assert bound == (None if expected is None else pytest.approx(expected, abs=1e-9))

    def test_barber_agakov_without_support_is_none(self) -> None:
        assert barber_agakov([[1, 1]], [[1, 0]]) is None
        with pytest.raises(ArgumentError, match="both alike"):
            barber_agakov([[1, 1]], [[1], [1]])

    def test_info_nce_is_a_loop(self) -> None:
        scores = RANDOM.normal(0, 2, (7, 7))
        total = 0.0
        for i in range(7):
            total += scores[i, i] - math.log(sum(math.exp(scores[i, j]) for j in range(7)) / 7)
        assert info_nce(scores, base=math.e) == pytest.approx(total / 7, rel=1e-12)

    def test_info_nce_is_capped_and_below_mutual_information(self) -> None:
        assert info_nce(np.eye(16) * 1000) == pytest.approx(4.0)
        # Gaussians with correlation r, scored by the true log density ratio, many batches: I = −½ log(1 − r²).
        r, found = 0.8, []
        for _ in range(300):
            x = RANDOM.normal(size=64)
            y = r * x + math.sqrt(1 - r * r) * RANDOM.normal(size=64)
            joint = -((y[None, :] - r * x[:, None]) ** 2) / (2 * (1 - r * r)) + y[None, :] ** 2 / 2
            found.append(info_nce(joint, base=math.e) or 0.0)
        truth = -0.5 * math.log(1 - r * r)
        error = float(np.std(found)) / math.sqrt(len(found))
        assert 0.85 * truth < float(np.mean(found)) < truth + 4 * error

    def test_info_nce_edges(self) -> None:
        assert info_nce(np.zeros((0, 0))) is None
        assert info_nce([[3.0]]) == 0.0
        with pytest.raises(ArgumentError, match="one row and one column per pair"):
            info_nce([[1.0, 2.0]])


@pytest.mark.parametrize(
    "call",
    [
        lambda base: evidence_parts([1], [1], [1], base=base),
        lambda base: gaussian_kl([0.0], [0.0], base=base),
        lambda base: bernoulli_log_likelihood([1], [0.5], base=base),
        lambda base: barber_agakov([[1]], [[1]], base=base),
        lambda base: info_nce([[0.0]], base=base),
    ],
)
def test_the_base_is_checked(call: Any) -> None:
    with pytest.raises(ArgumentError, match="base is 1"):
        call(1)
