"""Slow, readable loops that say the same as the fast code: the oracle of its tests.

They work on the rows themselves wherever they can, so that they share no step with what they check: no
contingency table, no sums, no fingerprint, no cancellation tricks. All results are in bits unless a name says
otherwise.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

Row = tuple[Hashable, Hashable]


def rows_of(table: Sequence[Sequence[int]]) -> list[Row]:
    """The rows that a contingency table counts: cell (i, j) gives that many rows of x = i and y = j."""
    return [(i, j) for i, line in enumerate(table) for j, count in enumerate(line) for _ in range(int(count))]


def table_of(rows: Iterable[Row]) -> list[list[int]]:
    """The contingency table of rows, values in order of appearance."""
    counts = Counter(rows)
    xs = list(dict.fromkeys(x for x, _ in counts))
    ys = list(dict.fromkeys(y for _, y in counts))
    return [[counts[x, y] for y in ys] for x in xs]


# One column


def entropy(values: Iterable[Hashable]) -> float:
    """−Σ p log2 p over the values of a column."""
    counts = Counter(values)
    n = sum(counts.values())
    return math.fsum(-count / n * math.log2(count / n) for count in counts.values())


def exact_entropy(counts: Iterable[int], digits: int = 60) -> Decimal:
    """Entropy of counts to ``digits`` decimal digits, whatever their size."""
    with localcontext() as context:
        context.prec = digits
        present = [Decimal(int(count)) for count in counts if count]
        n = sum(present, Decimal(0))
        nats = sum((count / n * (n / count).ln() for count in present), Decimal(0))
        return nats / Decimal(2).ln()


def exact_kl(p: Sequence[int], q: Sequence[int], digits: int = 60) -> Decimal:
    """KL of counts to ``digits`` decimal digits."""
    with localcontext() as context:
        context.prec = digits
        total_p, total_q = Decimal(sum(map(int, p))), Decimal(sum(map(int, q)))
        pairs = [(Decimal(int(a)) / total_p, Decimal(int(b)) / total_q) for a, b in zip(p, q, strict=True) if a]
        return sum((a * (a / b).ln() for a, b in pairs), Decimal(0)) / Decimal(2).ln()


def huffman_mean_length(counts: Sequence[float]) -> float:
    """Huffman's tree, built node by node, and the depth of every leaf in it."""
    present = [count for count in counts if count]
    tick = itertools.count()
    heap: list[tuple[float, int, list[int]]] = [(count, next(tick), [leaf]) for leaf, count in enumerate(present)]
    heapq.heapify(heap)
    depth = [0] * len(present)
    while len(heap) > 1:
        first_weight, _, first = heapq.heappop(heap)
        second_weight, _, second = heapq.heappop(heap)
        for leaf in first + second:
            depth[leaf] += 1
        heapq.heappush(heap, (first_weight + second_weight, next(tick), first + second))
    return math.fsum(count * level for count, level in zip(present, depth, strict=True)) / math.fsum(present)


# Two distributions


def kl(p: Sequence[float], q: Sequence[float]) -> float:
    """Σ P log2(P/Q); infinite without support."""
    total_p, total_q = math.fsum(p), math.fsum(q)
    terms = []
    for a, b in zip(p, q, strict=True):
        if a and not b:
            return math.inf
        if a:
            terms.append(a / total_p * math.log2((a / total_p) / (b / total_q)))
    return math.fsum(terms)


def js(p: Sequence[float], q: Sequence[float]) -> float:
    """Entropy of the average less the average of the entropies."""
    shares_p, shares_q = [a / math.fsum(p) for a in p], [b / math.fsum(q) for b in q]

    def bits(shares: Iterable[float]) -> float:
        return math.fsum(-share * math.log2(share) for share in shares if share)

    middle = [(a + b) / 2 for a, b in zip(shares_p, shares_q, strict=True)]
    return bits(middle) - (bits(shares_p) + bits(shares_q)) / 2


# Two columns, from their rows


def mutual_information(rows: Sequence[Row]) -> float:
    """Mean over the rows of log2 of how much likelier the pair is than if independent."""
    xs, ys, both = Counter(x for x, _ in rows), Counter(y for _, y in rows), Counter(rows)
    n = len(rows)
    return math.fsum(math.log2(both[x, y] * n / (xs[x] * ys[y])) for x, y in rows) / n


def conditional_entropy(rows: Sequence[Row]) -> float:
    """H(Y|X): the entropy of Y within each group of X, weighted by the group's share of the rows."""
    groups = _groups(rows)
    return math.fsum(len(group) / len(rows) * entropy(group) for group in groups.values())


def pdep(rows: Sequence[Row]) -> float:
    """pdep(Y|X): draw a row, then one alike in X (maybe the same): the chance that they are alike in Y."""
    groups = _groups(rows)
    alike = sum(Fraction(sum(other == y for other in groups[x]), len(groups[x])) for x, y in rows)
    return float(alike / len(rows))


def pdep_alone(rows: Sequence[Row]) -> float:
    """pdep(Y): the chance that two rows are alike in Y."""
    ys = Counter(y for _, y in rows)
    return float(Fraction(sum(count * count for count in ys.values()), len(rows) ** 2))


def tau(rows: Sequence[Row]) -> float | None:
    alone = pdep_alone(rows)
    return None if alone == 1 else (pdep(rows) - alone) / (1 - alone)


def mu_plus(rows: Sequence[Row]) -> float | None:
    n, distinct_x = len(rows), len({x for x, _ in rows})
    alone = pdep_alone(rows)
    if alone == 1 or n == distinct_x:
        return None
    return max(0.0, 1 - (1 - pdep(rows)) / (1 - alone) * (n - 1) / (n - distinct_x))


def violating_rows(rows: Sequence[Row]) -> int:
    """Rows outside the most frequent Y of their X."""
    return sum(len(group) - max(Counter(group).values()) for group in _groups(rows).values())


def expected_mutual_information(rows: Sequence[Row]) -> float:
    """E[I] over every permutation of one column: exact, for at most about eight rows."""
    xs, ys = [x for x, _ in rows], [y for _, y in rows]
    figures = [mutual_information(list(zip(xs, order, strict=True))) for order in itertools.permutations(ys)]
    return math.fsum(figures) / len(figures)


def exchanged(rows: Sequence[Row]) -> list[Row]:
    return [(y, x) for x, y in rows]


def _groups(rows: Sequence[Row]) -> dict[Hashable, list[Hashable]]:
    groups: dict[Hashable, list[Hashable]] = defaultdict(list)
    for x, y in rows:
        groups[x].append(y)
    return groups


# Entropy estimators, from the counts of values, one term a value


def miller_madow(counts: Sequence[int]) -> float:
    return _plug_in(counts) + (len(counts) - 1) / (2 * sum(counts)) / math.log(2)


def jackknife(counts: Sequence[int]) -> float:
    """Leave each row out in turn."""
    n = sum(counts)
    without = []
    for value, count in enumerate(counts):
        rest = [c - 1 if other == value else c for other, c in enumerate(counts)]
        without += [_plug_in([c for c in rest if c])] * count
    return n * _plug_in(counts) - (n - 1) * math.fsum(without) / n


def grassberger(counts: Sequence[int]) -> float:
    """G by recursion: G(1) = −γ − ln 2, G(2) = 2 + G(1), G(2k + 1) = G(2k), G(2k + 2) = G(2k) + 2/(2k + 1)."""
    euler = 0.577215664901532860606512
    logs = [math.nan, -euler - math.log(2), 2 - euler - math.log(2)]
    while len(logs) <= max(counts):
        c = len(logs)
        logs.append(logs[c - 1] if c % 2 else logs[c - 2] + 2 / (c - 1))
    n = sum(counts)
    return (math.log(n) - math.fsum(c * logs[c] for c in counts) / n) / math.log(2)


def chao_shen(counts: Sequence[int]) -> float:
    n = sum(counts)
    singles = sum(c == 1 for c in counts)
    coverage = Fraction(1) - Fraction(singles - 1 if singles == n > 1 else 0 if singles == n else singles, n)
    total = Decimal(0)
    with localcontext() as context:
        context.prec = 50
        for c in counts:
            share = Decimal((coverage * c).numerator) / Decimal((coverage * c).denominator) / n
            total -= share * share.ln() / (1 - (1 - share) ** n)
        return float(total / Decimal(2).ln())


def chao_wang_jost(counts: Sequence[int]) -> float:
    """The paper's formula as printed, in 400 digits: its second term multiplies a huge with a tiny number."""
    n = sum(counts)
    once, twice = sum(c == 1 for c in counts), sum(c == 2 for c in counts)
    with localcontext() as context:
        context.prec = 400
        total = sum(
            (Decimal(c) / n * sum((Decimal(1) / k for k in range(c, n)), Decimal(0)) for c in counts if c < n),
            Decimal(0),
        )
        if twice:
            share = Decimal(2 * twice) / ((n - 1) * once + 2 * twice)
        elif once:
            share = Decimal(2) / ((n - 1) * (once - 1) + 2)
        else:
            share = Decimal(1)
        if once and share < 1:
            rest = 1 - share
            inner = -share.ln() - sum((rest**r / r for r in range(1, n)), Decimal(0))
            total += Decimal(once) / n * rest ** (1 - n) * inner
        return float(total / Decimal(2).ln())


def _plug_in(counts: Sequence[int]) -> float:
    n = sum(counts)
    return math.fsum(-c / n * math.log2(c / n) for c in counts)


# Two continuous samples


def ksg_nats(x: Sequence[float], y: Sequence[float], neighbors: int) -> float:
    """Kraskov, Stögbauer and Grassberger's first estimator, every distance computed, in nats."""
    from scipy.special import digamma

    n = len(x)
    terms = []
    for i in range(n):
        along_x = [abs(x[i] - x[j]) for j in range(n) if j != i]
        along_y = [abs(y[i] - y[j]) for j in range(n) if j != i]
        radius = sorted(max(a, b) for a, b in zip(along_x, along_y, strict=True))[neighbors - 1]
        near_x, near_y = sum(a < radius for a in along_x), sum(b < radius for b in along_y)
        terms.append(float(digamma(near_x + 1) + digamma(near_y + 1)))
    return float(digamma(n) + digamma(neighbors)) - math.fsum(terms) / n


# Data quality


def pattern(text: str) -> str:
    """9 for a run of ASCII digits, A of capitals, a of other letters and digits; other characters as they are."""

    def kind(character: str) -> str:
        if character in "0123456789":
            return "9"
        if character.isupper() or character.istitle():
            return "A"
        return "a" if character.isalnum() else character

    return "".join(key if key in "9Aa" else "".join(run) for key, run in itertools.groupby(text, kind))


def folded(text: str) -> str:
    """Small letters, one space between words and none at the ends."""
    return " ".join("".join(c.lower() if len(c.lower()) == 1 else c for c in text).split())


def duplicate_rows(rows: Sequence[Hashable]) -> tuple[int, int, tuple[int, ...]]:
    """Rows that repeat an earlier one, pairs of equal rows, and the first five rows that are like the earliest."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        places[row].append(number)
    repeated = [group for group in places.values() if len(group) > 1]
    pairs = sum(len(group) * (len(group) - 1) // 2 for group in repeated)
    return len(rows) - len(places), pairs, tuple(repeated[0][:5]) if repeated else ()


def null_patterns(rows: Sequence[Sequence[object]]) -> Counter[tuple[int, ...]]:
    """How many rows are NULL in exactly which columns."""
    return Counter(tuple(number for number, value in enumerate(row) if value is None) for row in rows)
