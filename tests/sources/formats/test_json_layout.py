"""The kernels that walk over JSON against slow and readable twins that use Python's own parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from colprofile.sources.files.json import layout
from colprofile.sources.files.json.layout import layout_of, members_of

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
SPACES = st.sampled_from(["", " ", "\n", " \t\r\n "])


def text_of(value: Any, indent: int | None) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False)


def is_surrogate_free(value: Any) -> bool:
    try:
        text_of(value, None).encode()
    except UnicodeEncodeError:
        return False
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("json")


@settings(max_examples=40)
@given(
    values=st.lists(VALUES.filter(is_surrogate_free), min_size=1, max_size=6),
    indent=st.sampled_from([None, 2]),
    is_list=st.booleans(),
    chunk=st.sampled_from([1, 3, 1 << 22]),
)
def test_records_are_counted_as_python_does(
    values: list[Any], indent: int | None, is_list: bool, chunk: int, folder: Path
) -> None:
    # What begins with a list is one, unless it is a line of several.
    assume(is_list or not isinstance(values[0], list) or (indent is None and len(values) > 1))
    text = text_of(values, indent) if is_list else "\n".join(text_of(value, indent) for value in values) + "\n"
    path = folder / "t.json"
    path.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "_CHUNK", chunk)
        found = layout_of(str(path))
    are_objects = [isinstance(value, dict) for value in values]
    assert (found.records, found.objects, found.is_cut, found.broken) == (len(values), sum(are_objects), False, 0)
    assert found.other == (are_objects.index(False) + 1 if not all(are_objects) else 0)
    nested = [len(text_of(value, None).encode()) for value in values if isinstance(value, dict | list)]
    if indent is None:
        assert found.longest == max(nested, default=0)


@settings(max_examples=40)
@given(
    members=st.dictionaries(st.text(max_size=5), VALUES, max_size=5),
    space=SPACES,
    chunk=st.sampled_from([1, 2, 1 << 22]),
)
def test_members_are_found_as_python_does(members: dict[str, Any], space: str, chunk: int, folder: Path) -> None:
    pairs = (f"{space}{json.dumps(name)}{space}:{space}{json.dumps(value)}" for name, value in members.items())
    content = f"{space}{{{f'{space},'.join(pairs)}{space}}}{space}".encode()
    path = folder / "members.json"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "_CHUNK", chunk)
        found = members_of(str(path))
    values = [json.loads(content[member.begin : member.end]) for member in found]
    assert dict(zip([member.name for member in found], values, strict=True)) == members
    starts = [json.dumps(value).replace(" ", "")[:2].encode() for value in members.values()]
    assert [member.start for member in found if member.start[:1] in b"[{"] == [s for s in starts if s[:1] in b"[{"]


@pytest.mark.parametrize(
    ("text", "fractions", "integers"),
    [
        ("0.12345678901234567", 0, 0),
        ("0.123456789012345678", 1, 0),
        ("0.000000000000000000000000001", 0, 0),
        ("1.5e-300", 0, 0),
        ("1.123456789012345678e10", 1, 0),
        ("999999999999999", 0, 0),
        ("1234567890123456", 0, 1),
        ("-1234567890123456", 0, 1),
        ('"1234567890123456789.5"', 0, 0),
        ("1e400", 0, 0),
    ],
)
def test_long_numbers_are_counted(text: str, fractions: int, integers: int, tmp_path: Path) -> None:
    for content in (f'{{"a":{text}}}\n', f"[{text}]", text):
        (tmp_path / "t.json").write_text(content)
        found = layout_of(str(tmp_path / "t.json"))
        assert (found.long_numbers, found.long_integers) == (fractions, integers)


@pytest.mark.parametrize(
    ("content", "kind", "broken", "is_cut"),
    [
        ('{"a":1}\n{"a":\n{"a":2}', "newline_delimited", 1, False),
        ('{"a":1}\n{"a":"x\n{"a":2}', "newline_delimited", 1, False),
        ('{"a":1}\n{\n"a":2}', "unstructured", 0, False),
        ('[{"a":1},\n{"a":2', "array", 0, True),
        ('[{"a":1}]\n[{"a":2}]\n', "newline_delimited", 0, False),
        ('{"a":\n"x', "unstructured", 0, True),
        ("", "unstructured", 0, False),
    ],
)
def test_broken_files_are_recognised(content: str, kind: str, broken: int, is_cut: bool, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(content)
    found = layout_of(str(tmp_path / "t.json"))
    assert (found.kind, found.broken, found.is_cut) == (kind, broken, is_cut)


def test_very_many_members_are_none(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps({f"k{i}": i for i in range(2_000)}))
    assert members_of(str(tmp_path / "t.json")) == []
