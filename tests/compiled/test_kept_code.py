"""Compiled code is kept for the next process, not used once what it came from has changed, and never in the way."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pkgutil
import resource
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

import colprofile
from colprofile import compiled

HELPERS = """
from colprofile.compiled import compiled, inlined
from numba import types
from numba.extending import intrinsic

STEP = 1
TABLE = (5, 7)

@compiled
def step(x):
    return x + STEP

@inlined
def scale(x):
    return x * 10

@intrinsic
def shift(typing_context, x):
    def generate(context, builder, signature, arguments):
        return builder.add(arguments[0], context.get_constant(types.int64, 1000))
    return types.int64(types.int64), generate
"""

KERNELS = """
from colprofile.compiled import compiled
from kept import helpers
from kept.helpers import scale, shift, step

@compiled
def total(values):
    found = 0
    for value in values:
        found += shift(scale(step(value))) + helpers.TABLE[1]
    return found
"""

VALUES = np.array([1, 2])
EXPECTED = (20 + 1000 + 7) + (30 + 1000 + 7)


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a package of two modules, whose compiled code is kept in the folder ``code`` of ``tmp_path``."""
    folder = tmp_path / "sources" / "kept"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "helpers.py").write_text(HELPERS)
    (folder / "kernels.py").write_text(KERNELS)
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "code"))
    yield folder
    forget()


def forget() -> None:
    for name in ("kept", "kept.helpers", "kept.kernels"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


def started() -> Any:
    """The kernel as a new process would import it."""
    forget()
    return importlib.import_module("kept.kernels").total


def is_kept(expected: int = EXPECTED) -> bool:
    """Whether a new process finds the kernel's code; its result is right in any case."""
    total = started()
    assert total(VALUES) == expected
    return bool(total.stats.cache_hits)


def kept_files(tmp_path: Path) -> list[Path]:
    """The files of ``total``: all that is there, as unfinished files would be too."""
    return [path for path in (tmp_path / "code").rglob("*") if path.is_file() and ".total." in path.name]


def test_code_is_kept_for_the_next_process(sources: Path, tmp_path: Path) -> None:
    assert not is_kept()
    assert is_kept()
    [file] = kept_files(tmp_path)
    assert file.parent in compiled.folders()


def test_each_type_of_arguments_has_its_own_code(sources: Path, tmp_path: Path) -> None:
    assert not is_kept()
    total = started()
    assert total(VALUES.astype(np.int32)) == EXPECTED
    assert not total.stats.cache_hits
    assert is_kept()
    assert len(kept_files(tmp_path)) == 2


@pytest.mark.parametrize(
    ("module", "before", "after", "expected"),
    [
        ("kernels", "found = 0", "found = 1", EXPECTED + 1),
        ("helpers", "return x + STEP", "return x + STEP + 1", EXPECTED + 20),
        ("helpers", "STEP = 1", "STEP = 3", EXPECTED + 40),
        ("helpers", "x * 10", "x * 11", EXPECTED + 5),
        ("helpers", "types.int64, 1000", "types.int64, 1001", EXPECTED + 2),
        ("helpers", "(5, 7)", "(5, 8)", EXPECTED + 2),
    ],
)
def test_a_change_anywhere_is_seen(sources: Path, module: str, before: str, after: str, expected: int) -> None:
    assert not is_kept()
    path = sources / f"{module}.py"
    path.write_text(path.read_text().replace(before, after))
    assert not is_kept(expected)
    assert is_kept(expected)


def test_a_change_of_what_is_not_compiled_costs_nothing(sources: Path) -> None:
    assert not is_kept()
    path = sources / "kernels.py"
    path.write_text("# a comment\n" + path.read_text() + "\n\ndef another():\n    return 1\n")
    assert is_kept()


@pytest.mark.parametrize("package", ["numba", "numpy"])
def test_code_of_another_version_is_compiled_anew(
    sources: Path, tmp_path: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_kept()
    with monkeypatch.context() as patch:
        patch.setattr(importlib.import_module(package), "__version__", "0.1")
        assert not is_kept()
    assert not is_kept()
    assert len(kept_files(tmp_path)) == 1, "what is stale is replaced"


def test_code_for_another_processor_is_left_to_it(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_kept()
    codegen = type(started().targetctx.codegen())
    with monkeypatch.context() as patch:
        patch.setattr(codegen, "magic_tuple", lambda self: ("x86_64", "another", "+avx1024"))
        assert not is_kept()
    assert is_kept()
    assert len(kept_files(tmp_path)) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"\x80",
        lambda content: b"garbage" * 50,
        lambda content: content[:10],
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content[:500] + bytes([content[500] ^ 1]) + content[501:],
        lambda content: b"\0" * len(content),
    ],
)
def test_damaged_files_are_replaced(
    sources: Path, tmp_path: Path, damage: Callable[[bytes], bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    assert not is_kept()
    [file] = kept_files(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert not is_kept()
    assert is_kept()
    assert capfd.readouterr() == ("", "")


def test_a_folder_in_the_place_of_the_file(sources: Path, tmp_path: Path) -> None:
    assert not is_kept()
    [file] = kept_files(tmp_path)
    file.unlink()
    file.mkdir()
    assert not is_kept()
    assert kept_files(tmp_path) == []


def test_the_folder_is_removed_in_between(sources: Path, tmp_path: Path) -> None:
    total = started()
    total(VALUES)
    shutil.rmtree(tmp_path / "code")
    assert total(VALUES.astype(np.int32)) == EXPECTED
    assert len(kept_files(tmp_path)) == 1


@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/null/below", "a\0b", "/" + "x" * 300])
def test_nowhere_to_keep_it(
    sources: Path, place: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not even root can write there, as others cannot in folders without permission and on read-only disks."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", place)
    assert not is_kept()
    assert not is_kept()
    assert capfd.readouterr() == ("", "")


def test_a_full_disk(sources: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    total = started()
    capfd.readouterr()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        assert total(VALUES) == EXPECTED
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert kept_files(tmp_path) == [], "nor a part of it"
    assert capfd.readouterr() == ("", "")


def test_the_folders_of_a_normal_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    package, users = compiled.folders()
    assert package == Path(colprofile.__file__).parent / "__pycache__" / "kernels"
    assert users.parent == tmp_path / "colprofile" / "kernels"


def test_without_a_home_there_is_no_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # neither HOME nor an entry in /etc/passwd
    assert len(compiled.folders()) == 1


def test_the_users_folder_serves_where_the_package_is_read_only(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = tmp_path / "users"
    monkeypatch.setattr(compiled, "folders", lambda: [Path("/proc/package"), users])
    assert not is_kept()
    assert is_kept()
    read_only = tmp_path / "read-only"
    users.rename(read_only)
    monkeypatch.setattr(compiled, "folders", lambda: [read_only, Path("/proc/user")])
    assert is_kept(), "what an image of a machine brought along is used where nothing can be written"


def test_a_package_in_an_archive(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("kept/__init__.py", "")
        packed.writestr("kept/helpers.py", HELPERS)
        packed.writestr("kept/kernels.py", KERNELS)
    shutil.rmtree(sources)
    monkeypatch.syspath_prepend(str(archive))
    monkeypatch.setattr(compiled, "PACKAGE", archive / "colprofile")
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "users"))
    assert not is_kept()
    assert is_kept()


def _start_with_others(barrier: Any, results: Any) -> None:
    total = started()
    barrier.wait()
    results.put(int(total(VALUES)))


def test_eight_processes_start_at_once_with_nothing_kept(sources: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(8), context.Queue()
    processes = [context.Process(target=_start_with_others, args=(barrier, results)) for _ in range(8)]
    for process in processes:
        process.start()
    assert [results.get(timeout=60) for _ in processes] == [EXPECTED] * 8
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert len(kept_files(tmp_path)) == 1
    assert is_kept()


def test_the_code_of_every_kernel_can_be_kept() -> None:
    kernels = 0
    for module in pkgutil.walk_packages(colprofile.__path__, "colprofile."):
        if not module.name.endswith("__main__"):
            for value in vars(importlib.import_module(module.name)).values():
                if hasattr(value, "py_func"):
                    found = b"".join(compiled.sources_of(value))
                    assert b" at 0x" not in found, f"{value} depends on an address, which each process has its own"
                    kernels += 1
    assert kernels > 80
