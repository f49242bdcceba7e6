"""Files and addresses: nothing is run, nothing is written elsewhere, and nothing leaves the machine unasked."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import pickle
import socket
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import colprofile
from colprofile.errors import ColprofileError, NoRoom, SourceError
from colprofile.sources.duckdb import DuckDBSource
from colprofile.sources.files import spool
from colprofile.sources.open import open_source
from colprofile.sources.workspace import Workspace
from tests.support.web import Answer, web_server

PACKAGE = Path(colprofile.__file__).parent
CSV = b"a,b\n1,x\n2,y\n3,z\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of its own, and next to it the working folder."""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


# ---- archives


@pytest.mark.parametrize(
    "name", ["../../escaped.csv", "/tmp/colprofile-escaped.csv", "a/../../../escaped.csv", "C:\\e.csv"]
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_member_of_an_archive_is_written_under_no_name_of_its_own(folder: Path, kind: str, name: str) -> None:
    path = folder / "work" / f"t.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, CSV)
    else:
        with tarfile.open(path, "w") as tar:
            info = tarfile.TarInfo(name)
            info.size = len(CSV)
            tar.addfile(info, io.BytesIO(CSV))
    before = everything(folder)
    assert colprofile.profile(str(path), progress=False).rows == 3
    assert everything(folder) == before
    assert not Path("/tmp/colprofile-escaped.csv").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_an_archive_are_not_followed(folder: Path, kind: bytes) -> None:
    secret = folder / "secret.csv"
    secret.write_bytes(b"password\nhunter2\n")
    with tarfile.open(folder / "work" / "t.tar", "w") as tar:
        link = tarfile.TarInfo("t.csv")
        link.type, link.linkname = kind, str(secret)
        tar.addfile(link)
    with pytest.raises(SourceError):
        colprofile.profile(str(folder / "work" / "t.tar"), progress=False)


def test_a_bomb_is_not_unpacked_further_than_the_disk_has_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "work" / "bomb.csv.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"a\n" + b"0\n" * 20_000_000)
    assert path.stat().st_size < 100_000
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    monkeypatch.setattr(spool, "KEPT_FREE", free - (1 << 20))
    with pytest.raises(NoRoom, match="would fill the disk"):
        colprofile.profile(str(path), progress=False)
    assert everything(folder / "temporary") == set()


# ---- pickles


def test_only_the_cache_of_compiled_code_is_unpickled() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"} & {*names, module}:
                found.add(path.relative_to(PACKAGE).as_posix())
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in ("eval", "exec", "compile"):
                found.add(path.relative_to(PACKAGE).as_posix())
            if isinstance(called, ast.Attribute) and called.attr == "read_pickle":
                found.add(path.relative_to(PACKAGE).as_posix())
    # What is sent to the workers of an engine is a module of this package, from its own file.
    # Dask's workers send Python objects of data frames pickled, as Dask itself does.
    assert found == {
        "compiled.py",
        "sources/partitions/shipped.py",
        "sources/partitions/pandas_batches.py",
        "sources/partitions/pandas_reader.py",
    }


class _Owned:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("owned",)


@pytest.mark.parametrize("name", ["t.pkl", "t.pickle", "t.csv", "t.npy", "t.parquet", "t.json"])
def test_a_pickle_is_never_loaded(folder: Path, name: str) -> None:
    path = folder / "work" / name
    path.write_bytes(pickle.dumps(_Owned()))
    for read in (colprofile.profile, colprofile.audit):
        with contextlib.suppress(ColprofileError):
            read(str(path), progress=False)
    assert not (folder / "work" / "owned").exists()


# ---- saved results


def test_a_saved_audit_runs_nothing_when_it_is_loaded_or_shown(folder: Path) -> None:
    frame = pd.DataFrame({"x": [i % 40 for i in range(400)], "y": [i % 40 // 4 for i in range(400)]})
    path = folder / "work" / "audit.json"
    colprofile.audit(frame, progress=False).save(path)
    saved = json.loads(path.read_text("utf-8"))
    saved["scripts"]["duckdb"] = f"copy (select 1) to '{folder}/work/owned.csv'"
    path.write_text(json.dumps(saved), "utf-8")
    before = everything(folder)
    loaded = colprofile.Audit.load(path)
    assert "owned.csv" in loaded.script()
    assert "owned.csv" in loaded.to_html()
    assert everything(folder) == before


# ---- temporary files


def test_what_is_spooled_is_for_its_user_alone(folder: Path) -> None:
    workspace = Workspace(None, None)
    try:
        path = spool.spool(io.BytesIO(CSV).read, workspace, shown="x", doing="unpacking", suffix=".csv")
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        workspace.close()
    assert everything(folder / "temporary") == set()


# ---- the network


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Every connection of this process is refused and noted."""
    asked: list[object] = []

    def connect(self: socket.socket, address: object) -> None:
        asked.append(address)
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: connect(None, given))  # type: ignore[arg-type]
    yield asked


def test_no_verb_asks_the_network(folder: Path, no_network: list[object]) -> None:
    (folder / "work" / "t.csv").write_bytes(CSV * 40)
    source = str(folder / "work" / "t.csv")
    results = [
        colprofile.profile(source, progress=False),
        colprofile.audit(source, progress=False),
        colprofile.drift(source, source, progress=False),
        colprofile.latent_classes(source, max_classes=2, progress=False),
    ]
    for result in results:
        assert result.to_html()
    assert no_network == []


def test_no_extension_is_downloaded(folder: Path) -> None:
    """A view within a database file may ask for anything: DuckDB installs nothing for it."""
    path = folder / "work" / "t.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table t as select 1 as x")
    with open_source(str(path), "t") as source:
        assert isinstance(source, DuckDBSource)
        setting = source.connection.sql("select current_setting('autoinstall_known_extensions')").fetchall()
    assert setting == [(False,)]
    workspace = Workspace(None, None)
    setting = workspace.connection.sql("select current_setting('autoinstall_known_extensions')").fetchall()
    workspace.close()
    assert setting == [(False,)]


def test_a_redirect_leads_to_no_file_of_this_machine(folder: Path) -> None:
    secret = folder / "secret.csv"
    secret.write_bytes(CSV)
    answers = {"/t.csv": Answer(status=302, headers={"Location": secret.as_uri()})}
    with web_server(answers) as address, pytest.raises(SourceError):
        colprofile.profile(f"{address}/t.csv", progress=False)


def test_a_name_that_a_server_gives_is_no_path(folder: Path) -> None:
    headers = {"Content-Disposition": 'attachment; filename="../../../escaped.csv"'}
    with web_server({"/t": Answer(CSV, headers=headers)}) as address:
        before = everything(folder)
        assert colprofile.profile(f"{address}/t", progress=False).rows == 3
        assert everything(folder) == before


# ---- what is the user's is only read


def test_a_database_file_is_opened_read_only(folder: Path) -> None:
    path = folder / "work" / "t.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table t as select i % 7 as x, i as id from range(100) r(i)")
    before = path.read_bytes()
    with pytest.raises(ColprofileError):
        colprofile.profile(str(path), "delete from t returning *", progress=False)
    with pytest.raises(ColprofileError):
        colprofile.profile(str(path), "select 1; drop table t", progress=False)
    colprofile.audit(str(path), "t", progress=False)
    assert path.read_bytes() == before
