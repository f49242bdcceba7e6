"""Random schemas: tables with keys of several kinds, references planted between them, and columns of noise."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.sample_databases import Reference, SampleDatabase, SampleTable
from tests.support.sample_words import Words


@dataclass(frozen=True)
class Key:
    """The key of a table that was made: its columns as (name, type), its values, and others of the same kind."""

    columns: tuple[tuple[str, str], ...]
    values: list[tuple[Any, ...]]
    others: list[tuple[Any, ...]]


def random_schema(seed: int) -> SampleDatabase:
    """Return a schema of two to five tables; its references are those that were planted."""
    words = Words(seed)
    keys: dict[str, Key] = {}
    tables: list[SampleTable] = []
    truth: list[Reference] = []
    for name in (f"{word.lower()}_{place}" for place, word in enumerate(words.words(words.randint(2, 5), 2))):
        key = _key(words, name, words.randint(8, 120))
        rows = len(key.values)
        columns, parts = list(key.columns), [list(part) for part in zip(*key.values, strict=True)]
        for target in words.sample(sorted(keys), min(len(keys), words.choice([0, 1, 1, 2]))):
            names, values = _refer(words, f"{name}_{target}", target, keys[target], rows)
            columns += [(new, type_) for new, (_, type_) in zip(names, keys[target].columns, strict=True)]
            parts += values
            truth.append(Reference(name, names, target, tuple(column for column, _ in keys[target].columns)))
        for place in range(words.randint(0, 3)):
            type_, make = words.choice(NOISE)
            columns.append((f"noise_{place}", type_))
            parts.append([make(words) if words.random() < 0.9 else None for _ in range(rows)])
        order = words.sample(range(len(columns)), len(columns))
        tables.append(
            SampleTable(
                name,
                tuple(columns[place] for place in order),
                list(zip(*(parts[place] for place in order), strict=True)),
            )
        )
        keys[name] = key
    return SampleDatabase(tuple(tables), tuple(truth))


OTHERS = 10
"""Values of a key's kind that its table lacks: orphans of what refers to it."""

NOISE: list[tuple[str, Callable[[Words], Any]]] = [
    ("integer", lambda words: words.randint(1, 9)),
    ("integer", lambda words: words.randint(0, 200)),
    ("varchar", lambda words: words.word(1)),
    ("varchar", lambda words: words.title(2)),
    ("date", lambda words: words.day("2020-01-01", 300).date()),
    ("boolean", lambda words: words.choice(["true", "false"])),
    ("decimal(9,2)", lambda words: f"{words.randint(0, 900)}.{words.randint(0, 99):02}"),
]


def _key(words: Words, table: str, rows: int) -> Key:
    kind = words.choice(["dense", "sparse", "uuid", "code", "pair"])
    if kind == "dense":
        numbers = list(range(1, rows + OTHERS))
        return _split(rows, ((f"{table}_id", "integer"),), [(number,) for number in numbers])
    if kind == "sparse":
        numbers = words.sample(range(10**6, 10**8), rows + OTHERS)
        return _split(rows, (("number", "integer"),), [(number,) for number in numbers])
    if kind == "uuid":
        handles = [str(uuid.UUID(int=words.getrandbits(128))) for _ in range(rows + OTHERS)]
        return _split(rows, (("handle", "uuid"),), [(handle,) for handle in handles])
    codes = [f"{code.upper()}{words.randint(100, 999)}" for code in words.words(rows + OTHERS, 3)]
    if kind == "code":
        return _split(rows, (("code", "varchar"),), [(code,) for code in codes])
    few = codes[: rows // 4 + 2]
    grid = [(code, number) for code in few for number in range(1, 13)]
    pairs = words.sample(grid, rows + OTHERS)
    return _split(rows, (("series", "varchar"), ("place", "integer")), pairs)


def _split(rows: int, columns: tuple[tuple[str, str], ...], values: list[tuple[Any, ...]]) -> Key:
    return Key(columns, values[:rows], values[rows:])


def _refer(words: Words, prefix: str, target: str, key: Key, rows: int) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Return column names and values of a reference; dense numbers prove nothing, so that their name has to tell."""
    is_dense = key.columns[0][0] == f"{target}_id"
    names = tuple(column if is_dense else f"{prefix}_{place}" for place, (column, _) in enumerate(key.columns))
    orphans = words.choice([0, 0, 0.02])
    nulls = words.choice([0, 0.1])
    values: list[tuple[Any, ...]] = []
    for _ in range(rows):
        drawn = words.choice(key.others if words.random() < orphans else key.values)
        values.append((None,) * len(names) if words.random() < nulls else drawn)
    return names, [list(part) for part in zip(*values, strict=True)]
