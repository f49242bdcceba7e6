from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colprofile.errors import ResultError
from colprofile.results.column import ColumnProfile, Distribution, TopValue
from colprofile.results.fields import field_hints
from colprofile.results.histogram import Histogram
from colprofile.results.joint import Category, Joint
from colprofile.results.json_schema import result_schema, schema_path, schema_text
from colprofile.results.pair import PairProfile
from colprofile.results.profile import Profile
from colprofile.results.serialize import FORMATS, _decoded, saved_format
from colprofile.values import Value
from tests.support import profiles


def is_required(field: dataclasses.Field[Any]) -> bool:
    """Whether a saved result must hold the field. One with a default may be missing: it came later."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def has_no_surrogate_pair(text: str) -> bool:
    """Two surrogates that look like one character are the one thing that JSON cannot tell apart."""
    return re.search("[\ud800-\udbff][\udc00-\udfff]", text) is None


# Strategies come from the dataclasses themselves: a field added later is tested without a change here.
# Characters by number: hypothesis' own alphabets begin by reading all of Unicode, which takes a second.
ANY_TEXT = (
    st.lists(st.sampled_from('a"\\\n\x00é\ud800\udc80\U0001f600') | st.integers(0, 0x10FFFF).map(chr), max_size=4)
    .map("".join)
    .filter(has_no_surrogate_pair)
)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, st.integers(-(2**70), 2**70))
st.register_type_strategy(str, ANY_TEXT)


def tuples_of(kind: Any, size: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.from_type(kind), min_size=size, max_size=size).map(tuple)


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    """Any histogram whose parts have the same length."""
    values, bins, buckets = draw(st.tuples(*[st.integers(0, 3)] * 3))
    sizes = {"counts": values, "bin_counts": bins, "bin_distinct": bins}
    sizes |= {"bucket_counts": buckets, "bucket_distinct": buckets}
    return draw(
        st.builds(
            Histogram,
            values=tuples_of(Value, values),
            edges=tuples_of(float, bins + 1 if bins else 0),
            **{name: tuples_of(int, size) for name, size in sizes.items()},
        )
    )


@st.composite
def joints(draw: st.DrawFn) -> Joint:
    """Any joint distribution with one row of counts per category."""
    x, y = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    counts = st.lists(tuples_of(int, y), min_size=x, max_size=x).map(tuple)
    return draw(
        st.builds(Joint, x_categories=tuples_of(Category, x), y_categories=tuples_of(Category, y), counts=counts)
    )


def distributions() -> st.SearchStrategy[Distribution]:
    return st.integers(0, 3).flatmap(
        lambda bins: st.builds(Distribution, edges=tuples_of(float | str, bins + 1), counts=tuples_of(int, bins))
    )


st.register_type_strategy(Histogram, histograms())
st.register_type_strategy(Joint, joints())
st.register_type_strategy(Distribution, distributions())
PUBLISHED = json.loads(schema_path("colprofile.profile").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)
PROFILES = st.builds(Profile, columns=st.just(()), pairs=st.just(()))


@pytest.mark.parametrize("name", profiles.ALL)
def test_saved_profile_is_the_same_when_loaded(name: str, tmp_path: Path) -> None:
    profile = profiles.ALL[name]()
    path = tmp_path / "saved.json"
    profile.save(path)
    assert Profile.load(path) == profile
    assert Profile.from_dict(profile.to_dict()) == profile
    assert saved_format(path) == "colprofile.profile"


@pytest.mark.parametrize("name", profiles.ALL)
def test_real_output_obeys_the_published_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    VALIDATOR.validate(profiles.ALL[name]().to_dict())


@given(PROFILES)
def test_any_profile_survives(profile: Profile) -> None:
    survives(profile)


@given(st.builds(ColumnProfile))
def test_any_column_survives(column: ColumnProfile) -> None:
    survives(dataclasses.replace(profiles.two_rows(), columns=(column,), pairs=(), edges=(), joints=()))


@given(st.builds(PairProfile))
def test_any_pair_survives(pair: PairProfile) -> None:
    made = profiles.two_rows()
    columns = tuple(dataclasses.replace(made.columns[0], name=name) for name in (pair.x, pair.y))
    survives(
        dataclasses.replace(made, rows=max(made.rows, pair.rows), columns=columns, pairs=(pair,), edges=(), joints=())
    )


def survives(profile: Profile) -> None:
    text = profile.to_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))
    VALIDATOR.validate(json.loads(text))
    assert Profile.from_dict(json.loads(text)) == profile


@pytest.mark.parametrize("name", FORMATS)
def test_published_schema_is_up_to_date(name: str) -> None:
    assert schema_path(name).read_text("utf-8") == schema_text(name), (
        "a result class changed: run python -m colprofile.results.json_schema"
    )


def test_schema_describes_every_field_and_requires_those_without_default() -> None:
    schema = result_schema("colprofile.profile")
    for cls in (ColumnProfile, PairProfile):
        definition = schema["$defs"][cls.__name__]
        assert set(definition["properties"]) == set(field_hints(cls))
        assert all(entry["description"] for entry in definition["properties"].values())
        assert definition["required"] == [f.name for f in dataclasses.fields(cls) if is_required(f)]
    assert "bits" in schema["$defs"]["ColumnProfile"]["properties"]["entropy_interval"]["description"]
    assert all(definition["description"] for definition in schema["$defs"].values())


@pytest.mark.parametrize(
    ("field", "value"),
    [("rows", "3"), ("columns", {}), ("has_pairs", 1), ("version", 3), ("format", "colprofile.drift")],
)
def test_schema_refuses_what_is_no_profile(field: str, value: Any) -> None:
    broken = profiles.two_rows().to_dict() | {field: value}
    assert not VALIDATOR.is_valid(broken)


def test_begins_with_format_and_version() -> None:
    assert list(profiles.two_rows().to_dict())[:3] == ["format", "version", "rows"]


@pytest.mark.parametrize("figure", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused(figure: float) -> None:
    profile = profiles.two_rows()
    broken = dataclasses.replace(profile, columns=(dataclasses.replace(profile.columns[0], entropy=figure),))
    with pytest.raises(ResultError, match="NaN or infinite"):
        broken.to_json()


HEADER = '{"format": "colprofile.profile", "version": 2'


def saved(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "saved.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not JSON, or was cut off"),
        (HEADER + ', "rows"', "not JSON, or was cut off"),
        ("[]", "it holds a list of 0, not an object"),
        ('"text"', "it holds 'text', not"),
        ("17", "it holds 17, not"),
        ("null", "it holds null"),
        ("{}", "it is JSON, but not a saved result"),
        ('{"columns": []}', "it is JSON, but not a saved result"),
        ('{"format": "colprofile.drift", "version": 1}', "it holds 'colprofile.drift', not"),
        ('{"format": ["x"], "version": 1}', "not 'colprofile.profile'"),
        ('{"format": "colprofile.profile"}', "version: found None"),
        ('{"format": "colprofile.profile", "version": "1"}', "version: found '1'"),
        ('{"format": "colprofile.profile", "version": true}', "version: found True"),
        ('{"format": "colprofile.profile", "version": 3}', "pip install --upgrade colprofile"),
        (HEADER + "}", "the field 'rows' is missing"),
        (HEADER + ', "rows": NaN}', "NaN is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe\x00\x00\xff", "not JSON"),
        (b"\x00\x01PAR1", "not JSON"),
        ('{"rows": ' + "9" * 5000 + "}", "not JSON"),
    ],
)
def test_other_files_are_one_clear_line(text: str | bytes, problem: str, tmp_path: Path) -> None:
    path = saved(tmp_path, text)
    with pytest.raises(ResultError) as error:
        Profile.load(path)
    message = str(error.value)
    assert problem in message
    assert message.startswith(f"cannot read {str(path)!r}: ")
    assert "\n" not in message
    assert any(advice in message for advice in ("save it again", "give a file that", "upgrade"))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"cannot read .*none\.json.*no such file"):
        Profile.load(tmp_path / "none.json")
    with pytest.raises(ResultError, match=r"cannot read .*is a directory"):
        Profile.load(tmp_path)


def every_place(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each field of a profile's dict, one item a list."""
    places = []
    if isinstance(data, dict):
        for key, value in data.items():
            places += [(*path, key), *every_place(value, (*path, key))]
    elif isinstance(data, list) and data:
        places += every_place(data[0], (*path, 0))
    return places


def test_each_field_of_a_wrong_type_is_named(tmp_path: Path) -> None:
    whole = json.loads(profiles.flights_like(50).to_json())
    skipped = {"format", "version", "findings"}  # the findings are in words for readers
    inside = {"undefined", "estimates", "findings"}
    places = [p for p in every_place(whole) if p[-1] not in skipped and not inside & {*p[:-1]}]
    assert len(places) > 80
    for place in places:
        broken = json.loads(json.dumps(whole))
        holder = broken
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = [[{}]]
        with pytest.raises(ResultError, match="damaged or was edited") as error:
            Profile.from_dict(broken)
        assert str(place[-1]) in str(error.value)


def test_each_missing_field_is_named() -> None:
    whole = json.loads(profiles.flights_like(50).to_json())
    holders: list[tuple[Callable[[Any], Any], type]] = [
        (lambda data: data, Profile),
        (lambda data: data["columns"][0], ColumnProfile),
        (lambda data: data["pairs"][0], PairProfile),
        (lambda data: data["columns"][0]["top_values"][0], TopValue),
    ]
    for holder_of, cls in holders:
        for field in dataclasses.fields(cls):
            broken = json.loads(json.dumps(whole))
            del holder_of(broken)[field.name]
            if is_required(field):
                with pytest.raises(ResultError, match=f"the field '{field.name}' is missing"):
                    Profile.from_dict(broken)
            else:
                Profile.from_dict(broken)


def test_unknown_fields_are_ignored() -> None:
    profile = profiles.two_rows()
    data = profile.to_dict()
    data["later"] = 1
    data["columns"][0]["later"] = {"x": [1]}
    assert Profile.from_dict(data) == profile


def test_integers_are_read_where_only_numbers_are_allowed() -> None:
    data = profiles.two_rows().to_dict()
    data["columns"][0]["entropy"] = 1
    read = Profile.from_dict(data).columns[0].entropy
    assert read == 1.0
    assert type(read) is float
    data["columns"][0]["entropy"] = 10**400
    with pytest.raises(ResultError, match=r"columns\[0\]\.entropy: found an integer too large"):
        Profile.from_dict(data)


@given(st.builds(ColumnProfile))
def test_files_are_read_as_dicts_are(column: ColumnProfile) -> None:
    """Whether msgspec reads the JSON or the standard library does: the same result."""
    profile = dataclasses.replace(profiles.two_rows(), columns=(column,), pairs=(), edges=(), joints=())
    read = _decoded(Profile, profile.to_json().encode())
    assert read == profile or (read is None and re.search(r"\\ud[89a-f]", profile.to_json()))


def test_numbers_too_large_for_a_float_are_refused(tmp_path: Path) -> None:
    text = profiles.two_rows().to_json().replace('"duration": 0.3512', '"duration": 1e999')
    with pytest.raises(ResultError, match=r"provenance\.duration: found inf"):
        Profile.load(saved(tmp_path, text))


def test_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    profile = profiles.two_rows()
    path = saved(tmp_path, b"\xef\xbb\xbf" + profile.to_json(indent=2).encode())
    assert Profile.load(path) == profile
    assert saved_format(path) == "colprofile.profile"


def test_saved_format_of_other_files(tmp_path: Path) -> None:
    assert saved_format(saved(tmp_path, '[{"format": "colprofile.profile"}]')) is None
    assert saved_format(saved(tmp_path, b"PAR1\x00")) is None
    assert saved_format(tmp_path / "none") is None


def test_dict_shares_nothing_with_the_profile() -> None:
    profile = profiles.flights_like(50)
    data = profile.to_dict()
    next(c for c in data["columns"] if c["undefined"])["undefined"].clear()
    assert profile == profiles.flights_like(50)


def test_lone_surrogates_survive(tmp_path: Path) -> None:
    profile = profiles.hostile()
    path = tmp_path / "hostile.json"
    profile.save(path)
    assert path.read_bytes().isascii()
    assert "\ud800 lone" in [column.name for column in Profile.load(path).columns]


def test_to_json_indents() -> None:
    assert profiles.two_rows().to_json(indent=2).startswith('{\n  "format": "colprofile.profile",\n  "version": 2,\n')


def test_a_file_of_the_first_version_says_that_its_dependence_was_another_measure(tmp_path: Path) -> None:
    data = profiles.flights_like(200).to_dict() | {"version": 1}
    for pair in data["pairs"]:
        pair["dependence_is_clipped"] = False
    (tmp_path / "old.json").write_text(json.dumps(data))
    for found in (Profile.load(tmp_path / "old.json"), Profile.from_dict(data)):
        assert "Saved by an older colprofile, whose dependence is another measure" in found.notes[-1]
    data["version"] = 2
    assert Profile.from_dict(data) == profiles.flights_like(200)
