"""JSON comes back value by value: nothing that DuckDB's own guesses would lose, merge or change is lost silently."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import colprofile
from colprofile.errors import SourceError
from tests.support.opened_files import Opened, opened


def lines(records: Sequence[Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(content: str | bytes, name: str = "t.json", **options: Any) -> Opened:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return opened(tmp_path / name, **options)

    return read


def test_fields_and_types_that_appear_late_count(read: Any) -> None:
    found = read(lines([{"a": i, "t": i} for i in range(21_000)] + [{"a": 1.5, "b": 2, "t": "x"}]))
    assert (found.names, found.types) == (["a", "t", "b"], ["DOUBLE", "JSON", "BIGINT"])
    assert found.rows[-1] == (1.5, '"x"', 2)
    assert (
        found.remarks
        == "'t' is of several types (21,000 numbers, 1 text in 21,001 values): each is read as the JSON that it is."
    )
    assert found.reading.records == len(found.rows) == 21_001


@pytest.mark.parametrize(
    ("texts", "kind", "values"),
    [
        (["9007199254740993", "1"], "BIGINT", [2**53 + 1, 1]),
        (["18446744073709551617", "18446744073709551618"], "HUGEINT", [2**64 + 1, 2**64 + 2]),
        (["-1", "18446744073709551615"], "HUGEINT", [-1, 2**64 - 1]),
        (["9007199254740993", "1.5"], "DECIMAL(38,1)", [Decimal("9007199254740993.0"), Decimal("1.5")]),
        (["9007199254740993", "1e300"], "VARCHAR", ["9007199254740993", "1e+300"]),
        (["1" * 45, "2"], "VARCHAR", ["1" * 45, "2"]),
        (["1", "0.5", "1e3"], "DOUBLE", [1.0, 0.5, 1000.0]),
        (["null", "null"], "NULL", [None, None]),
        (["true", "null"], "BOOLEAN", [True, None]),
    ],
)
@pytest.mark.parametrize("is_nested", [False, True])
def test_numbers_keep_every_digit(texts: list[str], kind: str, values: list[Any], is_nested: bool, read: Any) -> None:
    content = "".join(f'{{"o": {{"a": {text}}}}}\n' if is_nested else f'{{"a": {text}}}\n' for text in texts)
    found = read(content, flatten=is_nested)
    assert (found.names, found.types) == (["o.a" if is_nested else "a"], [kind])
    assert [row[0] for row in found.rows] == values


def test_numbers_that_are_rounded_are_counted(read: Any) -> None:
    found = read('{"a": 0.12345678901234567890, "b": [9007199254740993, 0.5], "c": 0.1234567890123456}\n')
    assert "1 number has more digits" in found.remarks
    assert "some integers of more than 15 digits are in lists" in found.remarks
    exact = '{"a": 0.1234567890123456, "b": ["0.12345678901234567890"], "c": 1e-300}\n'
    assert not read(exact, "t.ndjson").remarks


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["2021-01-01", "2021-02-03"], "DATE"),
        (["2021-01-01", "2021-1-1"], "VARCHAR"),
        (["03-04-2021", "05-06-2021"], "VARCHAR"),
        (["2021-01-01T00:00:00", "2021-01-02T00:00:00"], "TIMESTAMP"),
        (["2021-01-01T00:00:00", "2021-01-01 00:00:00.000"], "VARCHAR"),
        (["2021-01-01T00:00:00Z", "2021-01-01T02:00:00+02:00"], "VARCHAR"),
        (["12:00:00", "13:00:00"], "TIME"),
        (["12:00:00", "12:00"], "VARCHAR"),
        (["0e1a2b3c-0000-0000-0000-000000000000"], "UUID"),
        (["0E1A2B3C-0000-0000-0000-000000000000", "0e1a2b3c-0000-0000-0000-000000000000"], "VARCHAR"),
        (["true", "false"], "VARCHAR"),
        (["1", "02"], "VARCHAR"),
    ],
)
def test_texts_become_something_else_only_one_to_one(texts: list[str], kind: str, read: Any) -> None:
    found = read(lines([{"a": text} for text in texts]))
    assert found.types == [kind]
    assert len({row[0] for row in found.rows}) == len(texts)
    if kind == "VARCHAR":
        assert [row[0] for row in found.rows] == texts


def test_dates_in_lists_stay_texts(read: Any) -> None:
    assert read('{"a": ["2021-01-01"], "m": [{"d": "2021-1-1"}]}\n', "t.ndjson").types == [
        "VARCHAR[]",
        "STRUCT(d VARCHAR)[]",
    ]


@pytest.mark.parametrize(
    "content",
    [
        '{"a":1}\n{"a":2}\n',
        '\n{"a":1}\n\n{"a":2}\n\n',
        '{"a":1}\r\n{"a":2}\r\n',
        '{\n "a": 1\n}\n{\n "a": 2\n}\n',
        '{"a":1}{"a":2}',
        '[{"a":1},{"a":2}]',
        '[\n  {"a":1},\n  {"a":2}\n]\n',
        '{"a":1}\n{\n"a":2\n}\n',
        '{"data":[{"a":1},{"a":2}]}',
        '{"help":"x","result":{"total":2,"records":[{"a":1},{"a":2}]}}',
        b'\xef\xbb\xbf[{"a":1},{"a":2}]',
        '[{"a":1},{"a":2}]'.encode("utf-16"),
        '{"a":1}\n{"a":2}\n'.encode("utf-16-le"),
        '{"a":1}\n{"a":2}\n'.encode("utf-16-be"),
    ],
)
def test_records_lie_in_many_ways(content: str | bytes, read: Any) -> None:
    found = read(content)
    assert (found.names, found.rows, found.reading.records) == (["a"], [(1,), (2,)], 2)


def test_what_surrounds_the_list_is_said_to_be_left_out(read: Any) -> None:
    assert "the rows are the items of its list 'data'; left out is 'n'" in read('{"data":[{"a":1}],"n":2}').remarks
    many = {"data": [{"a": 1}], **{f"m{i}": i for i in range(7)}}
    assert "'m4' and 2 more." in read(json.dumps(many)).remarks


def test_one_object_without_a_single_list_is_one_row(read: Any) -> None:
    found = read('{"a":[{"x":1}],"b":[{"y":2}]}')
    assert len(found.rows) == 1
    assert "is one object, so it is one row" in found.remarks
    assert not read('{"a":[{"x":1}]}', "t.jsonl").remarks
    assert not read('{"a":1,"b":"x"}').remarks


def test_geojson_gives_the_properties_of_its_features(read: Any) -> None:
    feature = {"type": "Feature", "id": 7, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    features = [{**feature, "properties": {"name": "x", "when": "2021-01-01", "id": 5}}]
    found = read(json.dumps({"type": "FeatureCollection", "features": features}))
    assert found.names == ["id", "geometry", "name", "when", "properties.id"]
    assert (found.rows[0][0], *found.rows[0][2:]) == (7, "x", dt.date(2021, 1, 1), 5)
    assert (found.reading.format, found.remarks) == ("GeoJSON", "")


def test_an_encoding_that_is_guessed_is_said(read: Any) -> None:
    found = read('{"a":"é"}\n'.encode("cp1252"))
    assert (found.rows, found.reading.encoding, found.reading.guessed) == ([("é",)], "cp1252", ("encoding",))
    assert "is read as cp1252, which is a guess" in found.remarks
    given = read('{"a":"é"}\n'.encode("latin-1"), encoding="latin-1")
    assert (given.rows, given.remarks) == ([("é",)], "")
    with pytest.raises(SourceError, match="invalid UTF-8"):
        read(b'{"a":"\xe9"}\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"a":1}\n{"a":2\n{"a":3}\n', "line 2 of .* is no JSON: it ends inside a value"),
        ('{"a":1}\n{"a":x}\n', "no JSON in line 2: unexpected character; mend it, or"),
        ('{"a":1}\n{"a":"\\ud800"}\n', "no JSON in line 2: no low surrogate"),
        ('[{"a":1},{"a":2}', "is cut off: it ends inside a value"),
        ('[{"a":1},{"a":2}] and more', "is no JSON in record 3"),
        ('[{"a":1},{"a":2},]', "is no JSON in record 3"),
        ('{"a":1}\n5\n{"a":2}\n', "line 2 of .* is no object, as 2 of 3 records are"),
        ('[{"a":1},null,{"a":2}]', "record 2 of .* is no object"),
        ('{"a":1}\n{"a":1,"a":2}\n', 'in line 2: Object {"a":1,"a":2} has duplicate key "a"'),
        ('{"o":[{"a":1,"a":2}]}\n{"o":[]}\n', 'has duplicate key "a"'),
        ("[]", "has no records"),
        ("", "has no records"),
        ("\n\n", "has no records"),
    ],
)
def test_what_is_no_table_gives_one_line(content: str, words: str, read: Any) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read(content)
    assert "\n" not in str(caught.value)
    assert "input-" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "rows", "records"),
    [
        ('{"a":1}\n5\n"x"\nnull\n[1]\n{"a":2}\n', [(1,), (2,)], 6),
        ('{"a":1}\n{"a":2\n{"a":3}\n', [(1,), (3,)], 3),
        ('{"a":"\\ud800"}\n{"a":"b"}\n', [("b",)], 2),
        ('[{"a":1},\n null, {"a":\n2}, "x,"]', [(1,), (2,)], 4),
        ('{"a":NaN}\n{"a":1}\n', None, 2),
    ],
)
def test_rejects_are_left_out_where_that_is_accepted(content: str, rows: Any, records: int, read: Any) -> None:
    found = read(content, accept_rejects=True)
    if rows is None:  # NaN is a number to DuckDB
        assert (len(found.rows), found.reading.rejected_rows) == (2, 0)
        return
    assert found.rows == rows
    assert (found.reading.records, found.reading.rejected_rows) == (records, records - len(rows))
    assert "left out" in found.remarks


def test_rows_that_are_left_out_make_a_profile_inexact(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"a":1}\n{"a":\n{"a":2}\n')
    made = colprofile.profile(tmp_path / "t.json", accept_rejects=True).provenance
    assert not made.is_exact


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("[1, 2.5]", [1.0, 2.5]),
        ('1\n"a"\n', ["1", '"a"']),
        ("[[1,2],[3]]", [[1, 2], [3]]),
        ('["x","y"]', ["x", "y"]),
    ],
)
def test_values_that_are_no_objects_are_one_column(content: str, values: list[Any], read: Any) -> None:
    found = read(content)
    assert (found.names, [row[0] for row in found.rows]) == (["value"], values)


def test_names_are_the_file_s_own(read: Any) -> None:
    found = read(json.dumps({'it\'s "q"': 1, "a\nb": 2, "a.b": 3, "json": 4}) + "\n", "t.ndjson")
    assert (found.names, found.rows) == (['it\'s "q"', "a\nb", "a.b", "json"], [(1, 2, 3, 4)])
    assert read('{"json": 5}\n{"json": 6}').rows == [(5,), (6,)]
    assert not read('{"a":1,"a_1":2}\n').remarks


def test_names_that_differ_in_case_alone_are_two_columns(read: Any) -> None:
    twins = read('{"a":1,"d":"2021-01-01"}\n{"A":2}\n')
    assert (twins.names, twins.rows) == (["a", "d", "A"], [(1, dt.date(2021, 1, 1), None), (None, None, 2)])
    assert "differ in case alone" in twins.remarks
    inner = read('{"n":1.5,"o":{"x":1,"X":2}}\n{"n":2}\n')
    assert (inner.names, inner.rows) == (["n", "o"], [(1.5, '{"x":1,"X":2}'), (2.0, None)])
    with pytest.raises(SourceError, match="differ in case alone: rename them"):
        read('{"a":1,"A":2,"o":{"x":1,"X":2}}\n{}\n')


def test_members_without_names_leave_records_whole(read: Any) -> None:
    found = read('{"":1," ":2}\n{"a":3}\n')
    assert (found.names, found.types, len(found.rows)) == (["value"], ["JSON"], 2)
    assert "read whole, as JSON" in found.remarks


def test_objects_with_few_members_in_common_are_columns(read: Any) -> None:
    found = read(lines([{f"k{i}": i} for i in range(300)]))
    assert len(found.names) == 300
    assert found.rows[5][5] == 5


def test_objects_inside_with_few_members_in_common_are_maps(read: Any) -> None:
    found = read(lines([{"m": {f"k{i}": i}, "n": {f"k{i}": {"x": i}}} for i in range(300)]), flatten=True)
    assert (found.names, found.types) == (["m", "n"], ["MAP(VARCHAR, BIGINT)", "MAP(VARCHAR, STRUCT(x BIGINT))"])
    assert found.rows[7] == ({"k7": 7}, {"k7": {"x": 7}})


def test_objects_without_members_are_objects(read: Any) -> None:
    found = read('{"o":{},"l":[],"e":{}}\n{"o":{"x":1},"l":[1.5],"e":{}}\n{}\n', flatten=True)
    assert (found.names, found.types) == (["o.x", "l", "e"], ["BIGINT", "DOUBLE[]", "JSON"])
    assert found.rows == [(None, [], "{}"), (1, [1.5], "{}"), (None, None, None)]


def test_mixed_values_are_said_by_the_name_of_their_column(read: Any) -> None:
    assert read('1\n"a"\n').remarks.startswith("'value' is of several types (1 number, 1 text")


def test_a_record_may_be_longer_than_duckdb_s_buffer(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("colprofile.sources.files.json.read._LARGEST_OBJECT", 1_000)
    found = read(json.dumps([{"a": "x" * 100_000}, {"a": "y"}]))
    assert [len(row[0]) for row in found.rows] == [100_000, 1]


def test_files_are_one_table_however_their_records_lie(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a":1}]')
    (tmp_path / "b.json").write_text('{"a":2,"b":"x"}\n{"a":3}\n')
    (tmp_path / "c.json").write_text("[]")
    found = opened([tmp_path / "a.json", tmp_path / "b.json", tmp_path / "c.json"])
    assert (found.names, found.rows) == (["a", "b"], [(1, None), (2, "x"), (3, None)])


def test_flatten_opens_objects_to_a_depth(read: Any) -> None:
    content = '{"a":{"b":{"c":1},"l":[{"x":1}]},"a.b":2}\n{"a":null,"a.b":3}\n'
    assert read(content).names == ["a", "a.b"]
    one = read(content, flatten=1)
    assert (one.names, one.types[0]) == (["a.b", "a.l", "a.b"], "STRUCT(c BIGINT)")
    every = read(content, flatten=True)
    assert every.names == ["a.b.c", "a.l", "a.b"]
    assert every.rows == [(1, [{"x": 1}], 2), (None, None, 3)]
    assert read(content, flatten=True, where='"a.b.c" = 1').rows == every.rows[:1]
