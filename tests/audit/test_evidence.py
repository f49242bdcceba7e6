"""evidence(): one dependency, whatever is asked."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import colprofile
from colprofile.errors import ArgumentError, SourceNotFound


class TestEvidence:
    frame = pd.DataFrame({"a": [1, 1, 2, 2, None], "b": [1, 1, 2, 3, 4], "none": [None] * 5})

    def test_it_answers_whatever_is_asked(self) -> None:
        found = colprofile.evidence(self.frame, "a", "b")
        assert (found.rows, found.violating_rows, found.g3, found.pdep) == (4, 1, 0.25, 0.75)
        assert colprofile.evidence(self.frame, "a", "b", nulls="value").rows == 5

    @pytest.mark.parametrize(("columns", "target"), [([], "a"), (["a", "a"], "b"), ("a", "a")])
    def test_columns_must_differ(self, columns: Any, target: str) -> None:
        with pytest.raises(ArgumentError, match="must be different columns"):
            colprofile.evidence(self.frame, columns, target)

    @pytest.mark.parametrize(("columns", "target"), [(None, "a"), (["a", 3], "b"), ("a", ["b"])])
    def test_names_are_texts(self, columns: Any, target: Any) -> None:
        with pytest.raises(ArgumentError, match="is not a column name: give texts"):
            colprofile.evidence(self.frame, columns, target)

    def test_a_profile_has_no_rows(self) -> None:
        with pytest.raises(ArgumentError, match="a Profile holds no rows"):
            colprofile.evidence(colprofile.profile(self.frame), "a", "b")

    def test_a_constant_needs_nothing(self) -> None:
        found = colprofile.evidence(pd.DataFrame({"a": [1, 1, 2], "b": [5, 5, 5]}), "a", "b")
        assert (found.is_exact, found.rfi, found.mu_plus, found.bits) == (True, None, None, 0.0)

    def test_rows_are_needed(self) -> None:
        with pytest.raises(ArgumentError, match="no row has a value"):
            colprofile.evidence(self.frame, "a", "none")

    def test_unknown_columns(self) -> None:
        with pytest.raises(SourceNotFound, match="no column 'c'"):
            colprofile.evidence(self.frame, "a", "c")
