"""An audit as networkx graphs, and what is said where networkx is not installed."""

from __future__ import annotations

import sys

import networkx as nx
import pandas as pd
import pytest

import colprofile


@pytest.fixture(scope="module")
def audited() -> colprofile.Audit:
    codes = [number // 3 % 8 for number in range(240)]
    return colprofile.audit(
        pd.DataFrame({"code": codes, "name": [f"n{code // 2}" for code in codes], "row": range(240)})
    )


def test_the_tree_and_the_dependencies_are_networkx_graphs(audited: colprofile.Audit) -> None:
    assert isinstance(audited.tree(), nx.Graph) and set(audited.tree()) == {"code", "name", "row"}
    assert audited.dependency_graph()["code"]["name"]["kind"] == "dependency"


@pytest.mark.parametrize("method", ["tree", "dependency_graph"])
def test_without_networkx_the_error_says_what_to_install(
    audited: colprofile.Audit, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(colprofile.MissingExtra, match=r"pip install 'colprofile\[graph\]'"):
        getattr(audited, method)()
