"""Datasets of Ray: the same figures as of the same table here. Ray takes ten seconds to start: without it, no tests."""

from __future__ import annotations

import _thread
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import colprofile
from colprofile.errors import ColprofileError
from tests.support.differences import profile_differences
from tests.support.odd_columns import arrow_columns, pandas_columns
from tests.support.opened import refusal
from tests.support.tables import flights

ray: Any = pytest.importorskip("ray")
pytest.importorskip("ray.data")

UNKNOWN_TO_RAY = ("runs", "list view", "large list view", "text view", "blob view", "dense union", "sparse union")

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        yield
        ray.shutdown()


def differences(local: Any, remote: Any, **options: Any) -> list[str]:
    return profile_differences(colprofile.profile(local, **options), colprofile.profile(remote, **options))


@pytest.mark.parametrize("kind", ["arrow", "pandas"])
def test_flights_have_the_same_profile(kind: str) -> None:
    frame = flights().head(3_000)
    if kind == "pandas":
        assert differences(frame, ray.data.from_pandas([frame.iloc[:2_000], frame.iloc[2_000:]])) == []
    else:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        assert differences(table, ray.data.from_arrow([table.slice(0, 2_000), table.slice(2_000)])) == []


def test_every_type_of_arrow_is_read_as_it_is_locally() -> None:
    """But those of which Ray makes no block."""
    table = pa.table({name: odd.values for name, odd in arrow_columns().items() if name not in UNKNOWN_TO_RAY})
    assert differences(table, ray.data.from_arrow([table]), pairs=False) == []


def test_every_type_of_pandas_is_read_as_it_is_locally() -> None:
    """But categories: each block may have its own, so that they are their values."""
    columns = {name: odd.values for name, odd in pandas_columns().items() if "category" not in name}
    frame = pd.DataFrame(columns)
    assert differences(frame, ray.data.from_pandas([frame]), pairs=False) == []


def test_types_come_from_all_blocks() -> None:
    blocks = [pd.DataFrame({"a": [1, 2, None]}, dtype=object), pd.DataFrame({"a": ["1", True, b"1"]}, dtype=object)]
    assert differences(pd.concat(blocks, ignore_index=True), ray.data.from_pandas(blocks)) == []


def test_tensors_are_left_out_with_the_reason() -> None:
    rows = ray.data.from_items([{"a": number % 2, "t": np.ones((2, 2)) * number} for number in range(6)])
    profile = colprofile.profile(rows)
    assert (profile.names, [column.name for column in profile.skipped]) == (("a",), ["t"])
    assert profile.skipped[0].reason.startswith("it holds tensors: map them to what should be counted")


def test_a_sample_is_drawn_by_the_workers() -> None:
    profile = colprofile.profile(ray.data.range(10_000), sample_rows=500, seed=1)
    assert profile.rows == 10_000 and profile.provenance.sampled_rows == 500


def test_faults_are_one_line() -> None:
    def broken(block: Any) -> Any:
        raise ValueError("no such\nplace")

    table = pa.table({"a": [1, 2]})
    blocks = ray.data.from_arrow([table, pa.table({"a": ["x"]})])
    for rows, words in ((ray.data.from_arrow(table).map_batches(broken), "no such"), (blocks, "incompatible types")):
        with pytest.raises(ColprofileError) as caught:
            colprofile.profile(rows)
        assert str(caught.value).startswith("cannot read the Ray Dataset: ") and words in str(caught.value)
        assert "\n" not in str(caught.value)
    assert "ds.filter" in refusal(ray.data.from_arrow(table), where="a > 1")


def test_ctrl_c_cancels_the_tasks(tmp_path: Path) -> None:
    began, ended = tmp_path / "began", tmp_path / "ended"

    def slow(block: Any) -> Any:
        if block.num_rows > 1:
            began.touch()
            time.sleep(6)
            ended.touch()
        return block

    def press() -> None:
        while not began.exists():
            time.sleep(0.05)
        pressed.append(time.monotonic())
        _thread.interrupt_main()

    pressed: list[float] = []
    tables = [pa.table({"a": [1]}), *[pa.table({"a": [1, 2]})] * 4]
    rows = ray.data.from_arrow(tables).map_batches(slow, batch_format="pyarrow")
    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        colprofile.profile(rows)
    assert time.monotonic() - pressed[0] < 4
    time.sleep(7)
    assert not ended.exists()
