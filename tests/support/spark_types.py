"""Every type of Spark in a table of its own, and what a profile of it is by Spark and by the same data as Parquet.

All takes a session alone, so that it runs on Sail and on a cluster alike.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import colprofile

COLUMNS: dict[str, tuple[str, ...]] = {
    "integers": (
        "cast(id % 7 - 3 as tinyint) a",
        "cast(id % 300 - 32768 as smallint) b",
        "cast(id % 11 * 195225786 as int) c",
        "id * 15372286728091293 d",
        "if(id % 5 = 0, null, id % 3) e",
    ),
    "floats": (
        "cast(id % 9 / 4.0 as float) a",
        "case id % 7 when 0 then double('NaN') when 1 then double('Infinity') when 2 then double('-Infinity') "
        "when 3 then -0.0D when 4 then 0.0D when 5 then null else 1e-300D end b",
        "case id % 4 when 0 then float('NaN') when 1 then float('-0.0') when 2 then float('0.0') else null end c",
        "sqrt(cast(id as double)) d",
    ),
    "decimals": (
        "cast(id % 5 as decimal(1,0)) a",
        "cast(id % 50 / 4 as decimal(9,2)) b",
        "cast(id % 7 / 10.0 as decimal(18,18)) c",
        "cast('12345678901234567890123456789012345678' as decimal(38,0)) - id % 6 d",
        "cast(id % 3 as decimal(38,37)) e",
    ),
    "texts": (
        "concat('v', id % 10) a",
        "case id % 5 when 0 then '' when 1 then null when 2 then ' ' when 3 then concat('a', char(0), 'b') "
        "else 'ß€😀' end b",
        "cast(id % 4 as string) c",
        'concat(\'a line\\n\', "it\'s \\"so\\" ", id) d',
    ),
    "bytes": (
        "cast(concat('b', id % 6) as binary) a",
        "case id % 3 when 0 then unhex('') when 1 then unhex('00FF') else null end b",
    ),
    "booleans": ("id % 3 = 0 a", "if(id % 2 = 0, null, id % 3 = 1) b", "cast(null as boolean) c"),
    "dates": (
        "date'2020-02-28' + cast(id % 40 as int) a",
        "case id % 4 when 0 then date'0001-01-01' when 1 then date'9999-12-31' when 2 then date'1969-12-31' end b",
    ),
    "timestamps": (
        "timestamp_seconds(1600000000 + id % 90 * 3607) a",
        "timestamp_micros(id % 8 * 1000003 - 4000000) b",
        "cast(timestamp_seconds(1600000000 + id % 17) as timestamp_ntz) c",
        "case id % 3 when 0 then timestamp_ntz'2021-03-28 02:30:00' "
        "when 1 then timestamp_ntz'1900-01-01 00:00:00.000001' end d",
    ),
    "arrays": (
        "array(id % 3, 2) a",
        "case id % 4 when 0 then cast(array() as array<string>) when 1 then null when 2 then array(null) "
        "else array('x', null) end b",
        "array(array(nullif(id % 2, 5)), cast(array() as array<bigint>), null) c",
    ),
    "structs": (
        "named_struct('a', id % 2, 'b', if(id % 5 = 0, null, concat('t', id % 3))) a",
        "named_struct('rank', cast(id % 4 as int), 'text', concat('z', 3 - id % 4)) b",
        "named_struct('rank', cast(id % 4 as int)) c",
        "if(id % 3 = 0, null, named_struct('x', named_struct('y', array(named_struct('z', id % 2))))) d",
        "named_struct('a b', id % 2, 'c\"d', id % 3, \"e'f\", id % 5) e",
    ),
    "maps": (
        "map('k', id % 3, 'l', null) a",
        "map(id % 2, array(named_struct('v', id % 4))) b",
        "if(id % 2 = 0, null, map(cast(id % 5 as string), date'2020-01-01')) c",
    ),
    "nothing": ("null a", "cast(null as int) b"),
}
"""Columns of a table by its name, as expressions of ``id``."""

INTERVALS = (
    "make_dt_interval(cast(id % 3 as int), cast(id % 24 as int), cast(id % 60 as int), id % 7 + 0.25) a",
    "if(id % 4 = 0, null, make_ym_interval(cast(id % 5 - 2 as int), cast(id % 12 as int))) b",
    "make_dt_interval(0, 0, 0, -0.000001) c",
)
TIMES = ("cast(concat('10:', lpad(id % 60, 2, '0'), ':00.5') as time) a", "cast(null as time) b")

NAMES = ("a.b", "a`b", 'a"b', "it's", "a\nb", "", " ", "a", "A", "a", "ß€😀", "select", "c0", "x; drop table t", "@")
"""Names of columns that are hard on SQL, some of them twice."""


def frame_of(session: Any, columns: tuple[str, ...], rows: int = 600) -> Any:
    """Return a DataFrame of such columns, in three partitions."""
    return session.range(0, rows, 1, 3).selectExpr(*columns)


def parquet_of(frame: Any, path: Path) -> Path:
    """Write a DataFrame's rows as Parquet, and return the path.

    pyspark 4.1 makes no Arrow table of structs that are NULL and have parts that never are: those Spark writes itself.
    """
    try:
        pq.write_table(frame.toArrow(), path)
    except pa.ArrowInvalid:
        frame.write.parquet(str(path))
    return path


def figures(profile: colprofile.Profile) -> Any:
    """Return all that a profile says of columns and pairs, without what depends on how the data came."""
    # Where bytes in storage are known, and what is said where they are not, is no figure.
    columns = [dataclasses.asdict(replace(column, stored_bytes=None, undefined={})) for column in profile.columns]
    return profile.rows, columns, [dataclasses.asdict(pair) for pair in profile.pairs]


def first_difference(found: Any, expected: Any, place: str = "") -> str | None:
    """Return where figures differ, by more than 1e-9, and how; None where they are the same."""
    if isinstance(found, float) and isinstance(expected, float):
        is_same = math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9) or (found != found and expected != expected)
        return None if is_same else f"{place}: {found!r}, not {expected!r}"
    if isinstance(found, dict):
        parts = [(found[name], expected[name], f"{place}.{name}") for name in found]
    elif isinstance(found, list | tuple) and len(found) == len(expected):
        parts = [(*both, f"{place}[{i}]") for i, both in enumerate(zip(found, expected, strict=True))]
    else:
        return None if found == expected else f"{place}: {found!r}, not {expected!r}"
    return next(filter(None, (first_difference(*part) for part in parts)), None)
