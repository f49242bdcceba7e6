"""Keys: columns that identify every row, those first that were most likely meant to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from colprofile.measures.thresholds import SIGNIFICANCE
from colprofile.results.column import unique_names
from colprofile.results.measurements import is_assigned, is_id_name, is_measurement

if TYPE_CHECKING:
    from colprofile.results.column import ColumnProfile
    from colprofile.results.pair import PairProfile
    from colprofile.results.profile import Profile

LONGEST_KEY = 40
"""Texts that are longer, in the median row, are prose or data: all different, but no key."""


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that together hold no NULL and no combination of values twice, and how likely they are meant as a key."""

    columns: tuple[str, ...]
    plausibility: float


def keys(profile: Profile) -> tuple[Key, ...]:
    """Return a profile's keys of one column, and of two where their pair was counted, the most plausible first.

    Measurements are no keys, nor are long texts. Two columns are a key only where independent columns with as many
    values would not be unique.
    """
    columns = profile.columns
    single = [
        Key((column.name,), plausibility(column, is_first=j == 0))
        for j, column in enumerate(columns)
        if column.is_key and can_identify(column, is_first=j == 0)
    ]
    return tuple(sorted([*single, *_pairs(profile)], key=lambda key: -key.plausibility))


def can_identify(column: ColumnProfile, *, is_first: bool = False) -> bool:
    """Whether a column can be a key or a part of one: no NULL, no measurement, nothing nested, no long text."""
    is_long = column.text is not None and column.text.median > LONGEST_KEY
    return not (column.nulls or column.kind == "nested" or is_long or is_measurement(column, is_first=is_first))


def plausibility(column: ColumnProfile, *, is_first: bool = False) -> float:
    """Return how likely a column is meant to identify: by its name, position and type, and by how its values look.

    A name such as ``order_id`` counts 4; whole numbers that were assigned 3; the first position, and text of one
    pattern, 2; a time 1.
    """
    score = 4.0 * is_id_name(column.name) + 2.0 * is_first + 3.0 * is_assigned(column) + (column.kind == "temporal")
    shape = column.text
    return score + 2.0 * (shape is not None and bool(shape.patterns) and shape.patterns[0][1] == column.rows)


def joint_plausibility(columns: list[ColumnProfile]) -> float:
    """Return how likely several columns are meant as a key: less than an identifier, less with each column more."""
    return 2.5 + 0.5 * any(is_id_name(column.name) for column in columns) - 0.5 * (len(columns) - 2)


def _pairs(profile: Profile) -> Iterator[Key]:
    """Yield the keys of two columns that can be parts of one."""
    unique = [
        pair for pair in profile.pairs if pair.rows == pair.distinct_pairs == profile.rows and pair.sampled_rows is None
    ]
    if not unique:
        return
    columns = unique_names(profile.columns)
    is_first = {column.name: j == 0 for j, column in enumerate(profile.columns)}

    @cache
    def is_part(name: str) -> bool:
        column = columns.get(name)
        return column is not None and not column.is_key and can_identify(column, is_first=is_first[name])

    for pair in unique:
        if is_part(pair.x) and is_part(pair.y):
            members = [columns[pair.x], columns[pair.y]]
            if _is_beyond_chance(pair, members, len(profile.columns)):
                yield Key((pair.x, pair.y), joint_plausibility(members))


def _is_beyond_chance(pair: PairProfile, members: list[ColumnProfile], columns: int) -> bool:
    """Whether independent columns would have equal rows: so many on average that none has a chance below 0.001."""
    rows = pair.rows
    shares = (sum(n * c * (c - 1.0) for c, n in column.fingerprint) / (rows * (rows - 1.0)) for column in members)
    expected = rows * (rows - 1.0) / 2 * math.prod(shares) if rows > 1 else 0.0
    return expected >= math.log(max(1, math.comb(columns, 2)) / SIGNIFICANCE)
