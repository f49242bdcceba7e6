from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.errors import ArgumentError
from colprofile.measures import ESTIMATORS, Fingerprint, entropy, entropy_estimate, fingerprint
from colprofile.measures.estimators import nsb
from colprofile.measures.nsb import chao1_alphabet
from tests.support import slow_twins

counts = st.lists(st.integers(1, 30), min_size=1, max_size=15)

TWINS: dict[str, Callable[[Sequence[int]], float | None]] = {
    "plug-in": entropy,
    "miller-madow": slow_twins.miller_madow,
    "grassberger": slow_twins.grassberger,
    "chao-shen": slow_twins.chao_shen,
    "jackknife": slow_twins.jackknife,
    "chao-wang-jost": slow_twins.chao_wang_jost,
}

SAMPLES = {
    "two": [3, 1],
    "few": [5, 2, 1, 1, 1],
    "singles": [1] * 6,
    "no doubles": [7, 4, 3, 1],
    "geometric": [52, 23, 14, 6, 4, 2, 1, 1],
    "species": [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2, *[1] * 12],
}

# From the package infomeasure 0.6.3, in bits: miller_madow, chao_shen, chao_wang_jost. (Its "grassberger" is the
# estimate of 1988, and its "nsb" integrates β over the range of ξ: neither is the one here.)
INFOMEASURE = {
    "two": (0.9916150045702532, 1.2872696988107624, 1.021908987296349),
    "few": (2.249503055621474, 2.608614457213336, 2.610098080798767),
    "singles": (3.186085434424891, 5.540741444412964, 4.700868004284888),
    "no doubles": (1.8907353025929685, 1.9050590025404468, 1.903405425777396),
    "geometric": (2.0823442009437025, 2.119081359180928, 2.102331109891519),
    "species": (3.6994595729652056, 3.8150451948492052, 3.7893383718636273),
}

# The integrals of the NSB paper in mpmath (20 digits and more, quadrature over ln β), for an alphabet of the values
# seen and of twice as many.
NSB = {
    "two": (0.812915643126327, 1.23027692194052),
    "few": (2.06354565487349, 2.46854244089057),
    "singles": (2.4369354414815, 3.24126702417428),
    "no doubles": (1.79546721652713, 1.99487464516211),
    "geometric": (2.08407526671043, 2.10598994258672),
    "species": (3.71292329806207, 3.76144577354137),
}

# The same in 90 digits: a sample without any coincidence, a long tail, counts of millions, one value of three.
NSB_LARGE = [
    ([(1, 1000)], 1_001_000, 19.2532980315355),
    ([(1, 120), (2, 30), (3, 12), (7, 5), (40, 3), (1000, 1)], 500, 2.80180445727832),
    ([(1, 5), (2, 3), (100_000, 2), (2_500_000, 4)], 14, 2.11964983874776),
    ([(7, 1)], 3, 0.195054412245237),
]


@pytest.mark.parametrize("name", TWINS)
@settings(max_examples=60)
@given(counts)
def test_agrees_with_the_loop(name: str, sample: list[int]) -> None:
    assert entropy_estimate(fingerprint(sample), name) == pytest.approx(TWINS[name](sample), abs=1e-9)


@pytest.mark.parametrize("sample", [[1], [7], [1, 1], [2], [1, 999], [500, 500], [1] * 40, [2] * 40, [1, 2] * 20])
@pytest.mark.parametrize("name", TWINS)
def test_agrees_with_the_loop_at_the_edges(name: str, sample: list[int]) -> None:
    assert entropy_estimate(fingerprint(sample), name) == pytest.approx(TWINS[name](sample), abs=1e-9)


@pytest.mark.parametrize("name", SAMPLES)
def test_agrees_with_infomeasure(name: str) -> None:
    made = fingerprint(SAMPLES[name])
    figures = tuple(entropy_estimate(made, each) for each in ("miller-madow", "chao-shen", "chao-wang-jost"))
    assert figures == pytest.approx(INFOMEASURE[name], abs=1e-12)


@pytest.mark.parametrize("name", SAMPLES)
def test_nsb_agrees_with_the_papers_integrals(name: str) -> None:
    sample = SAMPLES[name]
    figures = tuple(nsb(fingerprint(sample), alphabet) for alphabet in (len(sample), 2 * len(sample)))
    assert figures == pytest.approx(NSB[name], abs=1e-12)


@pytest.mark.parametrize(("pairs", "alphabet", "bits"), NSB_LARGE)
def test_nsb_keeps_its_digits(pairs: list[tuple[int, int]], alphabet: int, bits: float) -> None:
    assert nsb(Fingerprint.from_pairs(pairs), alphabet) == pytest.approx(bits, abs=1e-10)


@given(counts, st.integers(0, 20))
@settings(max_examples=50)
def test_nsb_stays_below_the_alphabets_entropy(sample: list[int], more: int) -> None:
    alphabet = len(sample) + more
    bits = nsb(fingerprint(sample), alphabet)
    assert 0 <= bits <= math.log2(alphabet) + 1e-12


def test_nsb_without_an_alphabet_takes_chaos() -> None:
    made = fingerprint(SAMPLES["species"])
    assert (made.rows, made.distinct, made.values_seen(1), made.values_seen(2)) == (168, 26, 12, 4)
    # ⌈167/168 · 12·11/(2·5)⌉ = 14 unseen.
    assert chao1_alphabet(made) == 26 + 14
    assert entropy_estimate(made, "nsb") == nsb(made, 26 + 14)
    assert entropy_estimate(made, "nsb", alphabet=26) == nsb(made, 26)


def test_chao1_edges() -> None:
    assert chao1_alphabet(fingerprint([])) == 0
    assert chao1_alphabet(fingerprint([5, 5])) == 2
    assert chao1_alphabet(fingerprint([1])) == 1
    assert chao1_alphabet(fingerprint([1] * 10)) == 10 + math.ceil(0.9 * 90 / 2)


DISTRIBUTIONS = {
    "uniform over 200": np.full(200, 1 / 200),
    "zipf over 500": 1 / np.arange(1, 501) / np.sum(1 / np.arange(1, 501)),
    "geometric": 0.9 ** np.arange(300) / np.sum(0.9 ** np.arange(300)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_estimators_repair_the_bias_of_small_samples(name: str) -> None:
    shares = DISTRIBUTIONS[name]
    truth = entropy(shares)
    assert truth is not None
    samples = np.random.default_rng(17).multinomial(150, shares, 100)
    errors = {
        each: abs(statistics.fmean(entropy_estimate(fingerprint(sample), each) or 0.0 for sample in samples) - truth)
        for each in ESTIMATORS
    }
    for each in set(ESTIMATORS) - {"plug-in"}:
        assert errors[each] < 0.7 * errors["plug-in"], each
    for each in ("chao-shen", "chao-wang-jost", "nsb"):
        assert errors[each] < 0.5 * errors["plug-in"], each


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_large_sample_needs_no_repair(name: str) -> None:
    shares = DISTRIBUTIONS["geometric"]
    sample = np.round(shares[:100] * 10**12).astype(np.int64)
    exact = float(slow_twins.exact_entropy(sample.tolist()))
    assert entropy_estimate(fingerprint(sample), name) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_long_key_is_quick_and_finite(name: str) -> None:
    bits = entropy_estimate(([1], [10**6]), name)
    assert bits is not None and math.log2(10**6) - 1e-9 <= bits < 45


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimates_of_nothing_are_undefined(name: str) -> None:
    assert entropy_estimate(([], []), name) is None


@pytest.mark.parametrize("name", sorted(set(ESTIMATORS) - {"grassberger"}))
@given(counts)
@settings(max_examples=30)
def test_all_but_grassbergers_are_never_negative(name: str, sample: list[int]) -> None:
    for each in (sample, [sum(sample)]):
        bits = entropy_estimate(fingerprint(each), name)
        assert bits is not None and bits >= 0 and math.copysign(1, bits) == 1


def test_grassbergers_is_not_clipped() -> None:
    assert entropy_estimate(([2], [1]), "grassberger") == pytest.approx(-0.0526, abs=5e-5)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_other_units(name: str) -> None:
    made = fingerprint([5, 2, 1, 1, 1])
    bits = entropy_estimate(made, name)
    assert entropy_estimate(made, name, base=math.e) == pytest.approx(bits * math.log(2))  # type: ignore[operator]
    assert ESTIMATORS[name](made) == bits


def test_the_default_is_chao_wang_jost() -> None:
    made = fingerprint([5, 2, 1, 1, 1])
    assert entropy_estimate(made) == entropy_estimate(made, "chao-wang-jost")


@pytest.mark.parametrize(
    ("arguments", "options", "complaint"),
    [
        ((([1], [2]), "miller"), {}, "no estimator 'miller'. Did you mean 'miller-madow'"),
        ((([1], [2]), "chao_shen"), {}, "Did you mean 'chao-shen'"),
        ((([1], [2]), "plug-in"), {"alphabet": 5}, "'plug-in' takes no alphabet"),
        ((([1], [2]), "nsb"), {"alphabet": 1}, "at least the 2 values seen"),
        ((([1], [2]), "nsb"), {"base": 1}, "base is 1"),
        (([1, 2, 3], "nsb"), {}, "two arrays"),
    ],
)
def test_bad_input_is_refused(arguments: tuple[object, str], options: dict[str, int], complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        entropy_estimate(*arguments, **options)  # type: ignore[arg-type]
