"""The same input is the same table to every verb, on the command line and in Python: rows, columns, remarks."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import colprofile
from colprofile.cli import main
from colprofile.cli.output import with_options
from colprofile.results.base import Result
from colprofile.results.provenance import Provenance

ROWS = 24
TEXT = "id,kind,price\n" + "".join(f"{i},k{i % 3},{i % 5}.5\n" for i in range(ROWS))
COLUMNS = ["id", "kind", "price"]
FRAME = pd.DataFrame(
    {"id": range(ROWS), "kind": [f"k{i % 3}" for i in range(ROWS)], "price": [i % 5 + 0.5 for i in range(ROWS)]}
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("same")
    odd = "report\n" + TEXT.replace(".", "/").replace(",", ";").replace("/", ",").replace("k2", "Köln")
    (place / "plain.csv").write_text(TEXT)
    (place / "odd.csv").write_bytes(odd.encode("cp1252"))
    (place / "ragged.csv").write_text(TEXT.replace("7,k1,2.5", "7,k1"))
    (place / "plain.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    with zipfile.ZipFile(place / "plain.zip", "w") as archive:
        archive.writestr("inner.csv", TEXT)
    for year in (2023, 2024):
        (place / "tree" / f"year={year}").mkdir(parents=True)
        FRAME.to_parquet(place / "tree" / f"year={year}" / "part.parquet")
    FRAME.to_json(place / "lines.jsonl", orient="records", lines=True)
    FRAME.to_parquet(place / "t.parquet")
    FRAME.to_feather(place / "t.feather")
    FRAME.to_excel(place / "book.xlsx", index=False)
    duckdb.connect(str(place / "t.duckdb")).execute("create table t as select * from FRAME").close()
    with sqlite3.connect(place / "t.sqlite") as connection:
        FRAME.to_sql("t", connection, index=False)
    connection.close()
    yield place


INPUTS: dict[str, tuple[list[str], dict[str, Any], int]] = {
    "csv": (["plain.csv"], {}, ROWS),
    "guessed csv": (["odd.csv"], {"decimal": ","}, ROWS),
    "csv with rejects": (["ragged.csv"], {"accept_rejects": True}, ROWS - 1),
    "ragged csv": (["ragged.csv"], {"ragged": True}, ROWS),
    "as text": (["plain.csv"], {"all_text": True}, ROWS),
    "several": (["plain.csv", "ragged.csv"], {"ragged": True}, 2 * ROWS),
    "gz": (["plain.csv.gz"], {}, ROWS),
    "zip": (["plain.zip"], {}, ROWS),
    "hive tree": (["tree"], {}, 2 * ROWS),
    "json lines": (["lines.jsonl"], {}, ROWS),
    "parquet": (["t.parquet"], {"where": "id < 9"}, 9),
    "feather": (["t.feather"], {}, ROWS),
    "workbook": (["book.xlsx"], {"sheet": 1}, ROWS),
    "query": (["t.parquet"], {"query": "select id, kind, price from data where id > 3"}, ROWS - 4),
    "duckdb": (["t.duckdb"], {"table": "t"}, ROWS),
    "sqlite": (["t.sqlite"], {"table": "t"}, ROWS),
}
"""By kind: what is named, how it is read, and how many rows a careful person finds."""

OBJECTS: dict[str, Callable[[], Any]] = {
    "pandas": lambda: FRAME,
    "polars": lambda: pl.from_pandas(FRAME),
    "lazy": lambda: pl.from_pandas(FRAME).lazy(),
    "arrow": lambda: pa.Table.from_pandas(FRAME),
    "dict": lambda: FRAME.to_dict("list"),
    "records": lambda: FRAME.to_dict("records"),
}
VERBS = ("profile", "audit", "drift", "latent")

Seen = tuple[int, tuple[str, ...], Any]


def seen(verb: str, found: Any, *, as_typed: bool = False) -> list[Seen]:
    """Return rows, names of columns, and how they were read, of a result; of a comparison, of both sides."""

    def reading(made: Provenance) -> Any:
        return with_options(made).reading if as_typed else made.reading

    if verb == "drift":
        names = tuple(sorted(column.name for column in found.columns))
        return [(found.stale_rows, names, reading(found.stale)), (found.fresh_rows, names, reading(found.fresh))]
    columns = (*found.columns, *(found.left_out if verb == "latent" else found.skipped))
    names = tuple(sorted(column.name for column in columns))
    return [(found.rows, names, reading(found.provenance))]


def by_python(verb: str, source: Any, options: dict[str, Any]) -> Any:
    if verb == "drift":
        return colprofile.drift(source, source, **options)
    return getattr(colprofile, {"latent": "latent_classes"}.get(verb, verb))(source, **options)


def by_command(verb: str, sources: list[str], options: dict[str, Any], output: Path) -> Any:
    given = [
        word
        for name, value in options.items()
        for word in [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    ]
    sides = sources * 2 if verb == "drift" and len(sources) == 1 else sources
    assert main([verb, *sides, *given, "--save", str(output)]) == 0
    return Result.load(output)


@pytest.mark.parametrize("kind", INPUTS)
def test_files(kind: str, folder: Path, tmp_path: Path) -> None:
    names, options, rows = INPUTS[kind]
    paths = [str(folder / name) for name in names]
    expected = seen("profile", by_python("profile", paths if len(paths) > 1 else paths[0], options), as_typed=True)[0]
    assert expected[0] == rows and set(COLUMNS) <= set(expected[1])
    for number, verb in enumerate(VERBS):
        # All verbs read by the same two ways, so that each verb takes one of them and each way is taken by each verb.
        is_typed = verb == "profile" or (number + list(INPUTS).index(kind)) % 2 == 0
        if is_typed and not (verb == "drift" and len(paths) > 1):  # a command has one place for each side
            found = seen(verb, by_command(verb, paths, options, tmp_path / f"{verb}.json"))
        else:
            found = seen(verb, by_python(verb, paths if len(paths) > 1 else paths[0], options), as_typed=True)
        assert found == [expected] * len(found), verb


@pytest.mark.parametrize("kind", OBJECTS)
def test_objects(kind: str) -> None:
    make = OBJECTS[kind]
    expected = seen("profile", by_python("profile", make(), {}))[0]
    assert expected[:2] == (ROWS, tuple(COLUMNS))
    for verb in VERBS[1:]:
        found = seen(verb, by_python(verb, make(), {}))
        assert found == [expected] * len(found), verb


def test_standard_input(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = []
    for verb in VERBS:
        with open(folder / "odd.csv") as stream:
            monkeypatch.setattr("sys.stdin", stream)
            sources = ["-", str(folder / "odd.csv")] if verb == "drift" else ["-"]
            found += seen(verb, by_command(verb, sources, {"decimal": ","}, tmp_path / verb))[:1]
    assert found[0][0] == ROWS
    assert found == found[:1] * len(found)


def test_both_sides_cannot_be_standard_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(folder / "plain.csv") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert main(["drift", "-", "-"]) == 2
    assert "standard input" in capsys.readouterr().err


def test_what_stands_in_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(folder / "odd.csv"), "--no-pairs", "--json", "-"]) == 0
    reading = json.loads(capsys.readouterr().out)["provenance"]["reading"]
    assert (reading["format"], reading["delimiter"], reading["encoding"]) == ("CSV", ";", "cp1252")
    assert (reading["skipped_lines"], reading["records"], reading["rejected_rows"]) == (1, ROWS, 0)
