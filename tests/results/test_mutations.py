"""Hundreds of saved results of each kind with something wrong in them: each is refused when it is loaded, or works."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import colprofile
from colprofile.results.base import Result
from colprofile.results.serialize import FORMATS
from tests.golden.make_saved import FOLDER, table
from tests.support.mutations import load_and_use, mutated

MUTATIONS = 300

THOROUGH = 12
"""One of so many mutations that load is shown in every form, and compared and audited again."""


def later(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(x=(frame["x"] + 1) % 7, new=1).drop(columns="half")


MADE: dict[str, Callable[[pd.DataFrame], Result]] = {
    "audit": colprofile.audit,
    "drift": lambda frame: colprofile.drift(frame, later(frame)),
    "latent_classes": lambda frame: colprofile.latent_classes(frame, max_classes=2, bins=4),
    "profile": colprofile.profile,
}
"""What verbs make now; a planner's report needs a server, and only the saved one is used."""


@pytest.mark.parametrize("name", [name.removeprefix("colprofile.") for name in FORMATS])
def test_saved_results_with_something_wrong_are_refused_or_work(name: str, tmp_path: Path) -> None:
    saved = [Result.load(FOLDER / f"{name}.json").to_json().encode()]
    if name in MADE:
        saved.append(MADE[name](table()[["x", "twice", "near", "when", "half"]]).to_json().encode())
    path = tmp_path / "saved.json"
    loaded = 0
    for number in range(MUTATIONS):
        draw = random.Random(f"{name} {number}")
        path.write_bytes(mutated(draw.choice(saved), draw))
        try:
            loaded += load_and_use(path, is_thorough=loaded % THOROUGH == 0)
        except BaseException as error:
            error.add_note(f"mutation {number} of {name}: {path}")
            raise
    assert 50 < loaded < MUTATIONS - 100
