"""Every output of every command, written to every kind of file: only regular files are replaced, and whole."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import typer

import colprofile
from colprofile.cli import app, main
from colprofile.errors import ResultError
from colprofile.results.files import write_atomically
from tests.golden.make_saved import FOLDER
from tests.support.command_line import run


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("data") / "t.csv"
    pd.DataFrame({"zip": [i % 9 for i in range(90)], "city": [i % 9 // 3 for i in range(90)]}).to_csv(path, index=False)
    return str(path)


OUTPUTS = {
    "profile": ["--html", "--json", "--markdown", "--save"],
    "audit": ["--html", "--json", "--markdown", "--save", "--script"],
    "drift": ["--html", "--json", "--markdown", "--save"],
    "latent": ["--html", "--json", "--markdown", "--save"],
    "report": ["--html", "--markdown"],
}
BEGINNINGS = {"--html": "<!doctype", "--json": "{", "--markdown": "### ", "--save": "{", "--script": "--"}


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("first", [0, 1], ids=["pipe first", "link first"])
def test_pipes_and_links_are_written_to_by_every_output(name: str, first: int, csv: str, tmp_path: Path) -> None:
    sources = {"drift": [csv, csv], "report": [str(FOLDER / "profile.json")]}.get(name, [csv])
    (tmp_path / "below").mkdir()
    read: dict[str, str] = {}

    def read_pipe(option: str, path: Path) -> None:
        read[option] = path.read_text()

    words, readers = [name, *sources], []
    for number, option in enumerate(OUTPUTS[name]):
        path = tmp_path / f"out{option}"
        if number % 2 == first:
            os.mkfifo(path)
            readers.append(threading.Thread(target=read_pipe, args=(option, path)))
        else:
            path.symlink_to(f"below/{option}")  # relative, and not there yet
        words += [option, str(path)]
    for reader in readers:
        reader.start()
    found = run(*words)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
    for reader in readers:
        reader.join(20)
    for number, option in enumerate(OUTPUTS[name]):
        path = tmp_path / f"out{option}"
        assert path.is_fifo() if number % 2 == first else path.is_symlink()
        text = read[option] if number % 2 == first else (tmp_path / "below" / option).read_text()
        assert text.startswith(BEGINNINGS[option])
    assert len(list(tmp_path.iterdir())) == len(OUTPUTS[name]) + 1
    assert len(list((tmp_path / "below").iterdir())) == len(OUTPUTS[name]) - len(readers)


def test_every_output_of_every_command_is_tested_here() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, options in OUTPUTS.items():
        taken = {option for parameter in commands[name].params for option in parameter.opts}
        assert taken & set(BEGINNINGS) == set(options)


def test_pipes_and_links_are_written_to_from_python(tmp_path: Path) -> None:
    profile = colprofile.Profile.load(FOLDER / "profile.json")
    ways: list[Callable[[Path], object]] = [profile.save, profile.to_html]
    for number, write in enumerate(ways):
        pipe, link, target = (tmp_path / f"{kind}{number}" for kind in ("pipe", "link", "target"))
        os.mkfifo(pipe)
        link.symlink_to(target)
        read: list[str] = []
        reader = threading.Thread(target=lambda: read.append(pipe.read_text()))  # noqa: B023
        reader.start()
        write(pipe)
        reader.join(20)
        write(link)
        assert read == [target.read_text()]
        assert pipe.is_fifo() and link.is_symlink()


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder on another file system, where there is one."""
    folder = Path("/dev/shm") / f"colprofile-test-{os.getpid()}"
    if not folder.parent.is_dir():
        pytest.skip("there is no other file system")
    folder.mkdir()
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_links_are_followed_through_chains_and_to_other_disks(tmp_path: Path, elsewhere: Path) -> None:
    (tmp_path / "first").symlink_to("second")
    (tmp_path / "second").symlink_to(elsewhere / "target")
    for content in ("new", "newer"):
        write_atomically(tmp_path / "first", content)
        assert (elsewhere / "target").read_text() == content
    assert (tmp_path / "first").is_symlink() and (tmp_path / "second").is_symlink()
    assert [path.name for path in elsewhere.iterdir()] == ["target"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


def test_a_device_is_written_to(tmp_path: Path) -> None:
    node = tmp_path / "null"
    try:
        os.mknod(node, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        node.write_text("")
    except PermissionError:
        pytest.skip("only root can make a device")
    for _ in range(2):
        write_atomically(node, "text")
    colprofile.Profile.load(FOLDER / "profile.json").to_html(node)
    assert stat.S_ISCHR(node.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["null"]


def test_a_disk_is_never_written_to(tmp_path: Path, csv: str) -> None:
    node = tmp_path / "disk"
    try:
        os.mknod(node, 0o600 | stat.S_IFBLK, os.makedev(240, 250))  # for experiments: there is no such disk
    except PermissionError:
        pytest.skip("only root can make a device")
    with pytest.raises(ResultError, match="it is a disk, which is never replaced; name another file"):
        write_atomically(node, "text")
    assert "it is a disk" in run("profile", csv, "--html", str(node)).stderr


def refused(path: Path) -> str:
    with pytest.raises(ResultError) as caught:
        write_atomically(path, "text")
    return str(caught.value)


def test_what_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"cannot write {str(tmp_path)!r}: it is a folder; name a file in it"
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert refused(link) == f"cannot write {str(link)!r}: it is a folder; name a file in it"
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    assert refused(loop) == f"cannot write {str(loop)!r}: Too many levels of symbolic links"
    assert loop.is_symlink()
    lost = tmp_path / "lost"
    lost.symlink_to("nowhere/target")
    assert refused(lost) == f"cannot write {str(lost)!r}: no such folder; the folder must exist"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert refused(tmp_path / "socket").endswith("No such device or address")
        assert stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)


def test_a_file_of_many_names_is_replaced_under_one(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("old")
    os.link(first, second)
    write_atomically(first, "new")
    assert (first.read_text(), second.read_text()) == ("new", "old")


def as_nobody(work: Callable[[], object]) -> int:
    """Do some work in a process of a user without rights, and return 0 where it succeeds, 7 where it is refused."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            work()
            status = 0
        except ResultError as error:
            status = 7 if "may not be written" in str(error) else 8
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def folder_of_all() -> Iterator[Path]:
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_a_read_only_file_is_not_replaced(folder_of_all: Path) -> None:
    path = folder_of_all / "kept"
    path.write_text("old")
    path.chmod(0o444)
    assert as_nobody(lambda: write_atomically(path, "new")) == 7
    assert path.read_text() == "old"
    path.chmod(0o666)
    assert as_nobody(lambda: write_atomically(path, "new")) == 0
    assert path.read_text() == "new"
    assert [item.name for item in folder_of_all.iterdir()] == ["kept"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    os.chown(path, 12345, 12346)
    path.chmod(0o640)
    write_atomically(path, "new")
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 12346, 0o640)


@pytest.mark.parametrize("way", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_an_open_file_goes_on_where_it_is(way: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with open(log, "a") as stream:
        write_atomically(way.format(stream.fileno()), "text\n")
        print("after", file=stream)
    assert log.read_text() == "before\ntext\nafter\n"
    assert [path.name for path in tmp_path.iterdir()] == ["log"]
    assert "Bad file descriptor" in refused(Path(way.format(987654)))


def test_standard_output_that_is_appended_to_a_file_keeps_what_is_there(
    csv: str, tmp_path: Path, capfd: object
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    kept = os.dup(1)
    with open(log, "a") as stream:
        os.dup2(stream.fileno(), 1)
        try:
            status = main(["profile", csv, "--markdown", "/dev/stdout"])
        finally:
            os.dup2(kept, 1)
            os.close(kept)
    assert status == 0
    assert log.read_text().startswith("before\n### ")
