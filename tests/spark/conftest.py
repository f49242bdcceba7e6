"""A session of Spark, on one server for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark(spark_url: str) -> Iterator[Any]:
    """A session as a user has it."""
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession(spark_url)
    yield session
    session.stop()
