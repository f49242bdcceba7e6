"""A saved result that was damaged or edited is refused when it is loaded, or else it works in every form."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from colprofile.errors import ResultError
from colprofile.results.base import Result
from colprofile.results.serialize import FORMATS, result_class
from tests.golden.make_saved import FOLDER
from tests.support.mutations import use

SAVED = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}

Place = tuple[str | int, ...]

DROPPED = "(dropped)"


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


def test_there_is_a_saved_result_of_every_kind() -> None:
    assert {data["format"] for data in SAVED.values()} == set(FORMATS)
    assert set(SAVED) == {name.removeprefix("colprofile.") for name in FORMATS}


@pytest.mark.parametrize("name", SAVED)
def test_saved_results_load_and_work(name: str, tmp_path: Path) -> None:
    result = Result.load(FOLDER / f"{name}.json")
    assert type(result) is result_class(f"colprofile.{name}")
    use(result)
    result.save(tmp_path / "again.json")
    assert type(result).load(tmp_path / "again.json") == result


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
    use(Result.from_dict(changed(name, place, value)))
