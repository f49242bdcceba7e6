"""What `import colprofile` offers, and what it costs."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

import colprofile
from colprofile import measures

HEAVY = ("altair", "numba", "pandas", "pyarrow", "scipy", "sklearn", "sqlalchemy", "vl_convert")

PACKAGES = [colprofile, measures]


def loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the top-level modules that are loaded then."""
    probe = f"{code}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_names_are_sorted_and_unique(package: object) -> None:
    names = package.__all__  # type: ignore[attr-defined]
    assert list(names) == sorted(set(names), key=_as_ruff_sorts)


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """CONSTANTS, then Classes, then functions, each in alphabetical order."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize(
    ("package", "name"),
    [(package, name) for package in PACKAGES for name in package.__all__],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_each_name_can_be_imported_and_says_what_it_is(package: object, name: str) -> None:
    member = getattr(package, name)
    if callable(member):
        assert inspect.getdoc(member), f"{name} has no docstring"
        assert member.__doc__, f"{name} only inherits a docstring"
    assert not inspect.ismodule(member), f"{name} is the module, not what the module holds"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_a_name_that_does_not_exist_is_refused(package: object) -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        package.no_such_name  # type: ignore[attr-defined]  # noqa: B018


def test_submodules_do_not_hide_the_functions_of_the_same_name() -> None:
    importlib.import_module("colprofile.measures.entropy")
    assert measures.entropy([1, 1]) == 1.0


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert colprofile.__version__ == version("colprofile")


@pytest.mark.parametrize("module", ["colprofile", "colprofile.measures", "colprofile.results.profile"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert loaded_after(f"import {module}") & set(HEAVY) == set()


def test_entropy_and_pair_measures_load_nothing_heavy() -> None:
    code = (
        "from colprofile.measures import entropy, kl_divergence, mutual_information, huffman_mean_length\n"
        "entropy([1, 2]); kl_divergence([1, 2], [2, 1]); mutual_information([[1, 2], [3, 4]])\n"
        "huffman_mean_length([1, 2, 3])"
    )
    assert loaded_after(code) & set(HEAVY) == set()
