"""Every verb tells saved profiles from data in the same way, in Python and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import colprofile
from colprofile import Audit, Drift
from colprofile.cli import main
from colprofile.errors import ArgumentError, ColprofileError, ResultError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """data.csv, its saved profile, and a saved audit and comparison."""
    made = tmp_path_factory.mktemp("saved")
    frame = pd.DataFrame({"zip": [i % 50 for i in range(400)], "city": [f"c{i % 50 // 5}" for i in range(400)]})
    frame.to_csv(made / "data.csv", index=False)
    profile = colprofile.profile(made / "data.csv")
    profile.save(made / "profile.json")
    colprofile.audit(profile).save(made / "audit.json")
    colprofile.drift(profile, profile).save(made / "drift.json")
    return made


@pytest.mark.parametrize("as_path", [str, Path])
def test_audit_takes_a_saved_profile(folder: Path, as_path: Callable[[Path], Any]) -> None:
    given = folder / "profile.json"
    found = colprofile.audit(as_path(given))
    expected = colprofile.audit(colprofile.Profile.load(given))
    assert found.findings == expected.findings and found.finding("zip", "city").kind == "dependency"
    assert main(["audit", str(given), "--save", str(folder / "again.json")]) == 0
    assert Audit.load(folder / "again.json").findings == expected.findings


def test_drift_takes_a_saved_profile_on_either_side(folder: Path) -> None:
    saved, data = str(folder / "profile.json"), str(folder / "data.csv")
    for stale, fresh in ((saved, data), (data, saved), (saved, saved)):
        columns = colprofile.drift(stale, fresh).columns
        assert {column.verdict for column in columns} == {"same"}
        assert main(["drift", stale, fresh, "--save", str(folder / "again.json")]) == 0
        assert Drift.load(folder / "again.json").columns == columns


def test_one_table_serves_the_side_that_has_tables(folder: Path) -> None:
    import duckdb

    with duckdb.connect(folder / "shop.db") as connection:
        connection.execute(f"create table t as from '{folder / 'data.csv'}'; create table other as select 1 as x")
    saved, data = str(folder / "profile.json"), str(folder / "shop.db")
    assert colprofile.drift(saved, data, table="t").verdict == "same"
    assert main(["drift", saved, data, "--table", "t", "--json", str(folder / "again.json")]) == 0
    with pytest.raises(ArgumentError, match="it has no table 't'"):
        colprofile.drift(saved, data, stale_table="t", fresh_table="t")


def test_profile_counts_like_a_saved_profile(folder: Path) -> None:
    saved, data = folder / "profile.json", folder / "data.csv"
    expected = colprofile.profile(data, like=colprofile.Profile.load(saved)).columns
    assert colprofile.profile(data, like=saved).columns == expected
    assert main(["profile", str(data), "--like", str(saved), "--save", str(folder / "again.json")]) == 0
    assert colprofile.Profile.load(folder / "again.json").columns == expected


VERBS: dict[str, Callable[[Any], object]] = {
    "audit": colprofile.audit,
    "drift, stale": lambda given: colprofile.drift(given, pd.DataFrame({"zip": [1]})),
    "drift, fresh": lambda given: colprofile.drift(pd.DataFrame({"zip": [1]}), given),
    "profile": colprofile.profile,
    "like": lambda given: colprofile.profile(pd.DataFrame({"zip": [1]}), like=given),
    "latent_classes": colprofile.latent_classes,
    "evidence": lambda given: colprofile.evidence(given, "zip", "city"),
    "assign_classes": lambda given: colprofile.assign_classes(
        colprofile.latent_classes(pd.DataFrame({"a": [1, 2] * 50, "b": [3, 4] * 50})), given
    ),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("name", "kind"), [("audit.json", "Audit"), ("drift.json", "Drift")])
def test_another_saved_result_is_one_clear_line(folder: Path, verb: str, name: str, kind: str) -> None:
    with pytest.raises(ResultError) as raised:
        VERBS[verb](str(folder / name))
    message = str(raised.value)
    assert name in message and kind in message and "give a" in message and "\n" not in message
    with pytest.raises(ResultError, match=kind):
        VERBS[verb](getattr(colprofile, kind).load(folder / name))


@pytest.mark.parametrize("verb", ["profile", "latent_classes", "evidence", "assign_classes"])
def test_a_profile_where_rows_are_needed_is_one_clear_line(folder: Path, verb: str) -> None:
    for given in (folder / "profile.json", colprofile.Profile.load(folder / "profile.json")):
        with pytest.raises(ArgumentError, match="no rows to co") as raised:
            VERBS[verb](given)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("command", ["profile", "audit", "latent", "drift"])
def test_the_command_line_says_the_same(folder: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    saved = str(folder / "drift.json")
    assert main([command, saved, saved] if command == "drift" else [command, saved]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("colprofile: ") and "drift.json" in shown and "class Drift" in shown
    assert shown.count("\n") == 1


def test_planner_says_that_it_needs_a_database(folder: Path) -> None:
    with pytest.raises(ColprofileError, match="is not a database URL"):
        colprofile.planner(str(folder / "profile.json"), "t")
