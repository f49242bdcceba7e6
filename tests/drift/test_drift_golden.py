"""What the first release saved loads for ever."""

from __future__ import annotations

import json

import colprofile
from colprofile.results.drift import Drift
from colprofile.results.profile import Profile
from tests.golden import make


def test_the_first_profile_loads_and_nothing_is_lost() -> None:
    loaded = Profile.load(make.PROFILE)
    written = json.loads(make.PROFILE.read_text("utf-8"))
    again = loaded.to_dict()
    for pair in written["pairs"]:
        del pair["dependence_is_clipped"]  # it went with the measure that had it
    assert is_within(written | {"version": 2, "notes": list(loaded.notes)}, again)
    assert "Saved by an older colprofile" in loaded.notes[-1]
    assert loaded["id"].histogram.bin_counts and loaded["name"].histogram.bucket_counts
    assert loaded["group"].histogram.nulls == 60
    assert "nan" in loaded["price"].histogram.values


def test_the_first_drift_loads_and_nothing_is_lost() -> None:
    loaded = Drift.load(make.DRIFT)
    assert is_within(json.loads(make.DRIFT.read_text("utf-8")) | {"version": 2}, loaded.to_dict())
    assert loaded.verdict == "explained"


def test_the_same_data_is_the_same_for_the_first_profile() -> None:
    """Bins, buckets and values are cut and written as the first release did."""
    found = colprofile.drift(make.PROFILE, make.table())
    assert {column.name: column.verdict for column in found.columns} == dict.fromkeys(make.table().column_names, "same")
    assert all(column.kl_divergence == 0 for column in found.columns)


def is_within(old: object, new: object) -> bool:
    """Whether everything in the old JSON value is in the new one, which may have more fields."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(key in new and is_within(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return isinstance(new, list) and len(old) == len(new) and all(map(is_within, old, new))
    return old == new
