"""The wheel holds everything that the installed program needs, and nothing else; one place names the version."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import colprofile

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LEFT_OUT = {".pyc", ".nbi", ".nbc"}


def files_to_ship() -> set[str]:
    """Every file of the package by its path in the wheel: sql/ is installed as colprofile/sql/."""
    paths = [path for folder in ("colprofile", "sql") for path in (ROOT / folder).rglob("*") if path.is_file()]
    relative = [path.relative_to(ROOT).as_posix() for path in paths if path.suffix not in LEFT_OUT]
    return {f"colprofile/{name}" if name.startswith("sql/") else name for name in relative}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources, so that nothing is left among them, and without a network."""
    folder = tmp_path_factory.mktemp("build")
    for name in ("colprofile", "sql"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.nb[ic]"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "--wheel-dir", "dist", "."], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [made] = (folder / "dist").glob("*.whl")
    return made


def test_the_wheel_holds_every_file_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = files_to_ship()
    suffixes = {Path(name).suffix for name in wanted}
    assert suffixes >= {".py", ".sql", ".md", ".json", ".html", ".css", ".js", ".typed"}
    assert wanted - names == set()
    assert names - wanted == set()


def test_the_wheel_is_named_and_described_as_configured(wheel: Path) -> None:
    assert wheel.name == f"colprofile-{colprofile.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(name).decode()
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
    assert f"\nVersion: {colprofile.__version__}\n" in metadata
    for label, url in SETTINGS["project"]["urls"].items():
        assert f"\nProject-URL: {label}, {url}\n" in metadata
    assert "# colprofile" in metadata


def test_every_folder_with_python_is_a_package() -> None:
    """A folder that pyproject.toml does not list would work from a clone and be missing once installed."""
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "colprofile").rglob("*.py")}
    names = {".".join(folder.parts) for folder in folders} | {"colprofile.sql"}
    assert sorted(SETTINGS["tool"]["setuptools"]["packages"]) == sorted(names)


def test_the_version_is_written_once() -> None:
    assert "version" in SETTINGS["project"]["dynamic"]
    assert "version" not in SETTINGS["project"]
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released[0] == colprofile.__version__


def test_the_classifiers_are_the_versions_that_are_tested() -> None:
    import yaml

    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    tested = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    classified = re.findall(r"Python :: (3\.\d+)", "\n".join(SETTINGS["project"]["classifiers"]))
    assert tested == classified
    assert SETTINGS["project"]["requires-python"] == f">={tested[0]}"
