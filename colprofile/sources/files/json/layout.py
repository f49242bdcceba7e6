"""Layout: how records lie in a JSON file, and how many there are by a count of its own."""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal

import numpy as np

from colprofile.errors import SourceError, shorten
from colprofile.sources.files.json.kernels import (
    BROKEN,
    BROKEN_LINE,
    DEPTH,
    IN_STRING,
    KEY_BEGIN,
    KEY_END,
    LONG_INTEGERS,
    LONG_NUMBERS,
    LONGEST,
    OBJECTS,
    OTHER,
    OTHER_LINE,
    RECORDS,
    STATE_SIZE,
    VALUE_BEGIN,
    VALUE_END,
    count_records,
    find_members,
)
from colprofile.sources.files.relation import LocalFile
from colprofile.sources.identifiers import quote_literal
from colprofile.sources.workspace import Workspace
from colprofile.stopping import check, watched

_CHUNK = 1 << 22
_LONGEST_LINE = 1 << 24
_MOST_MEMBERS = 1_000

Kind = Literal["newline_delimited", "array", "unstructured"]
"""One record a line, a list of records, or records one after the other: as DuckDB's ``format`` calls them."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How records lie in a JSON file.

    Attributes
    ----------
    path
        The file, in UTF-8 without a mark at its beginning.
    kind
        How the records follow each other.
    records, objects
        How many there are, and how many of them are objects.
    other, other_line
        Number and line, from 1, of the first that is no object; 0 for none.
    broken, broken_line
        Lines that end inside a value, and the first of them, from 1; only where each line is a record.
    is_cut
        Whether the file ends inside a value.
    longest
        Bytes of the longest object or list among them.
    long_numbers, long_integers
        Numbers with a fraction, and without, that have more digits than a 64-bit float surely holds.
    """

    path: str
    kind: Kind
    records: int
    objects: int
    other: int
    other_line: int
    broken: int
    broken_line: int
    is_cut: bool
    longest: int
    long_numbers: int
    long_integers: int


@dataclass(frozen=True)
class Member:
    """A member of an object: its name, where its value begins and ends, and the first two bytes of it."""

    name: str
    begin: int
    end: int
    start: bytes


def in_utf8(path: str, file: LocalFile, workspace: Workspace, encoding: str | None) -> tuple[str, str, bool]:
    """Return the path of the text in UTF-8 without a mark, a copy if need be, its encoding and whether that is a guess.

    Raises
    ------
    SourceError
        It is not in the encoding that was given.
    """
    with open(path, "rb") as opened:
        head = opened.read(4)
    found, is_guess = encoding or _marked(head), False
    if found is None:
        found = "utf-8" if _is_utf8(path) else "cp1252"
        is_guess = found != "utf-8"
    if codecs.lookup(found).name == "utf-8" and not head.startswith(codecs.BOM_UTF8):
        return path, "utf-8", False
    copy = os.fspath(workspace.new_path(".json"))
    decoding = "utf-8-sig" if codecs.lookup(found).name == "utf-8" else found
    errors = "replace" if is_guess else "strict"  # cp1252 leaves five bytes without a meaning
    try:
        with (
            open(path, encoding=decoding, errors=errors, newline="") as text,
            open(copy, "w", encoding="utf-8", newline="") as out,
        ):
            while piece := text.read(_CHUNK):
                check()
                out.write(piece.removeprefix("\ufeff") if out.tell() == 0 else piece)
    except UnicodeError as error:
        raise SourceError(f"{shorten(file.shown, 200)!r} is not in {found}: {error}; give encoding=") from error
    return copy, found, is_guess


def _marked(head: bytes) -> str | None:
    """Return the encoding that a mark, or zero bytes among the first signs, tell."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(head) == 4 and b"\0" in head:
        return "utf-16-le" if head[1] == 0 and head[0] else "utf-16-be" if head[1] else None
    return None


def _is_utf8(path: str) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def layout_of(path: str) -> Layout:
    """Return how the records lie in a file of JSON in UTF-8."""
    kind = _kind(path)
    found = _counted(path, kind)
    if found.broken:  # the first record alone may be on one line
        other = _counted(path, "unstructured")
        return found if other.is_cut else other
    return found


def _counted(path: str, kind: Kind) -> Layout:
    by_line, state = kind == "newline_delimited", np.zeros(STATE_SIZE, np.int64)
    for chunk in _chunks(path):
        count_records(np.frombuffer(chunk, np.uint8), int(kind == "array"), by_line, state)
    # The last line, and the last number, may have no end.
    count_records(np.frombuffer(b"\n", np.uint8), int(kind == "array"), by_line, state)
    return Layout(
        path=path,
        kind=kind,
        records=int(state[RECORDS]),
        objects=int(state[OBJECTS]),
        other=int(state[OTHER]),
        other_line=int(state[OTHER_LINE]),
        broken=int(state[BROKEN]),
        broken_line=int(state[BROKEN_LINE]),
        is_cut=bool(state[DEPTH] > 0 or state[IN_STRING]),
        longest=int(state[LONGEST]),
        long_numbers=int(state[LONG_NUMBERS]),
        long_integers=int(state[LONG_INTEGERS]),
    )


def _kind(path: str) -> Kind:
    """Return how records follow each other: line by line where the first line is a value and there are more lines."""
    with open(path, "rb") as file:
        first = _next_line(file)
        if first is None or len(first) >= _LONGEST_LINE:
            return "array" if first is not None and first.lstrip().startswith(b"[") else "unstructured"
        try:
            json.loads(first)
        except (ValueError, RecursionError):
            pass
        else:
            if not first.lstrip().startswith(b"[") or _next_line(file) is not None:
                return "newline_delimited"
        return "array" if first.lstrip().startswith(b"[") else "unstructured"


def _next_line(file: IO[bytes]) -> bytes | None:
    while line := file.readline(_LONGEST_LINE):
        if line.strip():
            return line
    return None


def _chunks(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            check()
            yield chunk


def members_of(path: str, begin: int = 0, end: int | None = None) -> list[Member]:
    """Return the members of the object that a file, or a part of it, is; none where they are very many."""
    import msgspec

    state, events, found = np.zeros(STATE_SIZE, np.int64), np.zeros((4 * _MOST_MEMBERS, 2), np.int64), 0
    with open(path, "rb") as file:
        file.seek(begin)
        left = (os.path.getsize(path) if end is None else end) - begin
        while left > 0 and (chunk := file.read(min(left, _CHUNK))):
            check()
            found = find_members(np.frombuffer(chunk, np.uint8), state, events, found)
            left -= len(chunk)
        kinds, places = events[:found, 0].tolist(), (events[:found, 1] + begin).tolist()
        if found + 2 > len(events) or kinds != [KEY_BEGIN, KEY_END, VALUE_BEGIN, VALUE_END] * (found // 4):
            return []
        members: list[Member] = []
        for i in range(0, found, 4):
            file.seek(places[i])
            try:
                name = msgspec.json.decode(file.read(places[i + 1] - places[i]), type=str)
            except msgspec.MsgspecError:
                return []
            file.seek(places[i + 2])
            start = b"".join(file.read(min(256, places[i + 3] - places[i + 2])).split())[:2]
            members.append(Member(name, places[i + 2], places[i + 3], start))
        return members


def copy_part(path: str, begin: int, end: int, workspace: Workspace) -> str:
    """Return the path of a copy of some bytes of a file."""
    copy = os.fspath(workspace.new_path(".json"))
    with open(path, "rb") as file, open(copy, "wb") as out:
        file.seek(begin)
        while begin < end and (chunk := file.read(min(end - begin, _CHUNK))):
            check()
            out.write(chunk)
            begin += len(chunk)
    return copy


def copy_objects(layout: Layout, workspace: Workspace) -> tuple[str, int]:
    """Return the path of a copy with those lines alone that are objects, and how many other lines there are."""
    copy, left_out = os.fspath(workspace.new_path(".json")), 0
    with open(layout.path, "rb") as file, open(copy, "wb") as out:
        for line in watched(file):
            if is_object(line):
                out.write(line)
            elif line.strip():
                left_out += 1
    return copy, left_out


def copy_items(layout: Layout, workspace: Workspace) -> str:
    """Return the path of a copy, one record after the other, with those records of a list alone that are objects."""
    copy = os.fspath(workspace.new_path(".json"))
    # No record holds the sign U+0001, which JSON wants escaped: each is written as it is.
    workspace.connection.execute(
        f"copy (select json from read_json_objects({quote_literal(layout.path)}, format='{layout.kind}', "
        f"maximum_object_size={layout.longest + (1 << 24)}, compression='none') where json_type(json) = 'OBJECT') "
        f"to {quote_literal(copy)} (format csv, header false, quote '', escape '', delimiter '\x01')"
    )
    return copy


def is_object(line: bytes) -> bool:
    r"""Whether a line is an object as DuckDB reads it: with NaN and Infinity, and without half a surrogate pair.

    >>> is_object(b'{"a": NaN}'), is_object(b'["a"]'), is_object(rb'{"a": "\ud800"}'), is_object(b"{")
    (True, False, False, False)
    """
    try:
        found = json.loads(line)
        if b"\\u" in line:
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict)
