"""Standard input, pipes, file objects and bytes are read as files are."""

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.opened import reading_of, refusal, rows_of

CSV = b"a,b\n1,x\n2,y\n"
ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), stream)
    return stream.getvalue()


CONTENT = {
    "csv": CSV,
    "semicolons": CSV.replace(b",", b";"),
    "parquet": parquet(),
    "json": b' [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]',
    "json lines": b'\xef\xbb\xbf{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n',
    "gzip": gzip.compress(parquet()),
}


def given_to_standard_input(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize("kind", CONTENT)
def test_the_format_is_found_in_the_first_bytes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given_to_standard_input(CONTENT[kind], monkeypatch)
    for source in ("-", CONTENT[kind]):
        assert rows_of(source) == ROWS
    assert refusal("-") == "standard input has no data: it is empty, or was read before"


def test_all_kinds_of_bytes_and_lists_of_them() -> None:
    for source in (bytearray(CSV), memoryview(CSV), io.BytesIO(CSV)):
        assert rows_of(source) == ROWS
    assert rows_of([io.BytesIO(CSV), CSV]) == [*ROWS, *ROWS]


def test_standard_input_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    given_to_standard_input(CSV, monkeypatch)
    assert reading_of("-").paths == ()
    assert refusal(["-", "-"]) == "standard input, '-', is given twice: it can be read once"


def test_no_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert refusal("-") == "standard input is closed: name a file, or pipe one into the command"
    controller, terminal = os.openpty()
    with os.fdopen(terminal) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert refusal("-") == "standard input is a terminal: name a file, or pipe one into the command"
        assert "is a terminal" in refusal(os.ttyname(terminal))
    os.close(controller)


def test_a_named_pipe_is_read_once(tmp_path: Path) -> None:
    """As a shell makes it of <(zcat t.csv.gz): whoever opens it a second time waits for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(CSV,))
    writer.start()
    assert rows_of(str(pipe)) == ROWS
    writer.join()


def test_file_objects_keep_their_place(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"skipped\n" + CSV)
    with path.open("rb") as stream:
        stream.readline()
        assert rows_of(stream) == ROWS
        assert stream.read() == CSV
    assert refusal(stream) == f"{path} is closed: give an open file, or its path"


def test_text_files_and_text(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes(CSV.replace(b",", b"\t"))
    with path.open(encoding="ascii") as stream:
        assert rows_of(stream) == ROWS
    assert rows_of(io.StringIO("a,b\n1,ä\n")) == [{"a": 1, "b": "ä"}]
    with gzip.open(io.BytesIO(CONTENT["gzip"])) as unpacked:
        assert rows_of(unpacked) == ROWS


class Odd:
    def __init__(self, part: Any) -> None:
        self.part = part

    def read(self, size: int = -1) -> Any:
        if isinstance(self.part, Exception):
            raise self.part
        return self.part


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (b"", "the Odd object has no data"),
        (None, "the Odd object gives no data now"),
        (5, "the Odd object gives int, not bytes"),
        (OSError(5, "Input/output error"), "cannot read the Odd object: Input/output error"),
        (ValueError("odd"), "cannot read the Odd object: odd"),
    ],
)
def test_file_objects_that_give_nothing(part: Any, words: str) -> None:
    assert words in refusal(Odd(part))


def test_bytes_of_no_format() -> None:
    assert "has an unknown format" in refusal(bytes(range(256)) * 9)
