"""counted_table: the codes of a counted table for as long as the block lasts, and Ctrl-C while work runs on them."""

from __future__ import annotations

import os
import signal
import threading
import time

import pandas as pd
import pytest

from colprofile.verbs.profile.api import counted_table
from colprofile.verbs.profile.options import Counting, Reading

FRAME = pd.DataFrame({"x": [1, 2, 2, None], "y": ["a", "b", "b", "a"]})


def test_the_codes_are_there_until_the_block_is_left() -> None:
    threads = threading.active_count()
    with counted_table(FRAME, None, Counting(), Reading()) as counted:
        assert [codes.tolist() for codes in counted.coded.codes] == [[1, 2, 2, 0], [1, 2, 2, 1]]
        assert [column.name for column in counted.profile.columns] == [column.name for column in counted.columns]
        assert counted.profile.pair("x", "y").mutual_information == pytest.approx(0.9182958340544896)
        assert counted.session.run(lambda: threading.current_thread() is threading.main_thread()) is False
    assert counted.coded.codes == []
    assert threading.active_count() == threads


def test_ctrl_c_ends_work_on_the_codes_and_leaves_nothing_behind() -> None:
    threads = threading.active_count()
    began = 0.0

    def work() -> None:
        nonlocal began
        began = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1_000):
            counted.session.report("waiting", 0, None)
            time.sleep(0.01)

    with pytest.raises(KeyboardInterrupt), counted_table(FRAME, None, Counting(pairs=False), Reading()) as counted:
        counted.session.run(work)
    assert time.monotonic() - began < 3, "a busy machine is given some more than the promised second"
    assert counted.coded.codes == []
    assert threading.active_count() == threads


def test_work_that_ends_by_itself_is_waited_for_on_ctrl_c() -> None:
    stop = threading.Event()

    def work() -> str:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(10)
        counted.session.report("not cancelled", 0, None)
        return "what was found"

    def finish() -> bool:
        stop.set()
        return True

    with counted_table(FRAME, None, Counting(pairs=False), Reading()) as counted:
        assert counted.session.run(work, finish) == "what was found"


def test_a_table_none_of_whose_columns_can_be_counted_has_its_rows() -> None:
    with counted_table(FRAME, None, Counting(columns=["z"], is_compared=True), Reading()) as counted:
        assert (counted.profile.rows, counted.profile.columns, counted.coded.codes) == (4, (), [])
