"""cause_of: what is behind an error of Spark, in one line, without the traces of Java and Python around it."""

from __future__ import annotations

import re

from colprofile.sources.duckdb import first_line

_TRACEBACK = "Traceback (most recent call last):\n"
_MISSING = re.compile(r"ModuleNotFoundError: No module named '(\w+)")
_VERSIONS = re.compile(r"different version: ([\d.]+) than that in driver: ([\d.]+)")
_LAST_TASK = re.compile(r"most recent failure: Lost task .*? \(TID \d+\) \([^)]*\): (?:[\w$]+\.)*([\w$]+: .*)")
_OF_JAVA = re.compile(r"An error occurred while calling \S+\n: (?:[\w$]+\.)*([\w$]+: .*)")
_RESULT_SIZE = "is bigger than spark.driver.maxResultSize"


def cause_of(error: Exception) -> str:
    """Return what went wrong, in one line: in a worker's Python, in a task, or else what the error begins with."""
    text = str(error)
    if versions := _VERSIONS.search(text):
        return (
            f"the executors run Python {versions[1]} and this process {versions[2]}: "
            "name the same for them by PYSPARK_PYTHON or spark.pyspark.python"
        )
    if _TRACEBACK in text:
        return _of_python(text.rpartition(_TRACEBACK)[2])
    found = _LAST_TASK.search(text) or _OF_JAVA.match(text)
    line = first_line(error) if found is None else found[1].strip()
    return f"{line}: raise that, or count on the executors by fetch='never'" if _RESULT_SIZE in line else line


def _of_python(trace: str) -> str:
    """Return the line of a Python error; ``trace`` is what stands below the head of its traceback."""
    line = next((line for line in trace.splitlines() if line and not line[0].isspace()), "a worker's Python failed")
    if missing := _MISSING.match(line):
        return (
            f"the executors' Python lacks {missing[1]}: install pyarrow and numpy for it, "
            "or name another one by PYSPARK_PYTHON or spark.pyspark.python"
        )
    name, colon, rest = line.partition(": ")
    return f"{name.rpartition('.')[2]}{colon}{rest}".strip()
