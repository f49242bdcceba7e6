"""Pairs settled from samples where that is enough: rounds of growing samples, then exact counts for what is left.

All codes are in memory, so rows are drawn once and every round takes a longer beginning of the same draw. The bounds of
all pairs in all rounds, of which there is a fixed number, hold together with the confidence that was asked for, so that
which of them are computed may depend on the rounds before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import NamedTuple

import numpy as np

from colprofile.counting.buffers import CodeArray
from colprofile.counting.coded import CodedTable
from colprofile.counting.pairs import PairColumn, PairCount, count_pairs
from colprofile.counting.sampling import RowDraw, RowNumbers, SampledColumn, gather, pair_cells
from colprofile.counting.strength import finest_halving
from colprofile.measures.bounds.api import information_sides
from colprofile.measures.bounds.dependence import PairMarginals, SampledTable, dependence_upper
from colprofile.measures.bounds.result import delta_of
from colprofile.measures.tables import entropies
from colprofile.results.pair import PairProfile
from colprofile.verbs.profile.pair_columns import Views, is_ordered, sampled_pair_column, views_of
from colprofile.verbs.profile.pairs import count_pair_profiles, sampled_pair_profile, strongest_first
from colprofile.verbs.profile.round_costs import PAIR_COST, Look, Pair, RoundCosts, pilot
from colprofile.verbs.profile.session import Session

FIRST_ROWS = 1 << 13
"""Rows of the first round."""

GROWTH = 4
"""How many times as many rows the next round takes."""

LAST_SHARE = 16
"""The last round reads one row in this many; beyond that, exact counts are about as cheap."""

_EXACT_BATCH = 24
"""Pairs counted first; each batch then has twice as many, so that columns are sorted for many pairs at once."""

_TASK_PAIRS = 8
"""Pairs that a core bounds at a time: a few milliseconds."""

_SAME = 1e-9
"""Dependences that differ by less are equal: a pair is dropped only if it is certainly weaker."""


class Settled(NamedTuple):
    """The profiles of pairs, and notes for the reader."""

    pairs: list[PairProfile]
    notes: tuple[str, ...]


def settle_pairs(session: Session, table: CodedTable, count: Callable[[Sequence[Pair]], list[PairProfile]]) -> Settled:
    """Return the pairs that the session's sampling asks for; ``count`` counts pairs of column numbers exactly."""
    work = _Rounds(session, table, count)
    return work.select() if session.counting.sampling.is_selecting else work.narrow()


def _estimate(sample: PairCount) -> float:
    """Return a rough dependence to sort pairs by, from that of a sample of their rows.

    Of values that are rare in the sample chance explains much. Without chance, what is left of the smaller entropy is
    the most that can be shared.
    """
    bits = entropies(sample.sums)
    if bits is None or not sample.strength.value:
        return 0.0
    room = min(bits.x, bits.y) - sample.expected
    excess = bits.shared - sample.expected
    return max(sample.strength.value, math.sqrt(min(1.0, excess / room)) if excess > 0.0 and room > 0.0 else 0.0)


class _Rounds:
    """The rounds of one profile."""

    def __init__(
        self, session: Session, table: CodedTable, count: Callable[[Sequence[Pair]], list[PairProfile]]
    ) -> None:
        self.table, self.columns, self.count = table, session.columns, count
        self.executor, self.report, self.sampling = session.executor, session.report, session.counting.sampling
        self.nulls = session.counting.nulls
        self.is_null_value = self.nulls == "value"
        self.pairs = list(combinations(range(len(self.columns)), 2))
        self.sizes: list[int] = []
        size = FIRST_ROWS
        while size * LAST_SHARE <= table.rows:
            self.sizes.append(size)
            size *= GROWTH
        rounds = max(1, len(self.sizes) * len(self.pairs))
        self.delta = delta_of(self.sampling.confidence) / rounds
        sizes = [marginal.counts.size for marginal in table.marginals]
        self.costs = RoundCosts(table.rows, sizes, list(map(is_ordered, self.columns)))
        self.drawn = RowDraw(table.rows, self.sampling.seed)
        self.views: dict[int, Views] = {}
        self.raw: dict[int, CodeArray] = {}
        self.values: dict[int, SampledColumn] = {}
        self.bins: dict[int, SampledColumn] = {}

    def draw(self, size: int, pairs: Sequence[Pair]) -> None:
        """Gather the first ``size`` drawn rows of the columns of some pairs, as they are and cut for dependence."""
        needed = sorted({number for pair in pairs for number in pair})
        numbers = self.drawn.first(size)
        drawn = self.executor.map(partial(self._draw_column, numbers=numbers), needed)
        for number, (values, bins) in zip(needed, drawn, strict=True):
            self.values[number] = values
            if bins is not None:
                self.bins[number] = bins

    def _draw_column(self, number: int, numbers: RowNumbers) -> tuple[SampledColumn, SampledColumn | None]:
        views = self.views.get(number)
        if views is None:
            views = views_of(self.table.marginals[number], self.columns[number], self.is_null_value)
            self.views[number] = views
        codes = self.table.codes[number]
        old = self.raw.get(number, codes[:0])
        codes = self.raw[number] = np.concatenate([old, gather(codes, numbers[old.size :])])
        return views.values.of(codes), None if views.bins is None else views.bins.of(codes)

    def spread(self, function: Callable[[Pair], float], pairs: Sequence[Pair], label: str) -> list[float]:
        """Return the function of each pair, computed on all cores."""

        def some(begin: int) -> list[float]:
            return [function(pair) for pair in pairs[begin : begin + _TASK_PAIRS]]

        found: list[float] = []
        for values in self.executor.map(some, range(0, len(pairs), _TASK_PAIRS)):
            self.report(label, len(found), len(pairs))
            found += values
        return found

    def select(self) -> Settled:
        """Return the strongest pairs, counted exactly: most of the others are decided from samples.

        Those that look strongest in the first sample are counted first, as they will probably have to be anyway: a
        threshold that is exact lets the rounds drop more.
        """
        wanted = self.sampling.top_pairs or len(self.pairs)
        least = self.sampling.min_dependence or 0.0
        alive = list(self.pairs)
        upper = dict.fromkeys(alive, 1.0)
        found: dict[Pair, PairProfile] = {}
        looked = 0
        for size in self.sizes:
            if not self._is_worth_it(alive, 0 if looked else self.sampling.top_pairs or 0, size):
                break
            self.draw(size, alive)
            if not looked:
                least = self._count(self._likely(alive, wanted, least), found, wanted, least)
                alive = [pair for pair in alive if pair not in found]
            looked = size
            bound = partial(self._upper, size=size, least=least)
            few, others = pilot(alive)
            upper.update(zip(few, self.spread(bound, few, "deciding pairs"), strict=True))
            saved = sum(self.costs.exact(pair) for pair in few if upper[pair] < least - _SAME)
            if saved <= sum(self.costs.round(pair, size) for pair in few):
                alive = [pair for pair in alive if upper[pair] >= least - _SAME]
                break
            for pair, high in zip(others, self.spread(bound, others, "deciding pairs"), strict=True):
                upper[pair] = min(upper[pair], high)
            before = len(alive)
            alive = [pair for pair in alive if upper[pair] >= least - _SAME]
            if len(alive) > 0.95 * before:
                break
        decided = len(self.pairs) - len(alive) - len(found)
        self._count_strongest(alive, upper, wanted, least, found)
        shown = strongest_first(pair for _, pair in sorted(found.items()))
        shown = tuple(pair for pair in shown if (pair.dependence or 0.0) >= (self.sampling.min_dependence or 0.0))[
            :wanted
        ]
        return Settled(list(shown), self._selection_notes(len(shown), decided, len(found), looked))

    def _is_worth_it(self, alive: Sequence[Pair], wanted: int, size: int) -> bool:
        """Whether a round costs much less than the exact counts that it may save, all except those ``wanted``."""
        spared = sum(map(self.costs.exact, alive)) * max(0, len(alive) - wanted) / max(1, len(alive))
        return sum(PAIR_COST + self.costs.round(pair, size) for pair in alive) < spared / 3

    def _likely(self, pairs: Sequence[Pair], wanted: int, least: float) -> list[Pair]:
        """Return the pairs that probably have to be counted in the end: those strongest in the rows drawn."""
        self.report("sampling pairs", 0, len(pairs))
        prepared = self._sampled_columns(pairs, self.sizes[0])
        place = {number: index for index, number in enumerate(prepared)}
        counts = count_pairs(
            list(prepared.values()),
            [(place[x], place[y]) for x, y in pairs],
            executor=self.executor,
            progress=lambda done: self.report("sampling pairs", done, len(pairs)),
            tests=1,
        )
        estimates = [_estimate(count) for count in counts]
        order = np.argsort(-np.array(estimates), kind="stable")
        if self.sampling.top_pairs is None:
            return [pairs[i] for i in order if estimates[i] >= least]
        return [pairs[i] for i in order[: max(_EXACT_BATCH, wanted)]]

    def _sampled_columns(self, pairs: Iterable[Pair], size: int) -> dict[int, PairColumn]:
        """Return the columns of some pairs in the first ``size`` drawn rows."""
        numbers = sorted({number for pair in pairs for number in pair})

        def prepare(number: int) -> PairColumn:
            marginal, column = self.table.marginals[number], self.columns[number]
            return sampled_pair_column(self.raw[number][:size], marginal, column, self.nulls)

        return dict(zip(numbers, self.executor.map(prepare, numbers), strict=True))

    def _count(self, pairs: Sequence[Pair], found: dict[Pair, PairProfile], wanted: int, least: float) -> float:
        """Count pairs exactly into ``found``; return the dependence that those wanted are now known to reach."""
        self.report("counting pairs", len(found), None)
        found.update(zip(pairs, self.count(pairs), strict=True))
        strengths = sorted((pair.dependence or 0.0 for pair in found.values()), reverse=True)
        return max(least, strengths[wanted - 1]) if len(strengths) >= wanted else least

    def _table(self, x: SampledColumn, y: SampledColumn, size: int, *, is_scaled: bool = False) -> SampledTable:
        """Return two columns' table in the first ``size`` drawn rows."""
        first, second = x.codes[:size], y.codes[:size]
        seen = np.count_nonzero((first > 0) & (second > 0)) if x.nulls or y.nulls else first.size
        nulls, distributions = (x.nulls, y.nulls), (x.distribution, y.distribution)
        known = PairMarginals.of(self.table.rows, nulls, distributions, int(seen))
        return SampledTable(partial(pair_cells, first, second, x.width, y.width), known, is_scaled)

    def _upper(self, pair: Pair, size: int, least: float) -> float:
        """Return an upper bound of a pair's dependence; 1 where that costs more than a count, or is of no use."""
        if least <= 0.0 or self.costs.round(pair, size) > self.costs.exact(pair):
            return 1.0
        x, y = (self.values[number] for number in pair)
        bins_x, bins_y = (self.bins.get(number) for number in pair)
        cuts: list[SampledTable] = []
        if bins_x is not None and bins_y is not None:
            cuts.append(self._table(bins_x, bins_y, size, is_scaled=True))
        if bins_x is not None and (cut := self._cut_for(pair[0], bins_x, y)) is not None:
            cuts.append(self._table(cut, y, size))
        if bins_y is not None and (cut := self._cut_for(pair[1], bins_y, x)) is not None:
            cuts.append(self._table(x, cut, size))
        return dependence_upper(self._table(x, y, size), cuts, self.delta, least)

    def _cut_for(self, number: int, bins: SampledColumn, other: SampledColumn) -> SampledColumn | None:
        """Return a column's finest cut beside another column as it is; None where dependence does not look at any."""
        views = self.views[number]
        level = None if views.cut is None else finest_halving(views.cut, other.width, self.table.rows)
        return None if level is None else views.halved(bins, level)

    def _count_strongest(
        self,
        alive: Sequence[Pair],
        upper: Mapping[Pair, float],
        wanted: int,
        least: float,
        found: dict[Pair, PairProfile],
    ) -> None:
        """Count pairs exactly, those with the highest upper bounds first, until no other can be among those wanted."""
        waiting = sorted(alive, key=lambda pair: -upper[pair])
        batch = _EXACT_BATCH if self.sampling.top_pairs is not None else len(waiting)
        if not found:
            batch = max(batch, wanted)
        # Nothing rules out those of which no bound is known: they are counted at once.
        batch = max(batch, sum(upper[pair] >= 1.0 for pair in waiting))
        while waiting:
            least = self._count(waiting[:batch], found, wanted, least)
            del waiting[:batch]
            while waiting and upper[waiting[-1]] < least - _SAME:
                waiting.pop()
            batch *= 2

    def _selection_notes(self, shown: int, decided: int, counted: int, looked: int) -> tuple[str, ...]:
        total = len(self.pairs)
        if shown == total:
            return ()
        which = "those"
        if self.sampling.top_pairs is not None:
            which = "the strongest" if shown == 1 else f"the {shown} strongest"
        if self.sampling.min_dependence is not None:
            which += f" with a dependence of at least {self.sampling.min_dependence:g}"
        sure = (
            f"{decided:,} were left out from samples of up to {looked:,} rows, with {self._percent} confidence for all "
            f"together; the other {counted:,} were counted in all rows"
            if decided
            else "all that could be among them were counted in all rows"
        )
        which += f" {'is' if which.startswith('the strongest') else 'are'} shown"
        if not shown:
            which = f"none has a dependence of at least {self.sampling.min_dependence:g}"
        return (f"Of {total:,} pairs {which}: {sure}.",)

    @property
    def _percent(self) -> str:
        return f"{100 * self.sampling.confidence:g} %"

    def narrow(self) -> Settled:
        """Return all pairs with intervals no wider than the precision, exact where samples cannot do that cheaply."""
        precision = self.sampling.precision or 0.0
        waiting = list(self.pairs)
        exact: list[Pair] = []
        found: dict[Pair, PairProfile] = {}
        for number, size in enumerate(self.sizes):
            self.draw(size, waiting)
            self.report("sampling pairs", len(found), len(self.pairs))
            few, others = pilot(waiting)
            looks = self._looks(few, size)
            if self.costs.gain(looks, size, precision, 2 * self.sizes[-1]) > 0.0:
                looks.update(self._looks(others, size))
            else:
                exact += others
            settled = {pair: look.sides for pair, look in looks.items() if look.sides and look.width <= precision}
            found.update(self._sampled(settled, size))
            later: list[Pair] = []
            for pair, look in looks.items():
                if pair in settled:
                    continue
                is_possible = look.needed(size, precision) <= 2 * self.sizes[-1] and number + 1 < len(self.sizes)
                (later if is_possible else exact).append(pair)
            waiting = later
            if not waiting:
                break
        exact += waiting if not self.sizes else []
        self.report("counting pairs", len(found), len(self.pairs))
        found.update(zip(exact, self.count(exact), strict=True))
        notes: tuple[str, ...] = ()
        if sampled := len(found) - len(exact):
            rows = max(pair.sampled_rows or 0 for pair in found.values())
            notes = (
                f"{sampled:,} of {len(self.pairs):,} pairs are estimated from samples of up to {rows:,} rows: their "
                f"mutual information lies in its interval, at most {precision:g} bits wide, with {self._percent} "
                "confidence for all together, and their dependence is that of these rows. The other pairs and all "
                "columns are counted in all rows.",
            )
        return Settled([found[pair] for pair in self.pairs], notes)

    def _looks(self, pairs: Sequence[Pair], size: int) -> dict[Pair, Look]:
        """Return what ``size`` drawn rows say of the mutual information of pairs, and what that took."""
        return dict(zip(pairs, self.executor.map(partial(self._look, size=size), pairs), strict=True))

    def _look(self, pair: Pair, size: int) -> Look:
        """Return bounds of a pair's mutual information; none where they cost more than a count."""
        known = self._table(self.values[pair[0]], self.values[pair[1]], size)
        cells = known.cells()
        cost = self.costs.look(cells.counts.size, size)
        if cost > self.costs.exact(pair) or not cells.counts.size:
            return Look(None, self.costs.look(0, size))
        marginals = known.known
        sides = information_sides(
            cells,
            marginals.whole,
            self.delta,
            marginals.distributions,
            are_exact=marginals.are_exact,
            slack=marginals.slack,
        )
        return Look(sides, cost)

    def _sampled(
        self, settled: dict[Pair, tuple[float, float, float]], size: int
    ) -> Iterable[tuple[Pair, PairProfile]]:
        """Yield profiles of pairs whose intervals are narrow enough, with the sample's other figures."""
        prepared = self._sampled_columns(settled, size)
        profiles = count_pair_profiles(self.columns, prepared, list(settled), self.executor, tests=len(self.pairs))
        for (pair, sides), profile in zip(settled.items(), profiles, strict=True):
            yield pair, sampled_pair_profile(profile, sides, size, self.table.rows)
