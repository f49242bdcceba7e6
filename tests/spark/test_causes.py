"""What Spark raises, as it was recorded, and the line that is left of it."""

from __future__ import annotations

import pytest

from colprofile.sources.spark.causes import cause_of

WORKER = "\n  An exception was thrown from the Python worker. Please see the stack trace below.\n"
TRACE = 'Traceback (most recent call last):\n  File "worker.py", line 1, in main\n    import pyarrow as pa\n'
JAVA = "An error occurred while calling o194.collectToPython.\n: org.apache.spark.SparkException: "
ABORTED = f"{JAVA}Job aborted due to stage failure: "

RECORDED = {
    "error of a function": (f"{WORKER}{TRACE}OSError: the disk\nis gone\n", "OSError: the disk"),
    "error with a cause": (
        f"{WORKER}{TRACE}KeyError: 1\n\nThe above exception was the direct cause of the following exception:\n\n"
        f"{TRACE}pyarrow.lib.ArrowInvalid: too long\n",
        "ArrowInvalid: too long",
    ),
    "no pyarrow": (
        f"{WORKER}{TRACE}ModuleNotFoundError: No module named 'pyarrow'\n",
        "the executors' Python lacks pyarrow: install pyarrow and numpy for it, "
        "or name another one by PYSPARK_PYTHON or spark.pyspark.python",
    ),
    "no part of numpy": (
        f"{WORKER}{TRACE}ModuleNotFoundError: No module named 'numpy.core'\n",
        "the executors' Python lacks numpy: install pyarrow and numpy for it, "
        "or name another one by PYSPARK_PYTHON or spark.pyspark.python",
    ),
    "another Python": (
        f"{WORKER}{TRACE}pyspark.errors.exceptions.base.PySparkRuntimeError: [PYTHON_VERSION_MISMATCH] Python in "
        "worker has different version: 3.11 than that in driver: 3.9, PySpark cannot run with different versions.\n",
        "the executors run Python 3.11 and this process 3.9: "
        "name the same for them by PYSPARK_PYTHON or spark.pyspark.python",
    ),
    "no Python": (
        f"{ABORTED}Task 0 in stage 3.0 failed 4 times, most recent failure: Lost task 0.3 in stage 3.0 (TID 30) "
        '(192.0.2.2 executor 0): java.io.IOException: Cannot run program "/nowhere": error=2, No such\n\tat x.y(Z)',
        'IOException: Cannot run program "/nowhere": error=2, No such',
    ),
    "too much for the client": (
        f"{ABORTED}Total size of serialized results of 5 tasks (1100.0 MiB) is bigger than "
        "spark.driver.maxResultSize (1024.0 MiB)\n\tat x.y(Z)",
        "SparkException: Job aborted due to stage failure: Total size of serialized results of 5 tasks (1100.0 MiB) is "
        "bigger than spark.driver.maxResultSize (1024.0 MiB): raise that, or count on the executors by fetch='never'",
    ),
    "anything else of Java": (f"{JAVA}no such thing\n\tat x.y(Z)", "SparkException: no such thing"),
    "anything else": ("[TABLE_NOT_FOUND] there is none; line 1\nmore", "[TABLE_NOT_FOUND] there is none; line 1"),
}


@pytest.mark.parametrize(("text", "line"), RECORDED.values(), ids=RECORDED)
def test_the_cause_is_one_line(text: str, line: str) -> None:
    assert cause_of(RuntimeError(text)) == line
