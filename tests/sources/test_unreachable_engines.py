"""Servers of query engines that are not there, do not answer, or whose driver is missing: one line, and at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.sources.database.remote_engines import EXTRAS
from tests.support.engine_stand_ins import StandIn, engine_type, stand_in_engine

CLOSED = {
    "trino": "trino://me@127.0.0.1:1/catalog/schema",
    "databricks": "databricks://token:s3cret@127.0.0.1:1?http_path=/sql&catalog=c&schema=s",
    "clickhouse_connect": "clickhouse://me:s3cret@127.0.0.1:1/db",
    "pyhive": "hive://127.0.0.1:1/default",
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("module", CLOSED)
def test_a_closed_port_is_one_line(module: str, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip(module)
    wanted = r"cannot (connect to|read) .*(refused|Could not connect)"
    with pytest.raises(colprofile.SourceError, match=wanted) as caught:
        colprofile.profile(CLOSED[module], "t")
    line = str(caught.value)
    assert "\n" not in line and len(line) < 200 and "s3cret" not in line
    assert capfd.readouterr() == ("", "")


def test_google_without_credentials_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sqlalchemy_bigquery")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    with pytest.raises(colprofile.SourceError, match=r"cannot connect to bigquery://p/d: .*nowhere\.json") as caught:
        colprofile.profile("bigquery://p/d", "t")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("family", EXTRAS)
def test_a_missing_driver_names_what_to_install(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise sa.exc.NoSuchModuleError(f"Can't load plugin: sqlalchemy.dialects:{family}")

    monkeypatch.setattr(sa, "create_engine", missing)
    with pytest.raises(colprofile.MissingExtra, match=rf"pip install 'colprofile\[{EXTRAS[family][1]}\]'"):
        colprofile.profile(f"{family}://h/d", "t")


def test_a_library_that_a_driver_needs_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyhive")
    for name in ("sasl", "thrift_sasl", "puresasl"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(colprofile.MissingExtra, match=r"pip install 'colprofile\[hive\]'"):
        colprofile.profile(CLOSED["pyhive"], "t")


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """An engine that never answers."""
    pytest.importorskip("trino")
    over = threading.Event()
    stand_in = StandIn(
        "trino://u@h/c/main", "trino", {"i": engine_type("trino.sqlalchemy.datatype", "parse_sqltype", "bigint")}
    )
    engine = stand_in_engine(stand_in, duckdb.connect(), "t")
    monkeypatch.setattr("tests.support.engine_stand_ins.translated", lambda *_: over.wait(60))
    yield engine
    over.set()


def test_an_interrupt_ends_the_wait_for_an_engine(silent: sa.Engine) -> None:
    begun = time.monotonic()
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        colprofile.profile(silent, "t")
    assert time.monotonic() - begun < 20


def test_the_statement_timeout_ends_the_wait_for_an_engine(silent: sa.Engine) -> None:
    with pytest.raises(colprofile.SourceError, match="took longer than the statement timeout"):
        colprofile.profile(silent, "t", statement_timeout=0.2)
