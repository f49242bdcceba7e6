"""Sessions: by address on the command line and in Python, and those of the user, which stay as they are."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import colprofile
from colprofile.errors import ArgumentError, MissingExtra, SourceError, SourceNotFound
from colprofile.sources.open import open_source
from tests.support.command_line import run
from tests.support.interruption import interrupt

QUERY = "select id, id % 7 as k from range(100)"
SECRET = "t0psecret"


def test_the_command_line_takes_an_address_and_shows_no_secret(
    spark_url: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    done = run("profile", f"{spark_url}/;token={SECRET};user_id=me", "--table", QUERY)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{spark_url}/;token=***;user_id=me {QUERY}" in " ".join(done.stdout.split())
    assert SECRET not in done.stdout
    assert "".join(capfd.readouterr()) == ""  # what any library writes there


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("nope", "no table 'nope' in {url}. There are none."),
        ("select nope from range(3)", "cannot read {url}: "),
        ("selec x", "cannot read {url}: "),
    ],
)
def test_an_error_is_one_line_on_standard_error(
    table: str, says: str, spark_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    done = run("profile", spark_url, "--table", table)
    assert (done.returncode, done.stdout) == (2, "")
    assert "".join(capfd.readouterr()) == ""
    assert done.stderr.startswith("colprofile: " + says.format(url=spark_url))
    assert done.stderr.count("\n") == 1


def test_a_server_that_is_not_there_is_one_line_within_seconds() -> None:
    # In a process of its own: gRPC writes to the system's standard error what it is not told to leave out.
    done = subprocess.run(
        [sys.executable, "-m", "colprofile", "profile", f"sc://localhost:1/;token={SECRET}", "--table", "t"],
        capture_output=True,
        text=True,
        timeout=60,  # Spark's own client tries for ten minutes
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("colprofile: cannot connect to sc://localhost:1/;token=***: ")
    assert "Connection refused" in done.stderr
    assert done.stderr.count("\n") == 1


def test_audit_and_drift_take_addresses(spark_url: str) -> None:
    audited = run("audit", spark_url, "--table", "select id % 3 as a, id % 3 as b from range(90)")
    assert (audited.returncode, audited.stderr) == (0, "")
    assert "2 findings" in audited.stdout
    drifted = run(
        "drift", spark_url, spark_url, "--stale-table", QUERY, "--fresh-table", "select id % 2 as k from range(9)"
    )
    assert (drifted.returncode, drifted.stderr) == (0, "")
    assert "k" in drifted.stdout


def test_drift_of_a_saved_profile_and_a_data_frame(spark: Any, tmp_path: Path) -> None:
    frame = spark.range(0, 900, 1, 3).selectExpr("id % 3 as k")
    colprofile.profile(frame).save(tmp_path / "then.json")
    same = colprofile.drift(tmp_path / "then.json", frame)
    other = colprofile.drift(tmp_path / "then.json", frame.where("k < 2"))
    assert same.columns[0].kl_divergence == 0
    assert other.columns[0].vanished_mass == pytest.approx(1 / 3)


@pytest.mark.parametrize("url", [f"sc://a b/;token={SECRET}=", f"sc:///;token={SECRET}"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(
        ArgumentError, match="is not an address of Spark Connect: give one like sc://host:15002"
    ) as found:
        colprofile.profile(url, "t")
    assert SECRET not in str(found.value)


def test_other_addresses_say_what_they_need() -> None:
    with pytest.raises(SourceError, match="spark://localhost:7077 needs Java and all of pyspark"):
        colprofile.profile("spark://localhost:7077", "t")
    with pytest.raises(SourceError, match="databricks://DEV needs the package 'databricks-connect'"):
        colprofile.profile("databricks://DEV", "t")


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"reading from Spark needs an optional package: .*'colprofile\[spark\]'"):
        colprofile.profile("sc://localhost:1", "t")


def test_a_users_session_stays_as_it_is(spark: Any, spark_url: str) -> None:
    from pyspark.sql.connect.session import SparkSession

    spark.addTag("mine")
    try:
        active = SparkSession.getActiveSession()
        colprofile.profile(spark, QUERY)
        colprofile.profile(spark_url, QUERY)
        assert spark.getTags() == {"mine"}
        assert SparkSession.getActiveSession() is active
        assert spark.range(3).count() == 3
    finally:
        spark.clearTags()


def test_tables_are_found_by_name(spark: Any) -> None:
    spark.range(8).createOrReplaceTempView("flights")
    try:
        assert colprofile.profile(spark, "flights").rows == 8
        assert colprofile.profile(spark).provenance.table == "flights"  # the only one
        with pytest.raises(SourceNotFound, match=r"no table 'fligths' in the Spark session\. Did you mean 'flights'"):
            colprofile.profile(spark, "fligths")
        spark.range(8).createOrReplaceTempView("weather")
        assert set(colprofile.profile(spark).names) == {"flights", "weather"}
    finally:
        spark.catalog.dropTempView("flights")
        spark.catalog.dropTempView("weather")


def test_a_condition_leaves_rows_out_and_is_shown(spark: Any) -> None:
    found = colprofile.profile(spark, QUERY, where="k > 3")
    assert (found.rows, found.provenance.table) == (42, f"select * from ({QUERY}) where k > 3")
    frame = colprofile.profile(spark.sql(QUERY), where="k > 3")
    assert frame.provenance.reading is not None
    assert (frame.rows, frame.provenance.reading.where) == (42, "k > 3")
    with pytest.raises(ArgumentError, match="where='nope > 3' is not a condition on the rows of the Spark session"):
        colprofile.profile(spark, QUERY, where="nope > 3")


def test_what_is_no_sample_is_refused(spark: Any) -> None:
    with pytest.raises(ArgumentError, match=r"TABLESAMPLE \(… ROWS\) is LIMIT in Spark"):
        colprofile.profile(spark, "select * from range(9) tablesample (5 rows)")


def test_rows_of_a_sample_are_drawn_by_themselves(spark: Any) -> None:
    """Each partition has a third of the rows, so that partitions that draw alike are seen."""
    with open_source(spark.range(0, 30_000, 1, 3)) as opened:
        with opened.sampled_batches(opened.columns, 30_000, 9_000, seed=7) as (_, batches):
            drawn = np.concatenate([batch.column(0).to_numpy(zero_copy_only=False) for batch in batches])
        assert len({*drawn}) == len(drawn) == 9_000
        thirds = [{*(drawn[drawn // 10_000 == third] % 10_000)} for third in range(3)]
        # Two sets of about 3,000 of 10,000 share 900 by chance, give or take 21.
        for one, other in ((0, 1), (0, 2), (1, 2)):
            assert 770 < len(thirds[one] & thirds[other]) < 1030
        with opened.sampled_batches(opened.columns, 30_000, 9_000, seed=7) as (_, batches):
            again = np.concatenate([batch.column(0).to_numpy(zero_copy_only=False) for batch in batches])
        assert {*again} == {*drawn}


def test_a_sample_says_what_its_seed_is_worth(spark: Any) -> None:
    note = "The seed draws the same rows again only while the table is partitioned as it is now"
    assert note in colprofile.profile(spark, QUERY, sample_rows=20).notes[-1]
    assert not any(note in said for said in colprofile.profile(spark, QUERY).notes)


def test_databricks_is_reached_by_its_own_sessions(spark_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql.connect.session import SparkSession

    class Builder:
        """What makes sessions in databricks-connect, which cannot be beside pyspark-client."""

        def profile(self, name: str) -> Builder:
            assert name == "DEV"
            return self

        def create(self) -> SparkSession:
            return SparkSession(spark_url)

    connect = SimpleNamespace(DatabricksSession=SimpleNamespace(builder=Builder()))
    monkeypatch.setitem(sys.modules, "databricks.connect", connect)
    found = colprofile.profile("databricks://DEV", QUERY)
    assert (found.rows, found.provenance.source) == (100, "databricks://DEV")


def test_what_is_no_table_is_told(spark: Any) -> None:
    with pytest.raises(ArgumentError, match=r"GroupedData: give a DataFrame, or a SparkSession and table="):
        colprofile.profile(spark.range(3).groupBy("id"))
    with pytest.raises(ArgumentError, match="a Spark DataFrame is not a database: it has no table 't'"):
        colprofile.profile(spark.range(3), "t")
    with pytest.raises(SourceError, match="the Spark DataFrame has no columns"):
        colprofile.profile(spark.range(3).select())


def test_two_verbs_at_once_on_one_session(spark: Any) -> None:
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda k: colprofile.profile(spark, f"select id % {k} as k from range(99)"), (3, 5)))
    assert [profile["k"].distinct for profile in found] == [3, 5]


_SLOW = """
import os, sys, threading, time
from pyspark.sql.connect.session import SparkSession
url, path = sys.argv[1:]
session = SparkSession(url)

def slow(rows, path):
    def work(batches):
        import time
        for batch in batches:
            if path:
                open(path, "a").write(".")
            time.sleep(0.1)
            yield batch
    return session.range(0, rows, 1, 2).mapInArrow(work, "id long")

def told():
    while not os.path.exists(path):
        time.sleep(0.05)
    print("begun", flush=True)

import colprofile
others = []
other = threading.Thread(target=lambda: others.append(len(slow(160_000, "").collect())))
other.start()
threading.Thread(target=told).start()
try:
    colprofile.profile(slow(100_000_000, path))
except KeyboardInterrupt:
    time.sleep(0.5)
    ended = os.path.getsize(path)
    other.join()
    time.sleep(0.5)
    print("batches since then:", os.path.getsize(path) - ended, "the other job:", others, session.getTags())
"""


def test_ctrl_c_ends_its_own_job_and_no_other(spark_url: str, tmp_path: Path) -> None:
    ended = interrupt(_SLOW, spark_url, str(tmp_path / "batches"), after="begun", delay=0.2)
    assert ended.stdout == "batches since then: 0 the other job: [160000] set()\n"
    assert ended.stderr == ""
    assert ended.seconds < 15  # the job itself takes 20 minutes


def test_threads_left_behind_are_none(spark: Any) -> None:
    def profiled(times: int) -> int:
        for _ in range(times):
            colprofile.profile(spark, QUERY)
        return threading.active_count()

    before = profiled(4)  # gRPC and pyspark keep a few threads of their own
    latest = time.monotonic() + 5
    while (found := profiled(2)) > before and time.monotonic() < latest:
        time.sleep(0.05)
    assert found <= before


def test_a_statement_timeout_is_refused_as_options_without_use_are(spark: Any) -> None:
    with pytest.raises(ArgumentError, match="statement_timeout= is of no use for the Spark session"):
        colprofile.profile(spark, QUERY, statement_timeout=5)


def test_our_own_sessions_are_closed_by_us_alone(spark_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql.connect.client.core import SparkConnectClient

    closed: list[str] = []
    close = SparkConnectClient.close

    def noted(client: SparkConnectClient) -> None:
        closed.append(client._session_id)
        close(client)

    monkeypatch.setattr(SparkConnectClient, "close", noted)
    monkeypatch.setattr(
        "pyspark.sql.connect.session.SparkSession.__del__", lambda session: closed.append("by the garbage collector")
    )
    colprofile.profile(spark_url, QUERY)
    gc.collect()
    assert len(closed) == 1
    assert closed[0] != "by the garbage collector"
