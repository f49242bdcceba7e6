"""Temporary files: what is written is read again, mapped pages are given back, and no name is left in the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from colprofile.counting.scratch import Scratch, blocks, resident_bytes


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


@pytest.fixture
def scratch(folder: Path) -> Iterator[Scratch]:
    with Scratch(most=1) as found:
        yield found


def test_what_is_appended_is_read_and_replaced(scratch: Scratch, folder: Path) -> None:
    file = scratch.file()
    assert (file.append(b"abc"), file.append(np.empty(0)), file.append(np.array([258], np.uint16))) == (0, 3, 3)
    file.replace(1, b"XY")
    assert bytes(file.read(0, 3)) == b"aXY"
    assert file.numbers(3, 1, np.uint16).tolist() == [258]
    with pytest.raises(EOFError, match="2 bytes too early"):
        file.read(4, 3)
    if os.name == "posix":
        assert list(folder.iterdir()) == []


def test_mapped_pages_are_given_back_and_come_again(scratch: Scratch) -> None:
    size = 1 << 23
    found = scratch.stored((np.arange(s.start, s.stop) for s in blocks(size)), np.int64)
    total = size * (size - 1) // 2
    assert int(found.sum()) == total
    if resident_bytes():
        before = resident_bytes()
        scratch.give_back()
        assert before - resident_bytes() > size * 8 // 2 or before < size * 8
    assert sum(int(found[s].sum()) for s in blocks(size)) == total


def test_nothing_is_an_empty_array(scratch: Scratch) -> None:
    assert scratch.stored([], np.float64).tolist() == []


def test_arrays_in_use_outlive_their_files(folder: Path) -> None:
    with Scratch(most=1) as scratch:
        found = scratch.stored([np.array([1, 2])], np.int64)
        open_file = scratch.file()
    assert found.tolist() == [1, 2]
    with pytest.raises(ValueError, match="closed"):
        open_file.append(b"x")


@pytest.mark.parametrize(
    ("size", "length", "expected"), [(0, 2, []), (2, 2, [(0, 2)]), (5, 2, [(0, 2), (2, 4), (4, 5)])]
)
def test_blocks_cover_all(size: int, length: int, expected: list[tuple[int, int]]) -> None:
    assert [(s.start, s.stop) for s in blocks(size, length)] == expected
