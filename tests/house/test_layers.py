"""Imports point one way, as CONTRIBUTING.md lists the layers: each knows only those named in its row."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "colprofile"

COMMON = {"compiled", "errors", "inputs", "lists", "progress", "room", "standard", "stopping", "temporary", "values"}
"""Single modules below all layers: they know only each other."""

LAYERS: dict[str, set[str]] = {
    "measures": set(),
    "results": {"measures"},
    "counting": {"measures"},
    "sources": {"counting", "measures"},
    "catalogs": {"counting", "measures", "results", "sources", "sql"},
    "verbs": {"__version__", "catalogs", "counting", "measures", "results", "sources", "sql"},
    "report": {"results"},
}
"""What a layer may import besides itself and COMMON; what is in neither is a face, which may import all."""

CALLED_LATER = {("colprofile.results.profile", "sqlfunctions")}
"""Profile.to_duckdb hands over to SQL when it is called, and never before."""

OUTSIDE: dict[str, set[str]] = {
    "measures": {"numba", "numpy", "scipy", "sklearn"},
    "results": {"msgspec", "networkx", "numpy", "pandas"},
    "compiled": {"numba", "numpy"},
    "values": {"numpy"},
}
"""What mathematics and values may need from outside the standard library."""

ONLY_WHEN_CALLED = {
    ("measures", "scipy"),
    ("measures", "sklearn"),
    ("results", "msgspec"),
    ("results", "networkx"),
    ("results", "pandas"),
}
"""Heavy, or an extra: no module may import them at its top, but those of LATE."""

LATE = {"colprofile.results.frames"}
"""Modules that are imported only when called (test_exported_members holds that)."""

FACES = {"cli", "sqlfunctions"}
"""Folders that may import everything."""


WINGS_MAY_IMPORT = {
    ("audit", "latent"),
    ("audit", "profile"),
    ("database", "audit"),
    ("database", "drift"),
    ("database", "planner"),
    ("database", "profile"),
    ("database", "schema"),
    ("drift", "profile"),
    ("latent", "profile"),
    ("planner", "profile"),
    ("schema", "profile"),
}
"""Under verbs/ a wing may use what profile counts; an audit may fit latent classes; whole databases use every verb.

Wings of report/ use no other.
"""


class Import:
    """One imported module, as seen in the source: `module` is absolute, `is_later` inside a function."""

    def __init__(self, source: str, line: int, module: str, is_later: bool, is_for_types: bool) -> None:
        self.source, self.line, self.module = source, line, module
        self.is_later, self.is_for_types = is_later, is_for_types

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.module}"


def imports_of(tree: ast.Module, name: str, is_package: bool) -> Iterator[Import]:
    """Yield every import of a module, those inside functions and `if TYPE_CHECKING` too."""

    def visit(node: ast.AST, is_later: bool, is_for_types: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, node.lineno, alias.name, is_later, is_for_types)
        elif isinstance(node, ast.ImportFrom):
            parts = name.split(".") if is_package else name.split(".")[:-1]
            base = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                is_known = is_module(whole) or whole == "colprofile.__version__"
                yield Import(name, node.lineno, whole if is_known else module, is_later, is_for_types)
        is_later = is_later or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        is_for_types = is_for_types or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
        for child in ast.iter_child_nodes(node):
            yield from visit(child, is_later, is_for_types)

    yield from visit(tree, False, False)


def is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


@cache
def all_imports() -> list[Import]:
    found: list[Import] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found += imports_of(ast.parse(path.read_text(encoding="utf-8")), name, is_package)
    return found


def layer_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def breaks_a_rule(found: Import) -> bool:
    layer = layer_of(found.source)
    top = found.module.split(".")[0]
    if top != "colprofile":
        if layer not in OUTSIDE or top in sys.stdlib_module_names or top == "__future__":
            return False
        if top not in OUTSIDE[layer]:
            return True
        return (layer, top) in ONLY_WHEN_CALLED and not (found.is_later or found.is_for_types or found.source in LATE)
    target = layer_of(found.module)
    if layer in COMMON:
        return target not in COMMON
    if layer not in LAYERS or target == layer or target in COMMON:
        return False
    if found.is_later and (found.source, target) in CALLED_LATER:
        return False
    return target not in LAYERS[layer]


def test_each_layer_imports_only_from_those_below_it() -> None:
    assert [str(found) for found in all_imports() if breaks_a_rule(found)] == []


def test_results_look_up_reports_in_few_places() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (PACKAGE / "results").glob("*.py")}
    assert {name for name, text in texts.items() if re.search(r"import_module|__import__", text)} == {
        "base.py",  # the renderers of a result
        "parts.py",  # those of its parts
        "serialize.py",  # the class of a saved result
    }
    assert {name for name, text in texts.items() if re.search(r"[\"']colprofile\.report", text)} == {
        "base.py",
        "parts.py",
    }


def wing_of(module: str) -> tuple[str, str]:
    """Return the floor and the wing of a module, "" for what all wings of a floor share."""
    parts = module.split(".")
    is_wing = len(parts) > 2 and parts[1] in ("verbs", "report") and (PACKAGE / parts[1] / parts[2]).is_dir()
    return (layer_of(module), parts[2] if is_wing else "")


def leaves_its_wing(found: Import) -> bool:
    """Whether a wing imports another wing of its floor, or what all wings share imports any."""
    (floor, wing), (other_floor, other) = wing_of(found.source), wing_of(found.module)
    if floor != other_floor or floor not in ("verbs", "report") or not other or wing == other:
        return False
    return floor == "report" or (wing, other) not in WINGS_MAY_IMPORT


def test_a_wing_imports_no_other_wing_but_profile() -> None:
    assert [str(found) for found in all_imports() if leaves_its_wing(found)] == []


@pytest.mark.parametrize(
    ("module", "line", "leaves"),
    [
        ("colprofile.verbs.drift.api", "from colprofile.verbs.profile.api import profile", False),
        ("colprofile.verbs.drift.api", "from colprofile.verbs.planner.api import planner", True),
        ("colprofile.verbs.profile.api", "from colprofile.verbs.audit.api import audit", True),
        ("colprofile.verbs.profile.api", "def late():\n    from colprofile.verbs.latent.fit import fit", True),
        ("colprofile.report.drift.html", "from colprofile.report.profile import markdown", True),
        ("colprofile.report.drift.html", "from colprofile.report import text", False),
        ("colprofile.report.text", "from colprofile.report.profile import markdown", True),
    ],
)
def test_wings_are_told_apart(module: str, line: str, leaves: bool) -> None:
    assert any(leaves_its_wing(found) for found in imports_of(ast.parse(line), module, False)) == leaves


def module_circles(imports: list[Import], is_later: bool) -> list[list[str]]:
    """Return the groups of modules that import each other, with or without imports inside functions."""
    edges: dict[str, set[str]] = {}
    for found in imports:
        if found.is_for_types or (found.is_later and not is_later) or not found.module.startswith("colprofile."):
            continue
        edges.setdefault(found.source, set()).add(found.module)
    graph = nx.DiGraph([(source, target) for source, targets in edges.items() for target in targets])
    return [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]


def test_no_modules_import_each_other_at_their_top() -> None:
    assert module_circles(all_imports(), is_later=False) == []


def test_at_most_two_circles_are_closed_by_imports_inside_functions() -> None:
    circles = module_circles(all_imports(), is_later=True)
    assert len(circles) <= 2, circles


def test_every_folder_of_the_package_has_a_place() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= set(LAYERS) | FACES | {"sql"}


def test_the_allowed_imports_make_no_circle() -> None:
    placed = {"sql", "__version__"}
    waiting = dict(LAYERS)
    while waiting:
        ready = {layer for layer, below in waiting.items() if below <= placed}
        assert ready, f"these import each other: {sorted(waiting)}"
        placed |= ready
        waiting = {layer: below for layer, below in waiting.items() if layer not in ready}


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("colprofile.measures.entropy", "from colprofile.counting import kernels"),
        ("colprofile.measures.entropy", "import pandas"),
        ("colprofile.measures.entropy", "from scipy.special import digamma"),
        ("colprofile.measures.entropy", "from colprofile import __version__"),
        ("colprofile.measures.entropy", "from .. import verbs"),
        ("colprofile.measures.entropy", "from ..counting.pairs import PairCount"),
        ("colprofile.measures.entropy", "def late():\n    import colprofile.sources.duckdb"),
        ("colprofile.results.profile", "from colprofile.report.profile.html import render_html"),
        ("colprofile.results.profile", "import pandas as pd"),
        ("colprofile.results.profile", "def late():\n    from colprofile.report.profile.html import render_html"),
        ("colprofile.results.serialize", "import msgspec"),
        ("colprofile.report.profile.html", "from colprofile.measures import entropy"),
        ("colprofile.counting.pairs", "if TYPE_CHECKING:\n    from colprofile.verbs.profile.api import profile"),
        ("colprofile.sources.open", "from colprofile.catalogs import postgresql"),
        ("colprofile.errors", "from colprofile.results.profile import Profile"),
    ],
)
def test_a_forbidden_import_is_seen(module: str, line: str) -> None:
    assert any(breaks_a_rule(found) for found in imports_of(ast.parse(line), module, False))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("colprofile.measures.entropy", "def late():\n    from scipy.special import digamma"),
        ("colprofile.measures.entropy", "from .checks import as_counts"),
        (
            "colprofile.results.profile",
            "def late():\n    from colprofile.sqlfunctions.profile_tables import write_tables",
        ),
        ("colprofile.results.profile", "if TYPE_CHECKING:\n    import pandas as pd"),
        ("colprofile.verbs.profile.api", "from colprofile.counting.pairs import PairCount"),
        ("colprofile.cli", "from colprofile.report import terminal"),
    ],
)
def test_an_allowed_import_passes(module: str, line: str) -> None:
    assert not any(breaks_a_rule(found) for found in imports_of(ast.parse(line), module, False))


def test_tests_import_helpers_and_no_other_tests() -> None:
    """What two test modules need is in tests/support; the folders fuzz and truth have their own."""
    tests = PACKAGE.parent / "tests"
    pattern = re.compile(
        r"^\s*(?:from|import) tests\.(?!support\b|golden\b|(?:fuzz|truth)\b(?!\.test_))\S*", re.MULTILINE
    )
    found = {str(path.relative_to(tests)): pattern.findall(path.read_text("utf-8")) for path in tests.rglob("*.py")}
    assert len(found) > 80
    assert {name: lines for name, lines in found.items() if lines} == {}
