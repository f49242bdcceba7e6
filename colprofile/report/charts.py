"""The geometry of the small charts: where a bar ends, not what it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.report import text
from colprofile.results.column import ColumnProfile
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile

CHART_HEIGHT = 32
MATRIX_COLUMNS = 60
"""Columns that the dependence matrix shows; 60 × 60 cells are what can still be read."""

LABEL_WIDTH = 22
"""Characters of a column's name beside the matrix."""

LABEL_PIXELS = 6.6
"""Pixels that a character of a label takes, and room for wide scripts."""

LEVELS = 10
"""Shades of the matrix, besides blank."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart as SVG path in a box of ``width`` × CHART_HEIGHT, with what stands under its ends."""

    path: str
    width: int
    first: str
    last: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the dependence matrix: its place, its shade from 0 to LEVELS, and its pair."""

    row: int
    column: int
    level: int
    pair: PairProfile


@dataclass(frozen=True, slots=True)
class Matrix:
    """The dependence matrix: labels in order, cells, the cell size and the room for labels in pixels."""

    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    cell_size: int
    room: int
    left_out: int


def column_chart(column: ColumnProfile) -> Chart | None:
    """Return the small histogram of a column: its distribution, or its most frequent values as bars."""
    found = column.distribution
    if found is not None and any(found.counts):
        first, last = text.data_value(found.edges[0], 30), text.data_value(found.edges[-1], 30)
        note = f"{text.plural(found.left_out, 'row')} beyond any axis (NaN, infinite)" if found.left_out else ""
        label = f"Distribution from {first} to {last}, {text.plural(len(found.counts), 'bin')}"
        return Chart(_steps(found.counts), len(found.counts), first, last, label, note)
    counts = [top.count for top in column.top_values]
    if not counts:
        return None
    label = f"Rows of the {text.plural(len(counts), 'most frequent value')}"
    return Chart(_bars(counts), max(4, len(counts)) * 4, "", "", label)


def _steps(counts: Sequence[int]) -> str:
    """Return touching bars of width 1 as one path, CHART_HEIGHT high at most; no bar with rows vanishes."""
    most = max(counts)
    heights = [max(1.0, CHART_HEIGHT * count / most) if count else 0.0 for count in counts]
    tops = "".join(f"V{CHART_HEIGHT - height:.3g}h1" for height in heights)
    return f"M0 {CHART_HEIGHT}{tops}V{CHART_HEIGHT}z"


def _bars(counts: Sequence[int]) -> str:
    """Return separate bars of width 3 in steps of 4 as one path."""
    most = max(counts)
    parts = []
    for index, count in enumerate(counts):
        height = max(1.0, CHART_HEIGHT * count / most)
        parts.append(f"M{4 * index} {CHART_HEIGHT}v-{height:.3g}h3v{height:.3g}z")
    return "".join(parts)


def matrix(profile: Profile, most: int = MATRIX_COLUMNS) -> Matrix | None:
    """Return the dependence matrix of the ``most`` columns in the strongest pairs, ordered by cluster.

    None for fewer than two columns with a dependence. Constant and empty columns have none and are left out. A profile
    without clusters keeps the table's order.
    """
    pairs = [pair for pair in profile.pairs if pair.dependence is not None]
    chosen: dict[str, None] = {}
    for pair in pairs:
        for name in (pair.x, pair.y):
            if name in chosen or len(chosen) < most:
                chosen[name] = None
    ordered = dict.fromkeys(name for members in profile.clusters for name in members)
    ordered |= dict.fromkeys(column.name for column in profile.columns)
    places = {name: at for at, name in enumerate(name for name in ordered if name in chosen)}
    if len(places) < 2:
        return None
    cells = []
    for pair in pairs:
        if pair.x in places and pair.y in places:
            level = _level(pair.dependence or 0.0)
            at_x, at_y = places[pair.x], places[pair.y]
            cells += [Cell(at_x, at_y, level, pair), Cell(at_y, at_x, level, pair)]
    candidates = {name for pair in pairs for name in (pair.x, pair.y)}
    labels = tuple(text.visible(name, LABEL_WIDTH) for name in places)
    room = 20 + round(LABEL_PIXELS * max(map(len, labels)))
    return Matrix(labels, tuple(cells), _cell_size(len(places)), room, len(candidates) - len(places))


def _level(dependence: float) -> int:
    """Return the shade of a dependence: 0 only for 0, LEVELS only for what is not below its last step."""
    return min(LEVELS, int(dependence * LEVELS) + 1) if dependence > 0.005 else 0


def _cell_size(columns: int) -> int:
    return max(14, min(28, 560 // columns))
