"""A real Spark cluster: the figures of the same table read here, whatever happens to executors and tasks."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import colprofile
from colprofile.demo import flights_parquet
from colprofile.sources.spark.engine import SparkBlobs
from colprofile.verbs.profile.on_workers.count import NOTE
from tests.support.differences import differences, profile_differences

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# pyspark leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

COLUMNS = ("month", "day", "dep_delay", "carrier", "tailnum", "origin", "dest", "distance", "time_hour")
ROWS, FILES = 20_000, 4


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Parquet files, each one task."""
    folder = tmp_path_factory.mktemp("flights")
    rows = pq.read_table(flights_parquet(folder), columns=list(COLUMNS))
    table = folder / "table"
    table.mkdir()
    for number in range(FILES):
        size = ROWS // FILES
        pq.write_table(rows.slice(number * 50_000, size), table / f"part-{number}.parquet")
    return table


@pytest.fixture(scope="module")
def local(flights: Path) -> colprofile.Profile:
    return colprofile.profile(pq.read_table(flights))


@pytest.fixture
def frame(cluster: SparkSession, flights: Path) -> DataFrame:
    cluster.conf.set("spark.sql.files.openCostInBytes", str(1 << 30))  # no two files in one task
    return cluster.read.parquet(str(flights))


@pytest.fixture(autouse=True)
def nothing_stays(cluster: SparkSession) -> Iterator[None]:
    """After each test the cluster keeps nothing, runs nothing, and the session has no tag of ours."""
    yield
    context: Any = cluster.sparkContext
    assert context._jsc.getPersistentRDDs().isEmpty()
    assert cluster._jsparkSession.sharedState().cacheManager().isEmpty()
    assert not cluster.getTags()
    assert list(context.statusTracker().getActiveJobsIds()) == []


def test_profile_audit_and_drift_equal_those_of_the_same_rows_here(
    frame: DataFrame, flights: Path, local: colprofile.Profile
) -> None:
    assert frame.rdd.getNumPartitions() == FILES
    found = colprofile.profile(frame)
    assert profile_differences(found, local) == []
    here, there = colprofile.audit(pq.read_table(flights)), colprofile.audit(frame)
    assert here.findings
    # Examples are of the first rows, and which come first is no promise.
    a, b = ([replace(finding, examples=()) for finding in result.findings] for result in (there, here))
    assert differences(a, b) == []
    assert all(column.kl_divergence == 0 for column in colprofile.drift(local, frame).columns)


def test_a_sample_holds_the_figures_of_all_rows(frame: DataFrame, local: colprofile.Profile) -> None:
    found = colprofile.profile(frame, sample_rows=5_000)
    for name in COLUMNS:
        assert is_within(local[name].entropy, found[name].entropy_interval)
    whole = local.pair("dest", "distance").mutual_information
    assert is_within(whole, found.pair("dest", "distance").mutual_information_interval)


def is_within(figure: float | None, interval: tuple[float, float] | None) -> bool:
    assert figure is not None and interval is not None
    return interval[0] < figure < interval[1]


def test_executors_that_count_give_the_same_figures(frame: DataFrame, local: colprofile.Profile) -> None:
    found = colprofile.profile(frame, fetch="never")
    assert NOTE in found.notes
    assert profile_differences(found, local) == []


def after_the_first_job(monkeypatch: pytest.MonkeyPatch, action: Callable[[], None]) -> list[int]:
    """Do something once the blobs of the first job are all here; return how many jobs gave blobs, as it grows."""
    jobs: list[int] = []
    original = SparkBlobs.fetched

    def fetched(blobs: SparkBlobs) -> Iterator[tuple[int, bytes]]:
        yield from original(blobs)
        jobs.append(1)
        if len(jobs) == 1:
            action()

    monkeypatch.setattr(SparkBlobs, "fetched", fetched)
    return jobs


def kill_an_executor(cluster: SparkSession) -> None:
    """Kill one of the executors, which loses the blobs that it keeps."""
    context: Any = cluster.sparkContext
    driver = context._gateway.proc.pid
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == driver and b"CoarseGrainedExecutorBackend" in (path / "cmdline").read_bytes():
                os.kill(int(path.name), signal.SIGKILL)
                return
    raise AssertionError("there is no executor")


def test_blobs_lost_with_their_executor_are_made_again(
    cluster: SparkSession, frame: DataFrame, local: colprofile.Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = after_the_first_job(monkeypatch, lambda: kill_an_executor(cluster))
    found = colprofile.profile(frame, fetch="never")
    assert len(jobs) > 1
    assert profile_differences(found, local) == []


def test_rows_that_change_between_two_looks_are_an_error(
    cluster: SparkSession, frame: DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    changed = tmp_path / "changed"

    def rows(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        from pathlib import Path

        for batch in batches:
            yield batch.slice(1) if Path(changed).exists() else batch

    def change() -> None:
        changed.touch()
        kill_an_executor(cluster)

    after_the_first_job(monkeypatch, change)
    with pytest.raises(colprofile.errors.SourceError, match="changed while it was read"):
        colprofile.profile(frame.mapInArrow(rows, frame.schema), fetch="never")


def through(frame: DataFrame, folder: Path, first_time: Callable[[Path], None], partition: int) -> DataFrame:
    """Return the rows, each task noted in a folder, and what happens in the first task of one of the partitions.

    It happens when half of the rows of that partition are on their way.
    """
    notes = str(folder)

    def work(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        import os
        from pathlib import Path

        from pyspark import TaskContext

        task: Any = TaskContext.get()
        here = Path(notes) / f"{task.stageId()}-{task.partitionId()}"
        with open(f"{here}-{task.taskAttemptId()}", "w"):
            pass
        for batch in batches:
            yield batch.slice(0, batch.num_rows // 2)
            if task.partitionId() == partition:
                try:
                    os.close(os.open(f"{Path(notes) / 'first'}", os.O_CREAT | os.O_EXCL))
                except FileExistsError:
                    pass
                else:
                    first_time(Path(notes))
            yield batch.slice(batch.num_rows // 2)

    return frame.mapInArrow(work, frame.schema)


def attempts(folder: Path, partition: int) -> int:
    """Return how often a task of one partition began, at most, in the stages that were noted."""
    found: dict[str, int] = {}
    for path in folder.iterdir():
        stage, number, *_ = [*path.name.split("-"), ""]
        if number == str(partition):
            found[stage] = found.get(stage, 0) + 1
    return max(found.values())


def test_a_killed_executor_changes_no_figure(frame: DataFrame, local: colprofile.Profile, tmp_path: Path) -> None:
    def kill(_: Path) -> None:
        import os
        import signal
        from pathlib import Path

        # The worker's parent is the daemon that forked it, and that one's parent the executor.
        status = Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()
        executor = int(status[1])
        assert b"CoarseGrainedExecutorBackend" in Path(f"/proc/{executor}/cmdline").read_bytes()
        os.kill(executor, signal.SIGKILL)

    found = colprofile.profile(through(frame, tmp_path, kill, 1))
    assert attempts(tmp_path, 1) == 2
    assert profile_differences(found, local) == []


def test_a_task_that_is_tried_again_counts_once(frame: DataFrame, local: colprofile.Profile, tmp_path: Path) -> None:
    def fail(_: Path) -> None:
        raise OSError("the disk is gone")

    found = colprofile.profile(through(frame, tmp_path, fail, 2))
    assert attempts(tmp_path, 2) == 2
    assert profile_differences(found, local) == []


def test_a_task_that_always_fails_is_one_line(frame: DataFrame) -> None:
    def fail(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        raise OSError("the disk is gone")

    with pytest.raises(colprofile.errors.SourceError) as raised:
        colprofile.profile(frame.limit(1).mapInArrow(fail, frame.schema))
    assert "the disk is gone" in str(raised.value)
    assert "\n" not in str(raised.value)


@contextlib.contextmanager
def another_host(cluster: SparkSession, folder: Path) -> Iterator[None]:
    """One more worker, by another address: Spark copies a slow task to other hosts alone."""
    context: Any = cluster.sparkContext
    deploy = context._jvm.org.apache.spark.deploy
    field = deploy.LocalSparkCluster._java_lang_class.getDeclaredField("masterRpcEnvs")
    field.setAccessible(True)
    masters = field.get(getattr(deploy, "LocalSparkCluster$").__getattr__("MODULE$").get().get())
    urls = context._gateway.new_array(context._jvm.java.lang.String, 1)
    urls[0] = masters.head().address().toSparkURL()
    none = context._jvm.scala.Option.empty()
    number = context._jvm.scala.Some(9)
    worker = getattr(deploy.worker, "Worker$").__getattr__("MODULE$")
    environment = worker.startRpcEnvAndEndpoint(
        "127.0.0.2", 0, 0, 1, 1024, urls, str(folder), number, context._jsc.sc().conf(), none
    )
    try:
        yield
    finally:
        environment.shutdown()
        environment.awaitTermination()


def test_what_also_runs_on_another_host_counts_once(
    cluster: SparkSession, frame: DataFrame, local: colprofile.Profile, tmp_path: Path
) -> None:
    def wait_for_the_copy(notes: Path) -> None:
        import time

        # It ends right after its copy began: both give their rows.
        for _ in range(600):
            if len(list(notes.glob("*-3-*"))) > 1:
                break
            time.sleep(0.1)

    notes = tmp_path / "notes"
    notes.mkdir()
    with another_host(cluster, tmp_path / "work"):
        found = colprofile.profile(through(frame, notes, wait_for_the_copy, 3))
    assert attempts(notes, 3) == 2
    assert profile_differences(found, local) == []


def test_ctrl_c_ends_our_job_and_no_other(cluster: SparkSession, frame: DataFrame, tmp_path: Path) -> None:
    folder = str(tmp_path)

    def works_until_it_may_end(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        import time
        from pathlib import Path

        (Path(folder) / "other").touch()
        while not (Path(folder) / "end").exists():
            time.sleep(0.05)
        yield from batches

    def works_for_minutes(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        import time
        from pathlib import Path

        (Path(folder) / "ours").touch()
        for batch in batches:
            yield batch
            time.sleep(300)

    def interrupt() -> None:
        while not (tmp_path / "ours").exists():
            time.sleep(0.05)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    sent: list[float] = []
    counted: list[int] = []
    other = cluster.range(100, numPartitions=1).mapInArrow(works_until_it_may_end, "id bigint")
    thread = threading.Thread(target=lambda: counted.append(other.count()))
    thread.start()
    try:
        while not (tmp_path / "other").exists():
            time.sleep(0.05)
        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            colprofile.profile(frame.mapInArrow(works_for_minutes, frame.schema))
        assert time.monotonic() - sent[0] < 20
        assert len(cluster.sparkContext.statusTracker().getActiveJobsIds()) == 1
    finally:
        (tmp_path / "end").touch()
        thread.join(60)
    assert counted == [100]


@pytest.mark.parametrize(
    ("attribute", "value", "line"),
    [
        ("pythonVer", "3.9", "the executors run Python 3.1"),
        (
            "pythonExec",
            "python without packages",
            "the executors' Python lacks pyarrow: install pyarrow and numpy",
        ),
        ("pythonExec", "/nowhere/python", 'Cannot run program "/nowhere/python"'),
    ],
)
def test_a_python_that_cannot_work_is_one_line(
    cluster: SparkSession, frame: DataFrame, monkeypatch: pytest.MonkeyPatch, attribute: str, value: str, line: str
) -> None:
    bare = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    monkeypatch.setattr(cluster.sparkContext, attribute, str(bare) if value == "python without packages" else value)
    with pytest.raises(colprofile.errors.SourceError) as raised:
        colprofile.profile(frame.limit(1))
    assert str(raised.value).startswith("cannot read the Spark DataFrame: ")
    assert line in str(raised.value)
    assert "\n" not in str(raised.value)


TYPES = {
    "cast(id % 7 as decimal(38, 10))": 7,
    "make_dt_interval(0, 0, 0, id % 5)": 5,
    "make_ym_interval(cast(id % 3 as int), 1)": 3,
    "timestamp_micros(id % 11)": 11,
    "cast(timestamp_micros(id % 11) as timestamp_ntz)": 11,
    "date_from_unix_date(cast(id % 10 as int))": 10,
    "array(id % 2, null)": 2,
    "map('a', id % 3)": 3,
    "named_struct('int', id % 5, 'list', array(struct(id % 2)))": 10,
    "cast(cast(id % 6 as string) as binary)": 6,
    "if(id % 2 = 0, double('nan'), double('-inf'))": 2,
    "if(id % 2 = 0, 0.0d, -0.0d)": 1,
    "id % 2 = 0": 2,
    "cast(id % 77 as float)": 77,
    "cast(id % 77 as tinyint)": 77,
    "concat('\u00e9 \\n', id % 22)": 22,
}
"""Expressions with how many values they have in 2 · 3 · 5 · 7 · 11 rows, all of them equally often."""


def test_types(cluster: SparkSession) -> None:
    """Columns of one table, by name, with what only Spark compares left out and named."""
    columns = ", ".join(f"{expression} as c{number}" for number, expression in enumerate(TYPES))
    collated, variant = (
        "cast(id % 3 as string) collate UTF8_LCASE as collated",
        "to_variant_object(array(id)) as variant",
    )
    cluster.sql(f"select {columns}, {collated}, {variant} from range(0, 2310, 1, 3)").createOrReplaceTempView("typed")
    found = colprofile.profile(cluster, "typed", pairs=False)
    entropies = {column.name: column.entropy for column in found.columns}
    assert entropies == pytest.approx({f"c{i}": math.log2(k) for i, k in enumerate(TYPES.values())}, abs=1e-9)
    assert [column.name for column in found.skipped] == ["collated", "variant"]


def test_char_and_varchar(cluster: SparkSession) -> None:
    cluster.sql("create table padded (c char(4), v varchar(4)) using parquet")
    try:
        cluster.sql("insert into padded values ('a', 'a'), ('a  ', 'a  '), ('b', 'b'), (null, null)")
        found = colprofile.profile(cluster, "padded")
        assert [(column.distinct, column.nulls) for column in found.columns] == [(2, 1), (3, 1)]
    finally:
        cluster.sql("drop table padded")
