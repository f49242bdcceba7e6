"""PairProfile from a pair's counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from colprofile.counting.pairs import PairColumn, PairCount, count_pairs
from colprofile.measures.determination import mu_plus
from colprofile.measures.sums import PairSums
from colprofile.measures.tables import entropies, exchanged
from colprofile.results.pair import Determination, PairProfile
from colprofile.sources.base import SourceColumn
from colprofile.verbs.profile.pair_columns import is_ordered

_FIGURES = (
    "entropy_x",
    "entropy_y",
    "joint_entropy",
    "mutual_information",
    "mutual_information_interval",
    "expected_mutual_information",
    "dependence",
    "entropy_x_given_y",
    "entropy_y_given_x",
    "variation_of_information",
    "pearson",
    "spearman",
    "planner_factor",
    "x_to_y",
    "y_to_x",
)


def pair_profile(x: SourceColumn, y: SourceColumn, count: PairCount) -> PairProfile:
    """Return the profile that follows from what was counted of a pair."""
    sums = count.sums
    bits = entropies(sums)
    if bits is None:
        return _without_rows(x.name, y.name)
    undefined: dict[str, str] = {}
    strength = count.strength
    if strength.value is None:
        undefined["dependence"] = "a column is constant over the pair's rows"
    if count.pearson is None:
        undefined["pearson"] = (
            "a column is constant over the pair's rows, or holds NaN or infinite values"
            if x.kind == y.kind == "numeric"
            else "a column is not numeric"
        )
    if count.spearman is None:
        undefined["spearman"] = (
            "a column is constant over the pair's rows, or holds NaN, intervals or times with a zone"
            if is_ordered(x) and is_ordered(y)
            else "a column is neither numeric nor temporal"
        )
    return PairProfile(
        x=x.name,
        y=y.name,
        rows=sums.rows,
        entropy_x=bits.x,
        entropy_y=bits.y,
        joint_entropy=bits.joint,
        mutual_information=bits.shared,
        mutual_information_interval=(bits.shared, bits.shared),
        expected_mutual_information=count.expected,
        dependence=strength.value,
        bins_x=strength.bins_x,
        bins_y=strength.bins_y,
        entropy_x_given_y=bits.x_given_y,
        entropy_y_given_x=bits.y_given_x,
        variation_of_information=bits.x_given_y + bits.y_given_x,
        distinct_pairs=sums.cells,
        pearson=count.pearson,
        planner_factor=2.0**bits.shared,
        x_to_y=_determination(sums, bits.y, bits.y_given_x),
        y_to_x=_determination(exchanged(sums), bits.x, bits.x_given_y),
        undefined=undefined,
        spearman=count.spearman,
    )


def count_pair_profiles(
    columns: Sequence[SourceColumn],
    prepared: Mapping[int, PairColumn],
    pairs: Sequence[tuple[int, int]],
    executor: Executor,
    progress: Callable[[int], None] = lambda done: None,
    tests: int | None = None,
    memory: int | None = None,
) -> list[PairProfile]:
    """Count pairs of column numbers and return their profiles; ``prepared`` holds the columns as pairs see them.

    ``tests`` and ``memory`` are those of ``count_pairs``.
    """
    position = {number: index for index, number in enumerate(prepared)}
    numbers = [(position[x], position[y]) for x, y in pairs]
    counts = count_pairs(
        list(prepared.values()), numbers, executor=executor, progress=progress, tests=tests, memory=memory
    )
    return [pair_profile(columns[x], columns[y], count) for (x, y), count in zip(pairs, counts, strict=True)]


_NOT_FROM_A_SAMPLE = ("pearson", "spearman", "x_to_y", "y_to_x", "expected_mutual_information")


def sampled_pair_profile(
    sample: PairProfile, sides: tuple[float, float, float], sampled_rows: int, rows: int
) -> PairProfile:
    """Return the profile of a pair from that of a sample of its rows.

    Mutual information is the estimate within its interval: ``sides`` are lower bound, estimate and upper bound in bits.
    Entropies, dependence and distinct pairs are the sample's, an entropy being at least the mutual information.
    """
    lower, shared, upper = sides
    reason = f"not known from a sample of {sampled_rows:,} rows"
    bits_x, bits_y = (max(bits or 0.0, shared) for bits in (sample.entropy_x, sample.entropy_y))
    return replace(
        sample,
        rows=round(sample.rows / sampled_rows * rows),
        entropy_x=bits_x,
        entropy_y=bits_y,
        joint_entropy=bits_x + bits_y - shared,
        mutual_information=shared,
        mutual_information_interval=(lower, upper),
        entropy_x_given_y=bits_x - shared,
        entropy_y_given_x=bits_y - shared,
        variation_of_information=bits_x + bits_y - 2 * shared,
        planner_factor=2.0**shared,
        pearson=None,
        spearman=None,
        x_to_y=None,
        y_to_x=None,
        expected_mutual_information=None,
        undefined={**sample.undefined, **dict.fromkeys(_NOT_FROM_A_SAMPLE, reason)},
        sampled_rows=sampled_rows,
    )


def _determination(sums: PairSums, entropy: float, left: float) -> Determination:
    violating = sums.rows - sums.best_y_by_x
    return Determination(
        uncertainty_coefficient=max(0.0, 1.0 - left / entropy) if entropy > 0 else None,
        mu_plus=mu_plus(sums),
        g3=violating / sums.rows,
        violating_rows=violating,
        is_exact=violating == 0,
    )


def _without_rows(x: str, y: str) -> PairProfile:
    nothing: dict[str, Any] = dict.fromkeys(_FIGURES)
    return PairProfile(
        x=x,
        y=y,
        rows=0,
        bins_x=None,
        bins_y=None,
        distinct_pairs=0,
        undefined=dict.fromkeys(_FIGURES, "no row has a value in both columns"),
        **nothing,
    )


def strongest_first(pairs: Iterable[PairProfile]) -> tuple[PairProfile, ...]:
    """Return pairs by falling dependence, then by falling mutual information; undefined ones last."""

    def place(pair: PairProfile) -> tuple[bool, float, float]:
        return pair.dependence is None, -(pair.dependence or 0.0), -(pair.mutual_information or 0.0)

    return tuple(sorted(pairs, key=place))
