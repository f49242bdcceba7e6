"""Dask DataFrames: the same figures as of the frame that compute() gives, while workers send packed rows alone."""

from __future__ import annotations

import datetime as dt
import importlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import dask
import narwhals
import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.errors import ColprofileError
from colprofile.sources.engines.dask import partition_task
from colprofile.sources.open import open_source
from colprofile.sources.partitions import pack, pandas_batches
from colprofile.sources.partitions.shipped import shipped
from tests.support.differences import profile_differences
from tests.support.odd_columns import pandas_columns
from tests.support.opened import refusal
from tests.support.tables import flights

dd: Any = importlib.import_module("dask.dataframe")  # it has no types

ROWS = 1_500

MIXED = pd.DataFrame(
    {
        "mixed": [1, 2, "1", True, b"1", None],
        "numbers": pd.Series([1, 2.5, Decimal("1.50"), Decimal("1.5"), 10**30, None], dtype=object),
        "days": pd.Series(
            [dt.date(2020, 1, 1), dt.date(2020, 1, 2), dt.date(2020, 1, 2), dt.datetime(2020, 1, 2), None, None],
            dtype=object,
        ),
        "lists": [[1, 2], [1], [], None, [1, 2], [None]],
        "structs": [{"a": 1}, {"a": 2}, {"b": "x"}, None, {"a": 1}, {}],
        "zeros": [0.0, -0.0, np.nan, 1, 2, np.inf],
    },
    index=pd.Index(list("abcdef"), name="key"),
)
"""Whose types come from the values of all partitions together."""


@pytest.fixture(autouse=True)
def as_given() -> Iterator[None]:
    """Dask leaves columns of text and objects as they are, and runs in two threads."""
    with dask.config.set({"dataframe.convert-string": False, "num_workers": 2}):
        yield


@pytest.fixture(scope="module")
def some_flights() -> pd.DataFrame:
    return flights().head(ROWS)


def partitioned(frame: pd.DataFrame, partitions: int = 3) -> Any:
    return dd.from_pandas(frame, npartitions=partitions, sort=False)


def differences(local: Any, remote: Any, **options: Any) -> list[str]:
    return profile_differences(colprofile.profile(local, **options), colprofile.profile(remote, **options))


@pytest.mark.parametrize("convert", [True, False])
def test_flights_have_the_same_profile(some_flights: pd.DataFrame, convert: bool) -> None:
    with dask.config.set({"dataframe.convert-string": convert}):
        frame = partitioned(some_flights)
        assert differences(frame.compute(), frame) == []


def test_every_type_of_pandas_is_read_as_it_is_locally() -> None:
    frame = pd.DataFrame({name: odd.values for name, odd in pandas_columns().items()})
    assert differences(frame, partitioned(frame, 2), pairs=False) == []


def test_types_come_from_the_values_of_all_partitions() -> None:
    frame = partitioned(MIXED)
    local, remote = colprofile.profile(frame.compute()), colprofile.profile(frame)
    assert profile_differences(local, remote) == []
    assert remote.provenance.reading is not None and local.provenance.reading is not None
    assert remote.provenance.reading.remarks == local.provenance.reading.remarks != ()
    assert remote.provenance.reading.format == "Dask DataFrame"


def test_a_sample_has_the_types_of_the_whole() -> None:
    values = pd.Series([1] * 999 + ["1"], dtype=object)
    with (
        open_source(partitioned(pd.DataFrame({"a": values}))) as source,
        source.sampled_batches(source.columns, 1000, 10, seed=1) as (schema, batches),
    ):
        found = [value for batch in batches for value in batch.column(0).to_pylist()]
    assert (str(schema.field(0).type), found) == ("string", ["1"] * 10)


def test_a_sample_is_drawn_by_the_workers() -> None:
    frame = partitioned(pd.DataFrame({"a": range(10_000)}))
    with open_source(frame) as source:
        drawn = []
        for seed in (1, 1, 2):
            with source.sampled_batches(source.columns, source.count_rows(), 500, seed) as (_, batches):
                drawn.append([value for batch in batches for value in batch.column(0).to_pylist()])
    assert [len(set(values)) for values in drawn] == [500] * 3
    assert drawn[0] == drawn[1] != drawn[2]
    assert abs(np.mean(drawn[0]) - 5_000) < 5 * 10_000 / (12 * 500) ** 0.5


@pytest.mark.parametrize(
    "make",
    [
        lambda: partitioned(MIXED)["zeros"],
        lambda: partitioned(MIXED).reset_index(drop=True)[["zeros"]],
        lambda: partitioned(MIXED[["zeros"]]).query("zeros > 10**9"),
        lambda: partitioned(MIXED[["zeros"]]).query("zeros < -1"),
        lambda: partitioned(pd.DataFrame({"a'\n\"; --": [1, 1, 2], "ü": ["x", None, "y"]})),
        lambda: partitioned(pd.DataFrame([[1, "x"], [2, "y"], [2, "y"]], columns=["same", "same"])),
        lambda: partitioned(pd.DataFrame({"a": [1, 2, 3, 1]})).set_index("a"),
        lambda: partitioned(pd.DataFrame({"a": [1, 2, 3, 1], "b": list("xyxy")})).set_index("a"),
        lambda: partitioned(pd.DataFrame({"c": pd.Categorical(list("yxzy"), list("zyxw"))})).astype(object),
    ],
    ids=["series", "one column", "one row", "no row", "names", "one name twice", "index alone", "index", "objects"],
)
def test_odd_frames_have_the_same_profile(make: Callable[[], Any]) -> None:
    frame = make()
    assert differences(frame.compute(), frame) == []


def test_categories_that_dask_has_not_looked_for_are_found() -> None:
    frame = partitioned(pd.DataFrame({"c": pd.Categorical(list("yxzyxy"))}))
    frame["c"] = frame["c"].cat.as_unknown()
    assert differences(frame.compute(), frame) == []


@pytest.mark.filterwarnings("ignore:Dask support is moving")
def test_a_frame_in_narwhals_is_the_frame() -> None:
    frame = partitioned(MIXED[["zeros"]])
    assert differences(frame, narwhals.from_native(frame)) == []


def test_every_verb_takes_a_frame(some_flights: pd.DataFrame) -> None:
    frame = partitioned(some_flights[["carrier", "dest", "distance", "month"]].head(1_000), 2)
    local = frame.compute()
    found = [
        [(finding.kind, finding.columns) for finding in colprofile.audit(some).findings] for some in (local, frame)
    ]
    assert found[0] == found[1] != []
    changed = [column.kl_divergence for column in colprofile.drift(local, frame).columns]
    assert changed == pytest.approx([0.0] * 4, abs=1e-9)
    assert colprofile.latent_classes(frame, seed=1).rows == 1_000


def test_only_the_columns_that_are_asked_for_are_read_and_each_partition_once() -> None:
    read: list[tuple[int, Any]] = []

    def part(number: int, columns: Any = None) -> pd.DataFrame:
        read.append((number, columns))
        frame = pd.DataFrame({"a": [number], "b": [1.5], "c": ["x"]})
        return frame if columns is None else frame[columns]

    frame = dd.from_map(part, range(4), meta=part(0))
    read.clear()
    colprofile.profile(frame, columns=["b"])
    assert sorted(read) == [(number, ["b"]) for number in range(4)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"table": "t"}, "a Dask DataFrame is not a database: it has no table 't'"),
        ({"where": "a > 1"}, "give the rows themselves, such as ddf[ddf.x > 0]"),
        ({"query": "select 1"}, "query= is for files, and the input is a Dask DataFrame: leave it out"),
    ],
)
def test_what_is_for_databases_and_files_is_refused(options: dict[str, Any], words: str) -> None:
    assert words in refusal(partitioned(MIXED), **options)


def broken(frame: pd.DataFrame) -> pd.DataFrame:
    raise ValueError("no such\nplace")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (broken, "cannot read the Dask DataFrame: no such"),
        (lambda frame: frame.assign(a="1"), "column 'a': a partition has large_string where the frame's own types say"),
        (lambda frame: frame.assign(a=1.5), "column 'a': Float value 1.500000 was truncated"),
        (lambda frame: frame.assign(b=frame["b"].cat.set_categories(list("uvxy"))), "categories that the whole frame"),
    ],
    ids=["fault", "text", "fraction", "categories"],
)
def test_faults_of_partitions_are_one_line(change: Callable[[Any], Any], words: str) -> None:
    frame = partitioned(pd.DataFrame({"a": [1, 2], "b": pd.Categorical(["x", "y"])}), 1)
    with pytest.raises(ColprofileError) as caught:
        colprofile.profile(frame.map_partitions(change, meta=frame._meta))
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_frame_without_columns_is_refused() -> None:
    assert refusal(partitioned(MIXED.reset_index(drop=True))[[]]) == (
        "the Dask DataFrame has no columns: there is nothing to profile"
    )


def test_ctrl_c_ends_soon_and_begins_no_more_tasks(tmp_path: Path) -> None:
    began: list[float] = []

    def slow(frame: pd.DataFrame) -> pd.DataFrame:
        began.append(time.monotonic())
        time.sleep(0.4)
        return frame

    frame = partitioned(pd.DataFrame({"a": range(40)}), 40)
    slowed = frame.map_partitions(slow, meta=frame._meta)
    began.clear()

    def press() -> None:
        while not began:
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    with dask.config.set(scheduler="threads"):
        threading.Thread(target=press).start()
        with pytest.raises(KeyboardInterrupt):
            colprofile.profile(slowed)
    assert time.monotonic() - began[0] < 5
    time.sleep(1)
    count = len(began)
    time.sleep(0.6)
    assert len(began) == count < 40


def test_workers_need_nothing_of_this_package(tmp_path: Path) -> None:
    import cloudpickle

    read = shipped(pandas_batches.record_batches, columns=[("a", False, 0, "objects", None)])
    task = partition_task(read, shipped(pack.packed, blob_bytes=1 << 20), 1.0, 0)
    (tmp_path / "task").write_bytes(cloudpickle.dumps((task, pd.DataFrame({"a": [[1], "x", [1]]}))))
    script = f"""
import pickle, sys
sys.modules["colprofile"] = None
task, frame = pickle.load(open({str(tmp_path / "task")!r}, "rb"))
[(key, data)] = task(frame, 0)
import pyarrow as pa
print(key, [pickle.loads(value.as_py()) for value in pa.ipc.open_stream(data).read_all().column(0)])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("3 [[1], 'x', [1]]\n", "")
