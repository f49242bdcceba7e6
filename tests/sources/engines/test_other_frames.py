"""Which way a frame goes, and what is advised of frames that go none."""

from __future__ import annotations

from typing import Any

import dask.array
import dask.bag
import pandas as pd
import pytest

from tests.support.opened import refusal


class ModinLike:
    def to_pandas(self) -> Any: ...

    def __dataframe__(self) -> Any: ...


class InterchangeOnly:
    def __dataframe__(self) -> Any: ...


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (ModinLike(), "give its to_pandas()"),
        (InterchangeOnly(), "give pandas.api.interchange.from_dataframe(…) of it"),
        (dask.bag.Bag({}, "b", 1), "give its to_dataframe()"),
        (dask.array.ones((2, 2)), "give its to_dask_dataframe()"),
        (pd.Index([1]).__len__, "Spark, Dask, Ray, Daft or anything with __arrow_c_stream__"),
    ],
    ids=["Modin", "interchange", "bag", "array", "none"],
)
def test_what_cannot_be_read_is_said_how_to_give(given: Any, advice: str) -> None:
    assert advice in refusal(given)


@pytest.mark.parametrize(
    ("module", "name", "shown"),
    [
        ("pyspark.sql.dataframe", "DataFrame", "the Spark DataFrame"),  # from Spark 4.3 on it has such a method
        ("dask.dataframe.future", "DataFrame", "the Dask DataFrame"),
        ("ray.data.dataset", "Dataset", "the Ray Dataset"),
    ],
)
def test_frames_of_engines_are_not_drained_by_arrows_protocol(module: str, name: str, shown: str) -> None:
    def drained(*_: Any) -> Any:
        raise AssertionError("all of its rows were asked for")

    frame = type(name, (), {"__module__": module, "__arrow_c_stream__": drained})()
    assert refusal(frame).startswith(f"cannot read {shown}: ")
