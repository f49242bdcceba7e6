"""Files on the web and in object stores: whole, or one line that says why not and hides what is secret."""

from __future__ import annotations

import base64
import gzip
import io
import signal
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from colprofile.sources.files import remote
from colprofile.sources.urls import hide_passwords, names_file
from tests.support.interruption import interrupt
from tests.support.opened import reading_of, refusal, rows_of
from tests.support.web import Answer, web_server

CSV = b"a,b\n1,x\n2,y\n"
ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
LOGIN = "Basic " + base64.b64encode(b"me:p w").decode()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("t.csv", CSV)
    return stream.getvalue()


ended = threading.Event()
ANSWERS = {
    "/t.csv": Answer(CSV),
    "/t.csv.gz": Answer(gzip.compress(CSV)),
    "/sp%20ace/%C3%A4.csv": Answer(CSV),
    "/t.zip": Answer(zipped()),
    "/plain": Answer(CSV),
    "/typed": Answer(b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}', headers={"Content-Type": "application/x-ndjson"}),
    "/named": Answer(CSV, headers={"Content-Disposition": 'attachment; filename="t.csv"', "Content-Type": "text/html"}),
    "/moved": Answer(status=302, headers={"Location": "/t.csv"}),
    "/moved-away": Answer(status=302, headers={"Location": "/asks"}, login=LOGIN),
    "/asks": Answer(CSV, login=LOGIN),
    "/loop": Answer(status=302, headers={"Location": "/loop"}),
    "/short.csv": Answer(CSV, length=100),
    "/silent.csv": Answer(b"a", length=100, wait=lambda: ended.wait(20)),
    "/broken": Answer(status=503),
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with web_server(ANSWERS) as found:
        yield found
        ended.set()


@pytest.mark.parametrize(
    "path",
    [
        *("/t.csv", "/t.csv?x=1#top", "/t.csv.gz", "/sp ace/ä.csv", "/sp%20ace/%C3%A4.csv", "/t.zip"),
        *("/plain", "/typed", "/named", "/moved"),
    ],
)
def test_files_on_the_web(address: str, path: str) -> None:
    assert rows_of(address + path) == ROWS


def test_several_addresses_and_a_query(address: str) -> None:
    assert rows_of([f"{address}/t.csv", f"{address}/plain"]) == [*ROWS, *ROWS]
    assert rows_of(f"{address}/t.csv?x=1", query="select max(a) as a from t") == [{"a": 2}]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/none.csv", "404 Not Found; check the address"),
        ("/broken", "503 Service Unavailable"),
        ("/asks", "401 Unauthorized; log in: give user:password@ before the host"),
        ("/loop", "redirect error that would lead to an infinite loop"),
        ("/short.csv", "the connection broke off after 12 of 100 bytes; try again"),
    ],
)
def test_refusals(address: str, path: str, words: str) -> None:
    line = refusal(f"{address}{path}?token=s3cret")
    assert words in line
    assert f"{address}{path}?token=***" in line


def test_a_server_that_says_nothing(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "TIMEOUT", 0.05)
    assert "the server said nothing for" in refusal(f"{address}/silent.csv")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/t.csv", "Connection refused"),
        ("http:///t.csv", "no host given"),
        ("http://[bad/t.csv", "Invalid IPv6 URL"),
        ("ftp://127.0.0.1:1/t.csv", "Connection refused"),
    ],
)
def test_no_server(url: str, words: str) -> None:
    assert words in refusal(url)


def test_no_certificate(address: str) -> None:
    assert "it does not speak TLS as it should" in refusal(address.replace("http", "https") + "/t.csv")


def test_a_user_logs_in_and_is_not_shown(address: str) -> None:
    place = address.replace("//", "//me:p%20w@")
    assert rows_of(f"{place}/asks") == ROWS
    assert reading_of(f"{place}/asks").paths == (address.replace("//", "//***@") + "/asks",)
    # Whoever is redirected to does not get the password.
    assert "401 Unauthorized" in refusal(f"{place}/moved-away")


def test_what_is_secret_in_urls() -> None:
    assert hide_passwords("s3://k3y:s3cret@b/t.csv and https://t0ken@host/t?author=me") == (
        "s3://***@b/t.csv and https://***@host/t?author=me"
    )
    assert hide_passwords("postgresql://me@host/d") == "postgresql://me@host/d"
    for name in ("X-Amz-Signature", "sig", "access_token", "AWSAccessKeyId", "password", "X-Amz-Credential"):
        assert hide_passwords(f"https://h/t?a=1&{name}=x&b=2") == f"https://h/t?a=1&{name}=***&b=2"


def test_which_urls_are_files() -> None:
    assert all(map(names_file, ["t.csv", "run:2024.csv", "file:///t.csv", "HTTPS://h/t", "s3://b/t", "C://x"[1:]]))
    assert not any(map(names_file, ["postgresql://h/d", "sqlite:///t.db", "postgresql+psycopg://h", "unknown://h"]))


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    store = fsspec.filesystem("memory")
    yield store
    store.rm("/", recursive=True)


def test_files_in_a_store(store: fsspec.AbstractFileSystem) -> None:
    store.pipe("/b/t.csv.gz", gzip.compress(CSV))
    for year in (2023, 2024):
        store.pipe(f"/tree/year={year}/t.csv", CSV)
    store.pipe("/tree/_SUCCESS", b"")
    tree = [row | {"year": year} for year in (2023, 2024) for row in ROWS]
    assert rows_of("memory://b/t.csv.gz") == ROWS
    assert rows_of("memory://b/*.gz") == ROWS
    assert rows_of("memory://tree") == rows_of("memory://tree/*/*.csv") == tree
    assert refusal("memory://none/t.csv") == "no file memory://none/t.csv"
    assert refusal("memory://tree/*/*.parquet") == "no file matches memory://tree/*/*.parquet"


def test_a_file_of_a_delta_table_in_a_store(store: fsspec.AbstractFileSystem) -> None:
    store.pipe("/lake/t/_delta_log/0.json", b"{}")
    store.pipe("/lake/t/k=1/x.parquet", b"")
    for source in ("memory://lake/t/k=1/x.parquet", "memory://lake/t/*/*.parquet"):
        assert "is part of the Delta table '/lake/t'" in refusal(source)
    assert "cannot read the Delta table 'memory://lake/t'" in refusal("memory://lake/t")


def test_stores_that_need_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for package, scheme, extra in [("s3fs", "s3", "s3"), ("gcsfs", "gs", "gs"), ("adlfs", "abfss", "azure")]:
        monkeypatch.setitem(sys.modules, package, None)
        assert refusal(f"{scheme}://bucket/t.csv") == (
            f"reading {scheme}:// files needs an optional package: install it with pip install 'colprofile[{extra}]'"
        )
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    assert "colprofile[s3]" in refusal("s3a://bucket/t.csv")


def test_an_interrupted_download_leaves_nothing(address: str, tmp_path: Path) -> None:
    script = "import sys, colprofile; print('began', flush=True); colprofile.profile(sys.argv[1], progress=True)"
    environment = {"TMPDIR": str(tmp_path), "PATH": ""}
    label = f"downloading {address}/silent.csv: MB"
    found = interrupt(script, f"{address}/silent.csv", after=label, delay=0.1, env=environment)
    assert found.returncode == -signal.SIGINT or "KeyboardInterrupt" in found.stderr
    assert found.seconds < 1.5
    assert list(tmp_path.iterdir()) == []
