"""Columns, pairs and joint counts of small made-up tables, counted by plain loops, for hand-made profiles.

A report of them can be read with sense. The chance bits are the rough (kx − 1)(ky − 1)/(2 n ln 2): what is tested here
is how figures are shown, not the figures.
"""

from __future__ import annotations

import datetime
import math
import statistics
from collections import Counter
from dataclasses import replace
from typing import Any

from colprofile import __version__
from colprofile.results.column import ColumnProfile, Distribution, Quantile, TopValue
from colprofile.results.histogram import Histogram
from colprofile.results.joint import Category, Joint
from colprofile.results.pair import Determination, PairProfile
from colprofile.results.profile import Profile
from colprofile.results.provenance import Provenance
from colprofile.verbs.profile.structure import ledger, named_clusters, spanning_tree


def entropy(counts: Any) -> float:
    held: list[int] = list(counts)
    total = sum(held)
    return max(0.0, math.log2(total) - sum(c * math.log2(c) for c in held) / total)


def column(name: str, values: list[Any], type_: str, kind: Any, stored: int | None = None) -> ColumnProfile:
    """One column, from its values (None is NULL; temporal values as ISO text)."""
    there = [value for value in values if value is not None]
    counts = Counter(there)
    n, rows = len(there), len(values)
    undefined: dict[str, str] = {}

    def figure(field: str, value: Any, reason: str | None) -> Any:
        if reason is None:
            return value()
        undefined[field] = reason
        return None

    empty = None if n else "no value that is not NULL"
    bits = figure("entropy", lambda: entropy(counts.values()), empty)
    few = empty or (None if len(counts) > 1 else "fewer than two values")
    numeric = empty or (None if kind == "numeric" else "not numeric")
    ordered = sorted(there)
    mask = rows * entropy([n, rows - n]) / 8 if 0 < n < rows else 0.0
    steps = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
    has_order = kind in ("numeric", "temporal") and bool(n)
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ColumnProfile(
        name=name,
        type=type_,
        kind=kind,
        rows=rows,
        nulls=rows - n,
        distinct=len(counts),
        entropy=bits,
        entropy_interval=figure("entropy_interval", lambda: (bits, bits), empty),
        max_entropy=figure("max_entropy", lambda: math.log2(len(counts)), empty),
        efficiency=figure("efficiency", lambda: bits / math.log2(len(counts)), few),
        perplexity=figure("perplexity", lambda: 2**bits, empty),
        minimum=figure("minimum", lambda: ordered[0], empty),
        maximum=figure("maximum", lambda: ordered[-1], empty),
        mean=figure("mean", lambda: statistics.fmean(there), numeric),
        standard_deviation=figure(
            "standard_deviation",
            lambda: statistics.stdev(there),
            numeric or (None if n > 1 else "fewer than two rows"),
        ),
        quantiles=tuple(Quantile(p, ordered[math.ceil(p * n) - 1]) for p in steps) if has_order else (),
        top_values=tuple(TopValue(value, count, count / n) for value, count in top[:10]),
        distribution=distribution(ordered, kind) if has_order else None,
        histogram=Histogram(
            rows, rows - n, len(counts), tuple(value for value, _ in top), tuple(count for _, count in top)
        ),
        fingerprint=tuple(sorted(Counter(counts.values()).items())),
        floor_bytes=round((n * bits if n else 0) / 8 + mask),
        stored_bytes=figure("stored_bytes", lambda: stored, None if stored is not None else "the source does not say"),
        is_constant=len(counts) == 1 and n == rows,
        is_key=bool(n) and n == rows == len(counts),
        undefined=undefined,
        estimates={"miller-madow": bits + 0.25, "chao-shen": bits + 0.5} if n else {},
    )


def distribution(ordered: list[Any], kind: str) -> Distribution:
    """Sixteen equal-width bins; temporal values by their day."""
    if kind == "temporal":
        days = [datetime.date.fromisoformat(value[:10]).toordinal() for value in ordered]
    low, high = (days[0], days[-1]) if kind == "temporal" else (ordered[0], ordered[-1])
    numbers = days if kind == "temporal" else ordered
    width = (high - low) / 16 or 1
    counts = [0] * 16
    for number in numbers:
        counts[min(15, int((number - low) / width))] += 1
    edges = [low + index * width for index in range(17)]
    if kind == "temporal":
        return Distribution(tuple(datetime.date.fromordinal(int(edge)).isoformat() for edge in edges), tuple(counts))
    return Distribution(tuple(map(float, edges)), tuple(counts))


def pearson(xs: list[Any], ys: list[Any]) -> float | None:
    if len(set(xs)) < 2 or len(set(ys)) < 2:
        return None
    return statistics.correlation(xs, ys)


def determination(xs: list[Any], ys: list[Any], information: float) -> Determination:
    n = len(xs)
    groups: dict[Any, Counter[Any]] = {}
    for x, y in zip(xs, ys, strict=True):
        groups.setdefault(x, Counter())[y] += 1
    violating = n - sum(max(group.values()) for group in groups.values())
    h = entropy(Counter(ys).values())
    pdep_y = sum(c * c for c in Counter(ys).values()) / n**2
    pdep = sum(c * c / sum(group.values()) for group in groups.values() for c in group.values()) / n
    undefined = pdep_y == 1 or len(groups) == n
    mu = None if undefined else max(0.0, 1 - (1 - pdep) / (1 - pdep_y) * (n - 1) / (n - len(groups)))
    return Determination(information / h if h else None, mu, violating / n, violating, violating == 0)


def pair(x: str, y: str, xs: list[Any], ys: list[Any], *, is_numeric: bool = False) -> PairProfile:
    complete = [(a, b) for a, b in zip(xs, ys, strict=True) if a is not None and b is not None]
    if not complete:
        return empty_pair(x, y)
    n, us, vs = len(complete), [a for a, _ in complete], [b for _, b in complete]
    hx, hy, hxy = (entropy(Counter(items).values()) for items in (us, vs, complete))
    information = max(0.0, hx + hy - hxy)
    kx, ky = len(set(us)), len(set(vs))
    chance = min((kx - 1) * (ky - 1) / (2 * n * math.log(2)), information)
    if n in (kx, ky):
        chance = information
    undefined = {}
    if kx < 2 or ky < 2:
        undefined["dependence"] = "a column is constant over the complete rows"
    share = (information - chance) / min(hx, hy) if min(hx, hy) > 1e-9 else 0.0
    correlation = pearson(us, vs) if is_numeric else None
    if correlation is None:
        undefined["pearson"] = "a column is constant" if is_numeric else "not both numeric"
    return PairProfile(
        x=x,
        y=y,
        rows=n,
        entropy_x=hx,
        entropy_y=hy,
        joint_entropy=hxy,
        mutual_information=information,
        mutual_information_interval=(information, information),
        expected_mutual_information=chance,
        dependence=None if "dependence" in undefined else math.sqrt(max(0.0, share)),
        bins_x=None,
        bins_y=None,
        entropy_x_given_y=hxy - hy,
        entropy_y_given_x=hxy - hx,
        variation_of_information=2 * hxy - hx - hy,
        distinct_pairs=len(set(complete)),
        pearson=correlation,
        planner_factor=2**information,
        x_to_y=determination(us, vs, information),
        y_to_x=determination(vs, us, information),
        undefined=undefined,
    )


def joint(x: str, y: str, xs: list[Any], ys: list[Any]) -> Joint:
    """The joint counts of the fifteen most frequent values and a rest."""
    complete = [(a, b) for a, b in zip(xs, ys, strict=True) if a is not None and b is not None]
    (x_categories, us), (y_categories, vs) = (categories([row[side] for row in complete]) for side in (0, 1))
    counts = Counter(zip(us, vs, strict=True))
    cells = tuple(tuple(counts[i, j] for j in range(len(y_categories))) for i in range(len(x_categories)))
    return Joint(x, y, x_categories, y_categories, cells)


def categories(values: list[Any]) -> tuple[tuple[Category, ...], list[int]]:
    counts = Counter(values)
    listed = [value for value, _ in counts.most_common(15 if len(counts) > 16 else 16)]
    made = [Category("value", counts[value], value) for value in listed]
    if len(counts) > len(listed):
        left = sum(counts.values()) - sum(category.rows for category in made)
        made.append(Category("rest", left, distinct=len(counts) - len(listed)))
    places = {value: place for place, value in enumerate(listed)}
    return tuple(made), [places.get(value, len(listed)) for value in values]


def empty_pair(x: str, y: str) -> PairProfile:
    """A pair without a complete row."""
    fields = [
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
        "planner_factor",
        "x_to_y",
        "y_to_x",
    ]
    figures: dict[str, Any] = dict.fromkeys(fields)
    return PairProfile(
        x=x,
        y=y,
        rows=0,
        bins_x=None,
        bins_y=None,
        distinct_pairs=0,
        undefined=dict.fromkeys(fields, "no row in which neither is NULL"),
        **figures,
    )


def provenance(source: str, **changes: Any) -> Provenance:
    made = Provenance(
        source=source,
        table=None,
        is_exact=True,
        sampled_rows=None,
        nulls="ignore",
        version=__version__,
        created="2025-01-31T12:00:00Z",
        duration=0.3512,
        command=f"colprofile profile {source}",
    )
    return replace(made, **changes)


def table_profile(source: str, table: dict[str, tuple[str, Any, list[Any]]], **changes: Any) -> Profile:
    """A profile of name → (type, kind, values), all pairs included."""
    columns = [
        column(name, values, type_, kind, stored=len(values) * 3 if kind == "numeric" else None)
        for name, (type_, kind, values) in table.items()
    ]
    names = list(table)
    pairs = [
        pair(
            x,
            y,
            table[x][2],
            table[y][2],
            is_numeric=table[x][1] == table[y][1] == "numeric",
        )
        for i, x in enumerate(names)
        for y in names[i + 1 :]
    ]
    pairs.sort(key=lambda p: -(p.dependence if p.dependence is not None else -1))
    rows = len(next(iter(table.values()))[2]) if table else 0
    edges = spanning_tree(pairs, rows)
    made = Profile(
        rows=rows,
        columns=tuple(columns),
        pairs=tuple(pairs),
        skipped=(),
        has_pairs=True,
        provenance=provenance(source),
        clusters=named_clusters(columns, pairs),
        edges=edges,
        ledger=ledger(rows, columns, edges),
        joints=tuple(joint(p.x, p.y, table[p.x][2], table[p.y][2]) for p in pairs[:20] if p.dependence),
    )
    return replace(made, **changes)


def drawn_pair(x: ColumnProfile, y: ColumnProfile, dependence: float) -> PairProfile:
    hx, hy = x.entropy or 0.0, y.entropy or 0.0
    information = dependence * min(hx, hy)
    one = Determination(information / hy if hy else None, dependence**2, 1 - dependence, 37, False)
    return PairProfile(
        x=x.name,
        y=y.name,
        rows=x.rows,
        entropy_x=hx,
        entropy_y=hy,
        joint_entropy=hx + hy - information,
        mutual_information=information,
        mutual_information_interval=(information, information),
        expected_mutual_information=0.01,
        dependence=dependence,
        bins_x=64,
        bins_y=None,
        entropy_x_given_y=hx - information,
        entropy_y_given_x=hy - information,
        variation_of_information=hx + hy - 2 * information,
        distinct_pairs=150,
        pearson=dependence - 0.1,
        planner_factor=2**information,
        x_to_y=one,
        y_to_x=one,
        undefined={},
    )
