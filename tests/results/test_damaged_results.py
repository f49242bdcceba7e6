"""A saved result that was damaged or edited is refused when it is loaded, or else it works in every form."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colprofile.errors import ResultError
from colprofile.results.base import Result
from colprofile.results.serialize import FORMATS, result_class
from tests.golden.make_saved import FOLDER

SAVED = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}

Place = tuple[str | int, ...]

DROPPED = "(dropped)"

REPLACEMENTS: tuple[Any, ...] = (
    *(DROPPED, None, True, "", "x", "2020-01-01", [], {}, [[]]),
    *(0, -1, 1, 2**70, 0.5, -0.5, 1e300, -1e300, 5e-324),
)


def places(data: Any, place: Place = ()) -> list[Place]:
    """Every place in a JSON value; of lists the first, second and last item."""
    found: list[Place] = [place] if place else []
    if isinstance(data, dict):
        for key in data.keys() - {"format", "version"}:
            found += places(data[key], (*place, key))
    elif isinstance(data, list):
        for index in sorted({0, min(1, len(data) - 1), len(data) - 1} if data else ()):
            found += places(data[index], (*place, index))
    return sorted(found, key=str)


PLACES = {name: places(data) for name, data in SAVED.items()}


def value_at(data: Any, place: Place) -> Any:
    for step in place:
        data = data[step]
    return data


def changed(name: str, place: Place, value: Any) -> dict[str, Any]:
    """A saved result with one value replaced or dropped."""
    data: dict[str, Any] = copy.deepcopy(SAVED[name])
    holder = value_at(data, place[:-1])
    if value == DROPPED:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return data


def variants(value: Any) -> tuple[Any, ...]:
    """Other values in place of one: of other types, out of range, lists shorter, longer and in another order."""
    if isinstance(value, list) and value:
        return (*REPLACEMENTS, value[:-1], [*value, value[-1]], value[::-1], value[:1] * 50)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (*REPLACEMENTS, value + 1, value * 3, -value)
    return REPLACEMENTS


@st.composite
def damaged(draw: st.DrawFn, name: str) -> dict[str, Any]:
    place = draw(st.sampled_from(PLACES[name]))
    return changed(name, place, draw(st.sampled_from(variants(value_at(SAVED[name], place)))))


def works(result: Result) -> None:
    """Use every form of a result."""
    json.dumps(result.to_dict(), allow_nan=False)
    assert result.from_dict(result.to_dict()) == result
    assert result.to_html().startswith("<!doctype html>")
    assert "\n" not in repr(result)
    for form in (result.to_json(), result.to_markdown(), result.to_terminal(), result._repr_html_()):
        assert form
    for name in dir(result):
        if name.endswith("_frame"):
            getattr(result, name)()


def is_refused_or_works(data: dict[str, Any]) -> None:
    try:
        result = Result.from_dict(data)
    except ResultError as error:
        assert "\n" not in str(error)
        return
    works(result)


def test_there_is_a_saved_result_of_every_kind() -> None:
    assert {data["format"] for data in SAVED.values()} == set(FORMATS)
    assert set(SAVED) == {name.removeprefix("colprofile.") for name in FORMATS}


@pytest.mark.parametrize("name", SAVED)
def test_saved_results_load_and_work(name: str, tmp_path: Path) -> None:
    result = Result.load(FOLDER / f"{name}.json")
    assert type(result) is result_class(f"colprofile.{name}")
    works(result)
    result.save(tmp_path / "again.json")
    assert type(result).load(tmp_path / "again.json") == result


@pytest.mark.parametrize("name", SAVED)
def test_damaged_results_are_refused_or_work(name: str) -> None:
    @settings(max_examples=80)
    @given(damaged(name))
    def check(data: dict[str, Any]) -> None:
        is_refused_or_works(data)

    check()


@pytest.mark.parametrize(
    ("name", "place", "value", "problem"),
    [
        ("audit", ("findings", 0, "fix", "changes"), {}, r"findings\[0\]\.fix: checks are for"),
        ("audit", ("findings", 1, "examples", 0, "counts"), [], r"examples\[0\]: 2 values have 0 counts"),
        ("drift", ("columns", 0, "overlay", "stale"), [], r"columns\[0\]\.overlay: "),
        ("drift", ("columns", 0, "overlay", "edges"), [], r"columns\[0\]\.overlay: "),
        ("latent_classes", ("rows",), 0, r"rows=0 is not allowed"),
        ("latent_classes", ("candidates",), [], "candidates and trace"),
        ("latent_classes", ("trace",), [], "candidates and trace"),
        ("planner", ("columns", 0, "q_error"), -1, r"columns\[0\]: q_error=-1.0 is not allowed"),
        ("planner", ("columns", 0, "worst", 0, "factor"), 0, r"columns\[0\]\.worst\[0\]: factor=0.0 is not"),
        ("profile", ("columns", 0, "distribution", "edges"), [], r"columns\[0\]\.distribution: "),
        ("profile", ("columns", 0, "histogram", "counts"), [], r"columns\[0\]\.histogram: "),
        ("profile", ("joints", 0, "counts"), [], r"joints\[0\]: counts of "),
        (
            "profile",
            ("columns", 0, "kind"),
            "number",
            r"columns\[0\]\.kind: expected one of 'boolean', .*, found 'number'",
        ),
        (
            "profile",
            ("columns", 0, "minimum"),
            [1, 2],
            r"columns\[0\]\.minimum: expected bool .* null, found a list of 2",
        ),
        ("profile", ("columns", 0, "rows"), None, r"columns\[0\]\.rows: expected int, found null"),
        (
            "profile",
            ("provenance", "nulls"),
            "zero",
            r"provenance\.nulls: expected one of 'ignore', 'value', found 'zero'",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(name: str, place: Place, value: Any, problem: str) -> None:
    with pytest.raises(ResultError, match=problem):
        Result.from_dict(changed(name, place, value))


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("drift", ("columns", 0, "stale", "rows"), 2**70),
        ("latent_classes", ("classes", 0, "number"), 2**70),
        ("latent_classes", ("columns", 0, "missing"), 2**70),
        ("latent_classes", ("columns", 0, "information"), 1e300),
        ("planner", ("columns", 0, "range_divergence"), 1e300),
        ("profile", ("columns", 0, "entropy"), 1e300),
        ("profile", ("pairs", 0, "mutual_information"), 1e300),
        ("profile", ("edges", 0, "bits"), 0),
        ("planner", ("columns", 0, "measured", "error"), 1e300),
    ],
)
def test_figures_of_any_size_are_shown(name: str, place: Place, value: Any) -> None:
    works(Result.from_dict(changed(name, place, value)))
