"""A real Spark cluster of two executors, started once; `make test-spark` runs what is here."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PYSPARK = importlib.util.find_spec("pyspark")
HAS_SPARK = _PYSPARK is not None and Path(str(_PYSPARK.origin)).with_name("jars").is_dir()
"""Whether it is pyspark itself, and not pyspark-client, which comes without Spark."""

_BARE_PYTHON = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
"""The interpreter behind the environment, without its packages."""

# Everything else of `make test` runs beside pyspark-client.
collect_ignore_glob = [] if HAS_SPARK and shutil.which("java") else ["test_*.py"]

# Processes that live for seconds: the time of the second compiler would never come back.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"

_LOGGING = """
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
appender.none.type = Null
appender.none.name = none
"""

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.driver.memory": "1g",
    "spark.python.worker.reuse": "true",
    # A copy of each task that takes much longer than the others.
    "spark.speculation": "true",
    "spark.speculation.interval": "50ms",
    "spark.speculation.quantile": "0.5",
    "spark.speculation.minTaskRuntime": "2s",
}


_LIBRARIES = ("numpy", "numpy.libs", "pyarrow")


def _workers_python(folder: Path) -> Path:
    """Return an interpreter that has what workers need and nothing else: not pandas, and not this package."""
    libraries = folder / "libraries"
    libraries.mkdir()
    for name in _LIBRARIES:
        if found := next((path for path in sys.path if (Path(path) / name).exists()), None):
            (libraries / name).symlink_to(Path(found) / name)
    script = folder / "python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{libraries}:$PYTHONPATH" exec "{_BARE_PYTHON}" "$@"\n')
    script.chmod(0o755)
    return script


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session on two executors of one core each, in processes of their own."""
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(Path(str(_PYSPARK.origin)).parent if _PYSPARK else ""))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_WORKER_DIR", str(folder / "work"))
        patch.setenv("PYSPARK_PYTHON", str(_workers_python(folder)))
        patch.setenv("PYTHONWARNINGS", "ignore")
        java = f"{_JAVA} -Dlog4j2.configurationFile={logging.as_uri()}"
        builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("colprofile")
        for name, value in _SETTINGS.items():
            builder = builder.config(name, value)
        builder = builder.config("spark.driver.extraJavaOptions", java).config("spark.executor.extraJavaOptions", java)
        builder = builder.config("spark.local.dir", str(folder)).config(
            "spark.sql.warehouse.dir", str(folder / "warehouse")
        )
        handler = signal.getsignal(signal.SIGINT)
        session = builder.getOrCreate()
    try:
        yield session
    finally:
        gateway = session.sparkContext._gateway
        session.stop()
        signal.signal(signal.SIGINT, handler)
        assert gateway is not None
        os.kill(gateway.proc.pid, signal.SIGTERM)
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(30)
