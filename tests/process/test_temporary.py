"""Temporary folders: removed by who made them, or by the next process where that was killed; nobody else's."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from colprofile import temporary
from colprofile.results.files import write_atomically
from colprofile.sources.workspace import Workspace
from colprofile.stopping import Cancelled
from colprofile.temporary import TemporaryFolder, part_of, remove_all, sweep_folders


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, of this test alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path


def in_a_child(work: Callable[[], object]) -> None:
    """Do some work in a process that is then killed: it ends without any cleaning up."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_private_and_goes_with_all_that_is_in_it(folder: Path) -> None:
    with TemporaryFolder() as made:
        assert os.stat(made.name).st_mode & 0o777 == 0o700
        Path(made.name, "a").mkdir()
        Path(made.name, "a", "b").write_text("x")
        assert len(names(folder)) == 1
    made.close()  # again
    assert names(folder) == []


def test_a_folder_that_nobody_closes_goes_with_its_object(folder: Path) -> None:
    made = TemporaryFolder()
    assert names(folder) == [Path(made.name).name]
    del made
    assert names(folder) == []


def test_what_a_killed_process_left_is_removed_by_the_next_that_needs_a_folder(folder: Path) -> None:
    kept: list[object] = []
    in_a_child(lambda: kept.extend([TemporaryFolder(), Workspace(None, 1)]))
    assert len(names(folder)) == 2
    with TemporaryFolder() as made:
        assert names(folder) == [Path(made.name).name]


def test_what_a_living_process_has_is_left_alone(folder: Path) -> None:
    with TemporaryFolder() as made:
        in_a_child(lambda: sweep_folders(str(folder)))
        sweep_folders(str(folder))
        assert names(folder) == [Path(made.name).name]


def test_a_forked_process_leaves_its_parents_folders(folder: Path) -> None:
    with TemporaryFolder() as made:
        in_a_child(made.close)
        in_a_child(remove_all)
        assert names(folder) == [Path(made.name).name]


def test_a_lock_ends_with_its_process_though_a_child_of_it_goes_on(folder: Path) -> None:
    ready, go = os.pipe()

    def leave_a_child() -> None:
        kept.append(TemporaryFolder())
        if os.fork() == 0:
            os.close(go)
            os.read(ready, 1)  # until the test is over
            os._exit(0)

    kept: list[TemporaryFolder] = []
    in_a_child(leave_a_child)
    assert len(names(folder)) == 1
    sweep_folders(str(folder))
    assert names(folder) == []
    os.close(ready)
    os.close(go)


def test_nothing_else_is_swept(folder: Path) -> None:
    with TemporaryFolder() as made:
        own = Path(made.name).name
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    Path(elsewhere, "kept").write_text("x")
    other_machine = f"colprofile-{'0' * 8}-abcdefgh"
    for name in (other_machine, "colprofile-notes", own + "x", "x" + own):
        Path(folder, name).mkdir()
    Path(folder, own).symlink_to(elsewhere)  # a link of a name of ours
    Path(folder, own[:-1] + ("8" if own.endswith("9") else "9")).write_text("a file of a name of ours")
    before = names(folder)
    sweep_folders(str(folder))
    assert names(folder) == before
    assert names(elsewhere) == ["kept"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_another_users_folders_are_left_alone(folder: Path) -> None:
    child: list[TemporaryFolder] = []
    in_a_child(lambda: child.append(TemporaryFolder()))
    (left,) = folder.iterdir()
    os.chown(left, 12345, 12345)
    sweep_folders(str(folder))
    assert names(folder) == [left.name]
    os.chown(left, 0, 0)
    sweep_folders(str(folder))
    assert names(folder) == []


def test_a_sweep_between_making_and_locking_costs_only_another_try(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, swept = temporary._locked, list[int]()

    def sweep_first(handle: int, *, waits: bool = False) -> bool:
        if not swept:
            swept.append(handle)
            in_a_child(lambda: sweep_folders(str(folder)))
        return lock(handle, waits=waits)

    monkeypatch.setattr(temporary, "_locked", sweep_first)
    with TemporaryFolder() as made:
        assert swept
        assert names(folder) == [Path(made.name).name]


def test_a_sweep_that_holds_what_was_just_made_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, held = temporary._locked, list[int]()

    def remove(path: str) -> None:
        os.rmdir(path)
        os.close(held[0])

    def swept(handle: int, *, waits: bool = False) -> bool:
        if not held:
            (path,) = map(str, folder.iterdir())
            held.append(os.open(path, os.O_RDONLY))
            assert lock(held[0])
            threading.Timer(0.2, remove, [path]).start()
        return lock(handle, waits=waits)

    monkeypatch.setattr(temporary, "_locked", swept)
    with TemporaryFolder() as made:
        assert held
        assert names(folder) == [Path(made.name).name]


def test_parts_of_a_killed_writer_go_with_the_next_write(folder: Path) -> None:
    target = folder / "out.html"
    target.write_text("old")
    kept: list[object] = []
    in_a_child(lambda: kept.extend([part := part_of(target), part.__enter__()]))
    other = folder / ".out.html.note.part"
    other.write_text("not a name of ours")
    assert len(names(folder)) == 3
    with part_of(target) as (handle, part):  # another writer, at the same time
        write_atomically(target, "new")
        assert names(folder) == sorted([".out.html.note.part", Path(part).name, "out.html"])
        os.close(handle)
    assert target.read_text() == "new"
    assert names(folder) == [".out.html.note.part", "out.html"]


def test_what_interrupts_the_removal_is_made_up_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = TemporaryFolder()
    with monkeypatch.context() as patched:
        patched.setattr(temporary, "_delete", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            made.close()
    assert len(names(folder)) == 1
    remove_all()
    assert names(folder) == []


def test_a_workspace_leaves_nothing_though_its_connection_is_gone(folder: Path) -> None:
    workspace = Workspace(None, 1)
    workspace.new_path(".csv").write_text("x")
    workspace.connection.close()
    workspace.close()
    assert names(folder) == []


def test_nothing_can_be_made_once_all_is_removed_for_good(folder: Path) -> None:
    def ends() -> None:
        TemporaryFolder()
        remove_all(for_good=True)
        with pytest.raises(Cancelled):
            TemporaryFolder()
        with pytest.raises(Cancelled), part_of(folder / "out.html"):
            pass

    in_a_child(ends)
    assert names(folder) == []
    with TemporaryFolder():
        pass


def test_a_folder_into_which_a_thread_still_writes_is_removed(folder: Path) -> None:
    made = TemporaryFolder()
    is_writing, is_over = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            with contextlib.suppress(OSError):
                Path(made.name, str(number)).touch()
            is_writing.set()

    writer = threading.Thread(target=write)
    writer.start()
    is_writing.wait()
    made.close()
    is_over.set()
    writer.join()
    assert names(folder) == []
