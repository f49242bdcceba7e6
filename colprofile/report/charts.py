"""The geometry of the small charts and of the dependence matrix: where a bar ends, not what it stands for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from colprofile.report import text
from colprofile.report.page import Section
from colprofile.results.audit import Dependence
from colprofile.results.pair import PairProfile

HEIGHT = 32
"""Units that a small chart is high."""

MATRIX_COLUMNS = 60
"""Columns that the dependence matrix shows; 60 × 60 cells are what can still be read."""

LABEL_WIDTH = 28
"""Characters of a name in a drawing."""

LABEL_PIXELS = 6.6
"""Pixels that a character of a label of the matrix takes, and room for wide scripts."""

MATRIX_PIXELS = 1160
"""Pixels across the page that the matrix fills, where its cells may be as large as that."""

FIGURE_PIXELS = 30
"""Pixels of a cell from which on it has room for its figure."""

LEVELS = 10
"""Shades of the matrix and of heat maps, besides blank."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing as SVG paths, each with its class, in a box of ``width`` × HEIGHT.

    ``first`` and ``last`` stand under its ends, ``note`` below or between them.
    """

    paths: tuple[tuple[str, str], ...]
    width: int
    label: str
    first: str = ""
    last: str = ""
    note: str = ""

    height = HEIGHT


WIDTH = 200
"""Units that a histogram is wide."""


def places(edges: Sequence[float | str]) -> list[float]:
    """Return where edges stand across a histogram: on a true axis for numbers, else evenly.

    >>> places([0, 1, 4]), places(["2026-01-01", "2026-01-02", "2026-01-03"])
    ([0.0, 50.0, 200.0], [0.0, 100.0, 200.0])
    """
    numbers = [float(edge) for edge in edges if not isinstance(edge, str)]
    span = numbers[-1] - numbers[0] if len(numbers) == len(edges) else 0.0
    if not 0 < span < math.inf:
        return [WIDTH * at / (len(edges) - 1) for at in range(len(edges))]
    return [WIDTH * ((number - numbers[0]) / span) for number in numbers]


def steps(heights: Sequence[float], places: Sequence[float]) -> str:
    """Return touching bars as one path: how high each is, and where they begin and end.

    >>> steps([8, 0, 32], [0, 50, 100, 200])
    'M0 32V24H50V32H100V0H200V32z'
    """
    tops = "".join(f"V{HEIGHT - height:.3g}H{place:.4g}" for height, place in zip(heights, places[1:], strict=True))
    return f"M0 {HEIGHT}{tops}V{HEIGHT}z"


@dataclass(frozen=True, slots=True)
class Matrix:
    """The dependence matrix: labels in order, cells, the cell size and the room for labels in pixels.

    A cell has its left and top in pixels, its shade from 0 to LEVELS, its tooltip, and its figure where it has room.
    """

    labels: tuple[str, ...]
    cells: tuple[tuple[int, int, int, str, str], ...]
    cell_size: int
    room: int
    left_out: int

    @property
    def section(self) -> Section:
        """The section of a page that shows it."""
        return Section("matrix", "Matrix", "Dependence matrix", f"{len(self.labels)} × {len(self.labels)}")


def bars(counts: Sequence[float], most: float) -> str:
    """Return bars of width 3 in steps of 4 as one path, HEIGHT high at ``most``; no bar with rows vanishes."""
    heights = ((index, max(1.0, HEIGHT * count / most)) for index, count in enumerate(counts) if count > 0)
    return "".join(f"M{4 * index} {HEIGHT}v-{height:.3g}h3v{height:.3g}z" for index, height in heights)


def matrix(
    order: Iterable[str], pairs: Sequence[PairProfile | Dependence], most: int = MATRIX_COLUMNS
) -> Matrix | None:
    """Return the dependence matrix of ``most`` columns, those in the strongest pairs; None for fewer than two.

    Parameters
    ----------
    order
        The columns that may be shown, those that depend on each other side by side.
    pairs
        With their dependence, the strongest first.
    """
    names = list(dict.fromkeys(order))
    by_strength = dict.fromkeys([*(name for pair in pairs for name in (pair.x, pair.y)), *names])
    chosen = set(list(by_strength)[:most])
    spots = {name: at for at, name in enumerate(name for name in names if name in chosen)}
    if len(spots) < 2:
        return None
    labels = tuple(text.visible(name, LABEL_WIDTH) for name in spots)
    room = 20 + round(LABEL_PIXELS * max(map(len, labels)))
    size = max(14, min(64, (MATRIX_PIXELS - room) // len(spots)))
    cells = []
    for pair in pairs:
        if pair.x in spots and pair.y in spots:
            dependence, title = pair.dependence or 0.0, _cell_title(pair)
            # Only what is not below the last step has the last shade, and only nothing has none.
            level = min(LEVELS, int(dependence * LEVELS) + 1) if dependence > 0.005 else 0
            shown = text.coefficient(dependence).removeprefix("0") if level and size >= FIGURE_PIXELS else ""
            x, y = (room + size * spots[name] for name in (pair.x, pair.y))
            cells += [(y, x, level, title, shown), (x, y, level, title, shown)]
    return Matrix(labels, tuple(cells), size, room, len(names) - len(spots))


def _cell_title(pair: PairProfile | Dependence) -> str:
    bits = pair.mutual_information if isinstance(pair, PairProfile) else None
    title = f"{text.visible(pair.x, 40)} × {text.visible(pair.y, 40)}: {text.coefficient(pair.dependence or 0.0)}"
    return title if bits is None else f"{title}, {text.bits(bits)} bits shared"
