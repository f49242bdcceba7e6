"""A Spark Connect server without Java, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

_SERVER = """
import sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer()
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()  # until who started it has ended
import os
os._exit(0)
"""


@pytest.fixture(scope="session")
def spark_url() -> Iterator[str]:
    """The address of a server, which ends with the tests."""
    from pyspark.sql.connect.session import SparkSession

    # A session that nobody needs any more closes itself while the garbage collector runs, and waits for the threads of
    # all sessions: wherever another thread is just then, with whatever lock.
    SparkSession.__del__ = lambda session: None  # type: ignore[method-assign]
    environment = os.environ | {"RUST_LOG": "off"}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        yield f"sc://localhost:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()
