"""How columns hang together: the tree against networkx, clusters by their meaning, joints against a plain count."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import colprofile
from colprofile.results.column import ColumnProfile
from colprofile.results.joint import Category
from colprofile.results.profile import Profile
from colprofile.results.summary import summarise
from colprofile.verbs.profile.structure import Forest, named_clusters, shared_bits, spanning_tree
from tests.support import profiles
from tests.support.tables import flights, zip_codes


def test_tree_weighs_what_networkx_finds(flights_profile: Profile) -> None:
    graph = nx.Graph()
    for pair in flights_profile.pairs:
        if (bits := shared_bits(pair, flights_profile.rows)) > 1e-9:
            graph.add_edge(pair.x, pair.y, weight=bits)
    expected = nx.maximum_spanning_tree(graph).size(weight="weight")
    found = spanning_tree(flights_profile.pairs, flights_profile.rows)
    assert sum(edge.bits for edge in found) == pytest.approx(expected, abs=1e-9)
    assert found == flights_profile.edges
    assert [edge.bits for edge in found] == sorted((edge.bits for edge in found), reverse=True)
    tree = nx.Graph((edge.x, edge.y) for edge in found)
    assert nx.is_forest(tree)
    assert nx.number_connected_components(tree) == nx.number_connected_components(graph)


def test_ledger_is_that_of_an_audit(flights_profile: Profile) -> None:
    audit = colprofile.audit(flights_profile)
    assert flights_profile.ledger == audit.ledger
    assert flights_profile.edges == audit.edges
    ledger = flights_profile.ledger
    assert ledger is not None
    assert ledger.redundant_bits == pytest.approx(sum(edge.bits for edge in flights_profile.edges))
    assert ledger.bits_apart == pytest.approx(ledger.tree_bits + ledger.redundant_bits)


def test_clusters_are_those_of_a_slow_loop() -> None:
    """Join the two clusters that depend on each other most on average, until none does by a half."""
    profile = profiles.flights_like()
    found = named_clusters(profile.columns, profile.pairs)
    assert sorted(name for group in found for name in group) == sorted(
        c.name for c in profile.columns if c.distinct > 1
    )
    strengths = {frozenset((pair.x, pair.y)): pair.dependence or 0.0 for pair in profile.pairs}
    slow = [{column.name} for column in profile.columns if column.distinct > 1]

    def mean(first: set[str], second: set[str]) -> float:
        return sum(strengths[frozenset((x, y))] for x in first for y in second) / (len(first) * len(second))

    while True:
        value, i, j = max((mean(a, b), i, j) for i, a in enumerate(slow) for j, b in enumerate(slow) if i < j)
        if value < 0.5:
            break
        slow[i] |= slow.pop(j)
    assert sorted(map(sorted, found)) == sorted(map(sorted, slow))
    assert any(len(group) > 1 for group in found)


def test_clusters_do_not_chain() -> None:
    """a depends on b and b on c, a and c hardly: they are no group of three, as single linkage would have it."""
    rng = np.random.default_rng(0)
    a, c = rng.integers(0, 8, (2, 4000))
    b = np.where(rng.random(4000) < 0.5, a, 10 + c)
    profile = colprofile.profile(pd.DataFrame({"a": a, "b": b + 100 * (c % 2), "c": c}))
    assert all(len(group) < 3 for group in profile.clusters)


def test_clusters_are_those_of_an_audit(flights_profile: Profile) -> None:
    assert flights_profile.clusters == colprofile.audit(flights_profile).clusters
    assert {"month", "time_hour"} in map(set, flights_profile.clusters)
    assert {"dep_delay", "arr_delay"} in map(set, flights_profile.clusters)


def test_chance_makes_no_cluster() -> None:
    """In eight rows some columns seem to determine each other."""
    rng = np.random.default_rng(9)
    frame = pd.DataFrame(rng.integers(0, 4, (8, 6)), columns=list("abcdef"))
    profile = colprofile.profile(frame)
    assert max((pair.mutual_information or 0.0) / (pair.entropy_x or 1.0) for pair in profile.pairs) > 0.5
    assert all(len(group) == 1 for group in profile.clusters)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_forest_joins_what_networkx_connects(edges: list[tuple[int, int]]) -> None:
    forest = Forest(map(str, range(10)))
    graph = nx.Graph()
    graph.add_nodes_from(map(str, range(10)))
    for x, y in edges:
        was_one = nx.has_path(graph, str(x), str(y))
        assert forest.join(str(x), str(y)) is not was_one
        graph.add_edge(str(x), str(y))
    trees: dict[str, list[str]] = {}
    for name in map(str, range(10)):
        trees.setdefault(forest.root(name), []).append(name)
    assert sorted(trees.values()) == sorted(map(sorted, nx.connected_components(graph)))


def cells(values: pd.Series, categories: tuple[Category, ...], *, is_text: bool) -> list[int | None]:
    """The category of each value, by asking every category."""

    def place(value: object) -> int | None:
        if pd.isna(value):
            kinds = [i for i, c in enumerate(categories) if c.kind == "null"]
            return kinds[0] if kinds else None
        rest = None
        for i, category in enumerate(categories):
            if category.kind == "value" and category.value == (str(value) if is_text else value):
                return i
            if category.kind == "range" and category.low <= value <= category.high:  # type: ignore[operator]
                return i
            if category.kind == "rest":
                rest = i
        return rest

    return [place(value) for value in values]


def shown_by_few(column: ColumnProfile) -> bool:
    counts = sorted(column.histogram.counts, reverse=True)
    return column.distinct <= 16 or sum(counts[:15]) >= 0.5 * (column.rows - column.nulls)


@pytest.mark.parametrize("nulls", ["ignore", "value"])
def test_joints_count_what_a_loop_counts(nulls: str) -> None:
    frame = flights().iloc[:3000]
    profile = colprofile.profile(frame, nulls=nulls)  # type: ignore[call-overload]
    drawable = {c.name for c in profile.columns if c.kind in ("numeric", "temporal") or shown_by_few(c)}
    assert {"carrier", "distance"} <= drawable
    assert "tailnum" not in drawable
    worth = [(p.x, p.y) for p in profile.pairs if (p.dependence or 0) >= 0.1 and {p.x, p.y} <= drawable]
    assert [(j.x, j.y) for j in profile.joints[:20]] == worth[:20]
    assert 15 <= len(profile.joints) <= 25
    checked = 0
    for joint in profile.joints:
        if "time_hour" in (joint.x, joint.y):
            continue  # a frame's timestamps compare with text only by way of a cast
        kinds = [profile[name].kind in ("text", "categorical") for name in (joint.x, joint.y)]
        sides = zip((joint.x, joint.y), (joint.x_categories, joint.y_categories), kinds, strict=True)
        x, y = (cells(frame[name], categories, is_text=kind) for name, categories, kind in sides)
        counted = Counter(pair for pair in zip(x, y, strict=True) if None not in pair)
        shape = (len(joint.x_categories), len(joint.y_categories))
        assert max(shape) <= 16
        assert joint.counts == tuple(tuple(counted[i, j] for j in range(shape[1])) for i in range(shape[0]))
        assert sum(map(sum, joint.counts)) == profile.pair(joint.x, joint.y).rows
        checked += 1
    assert checked >= 10


def test_joints_show_what_pearson_does_not_see() -> None:
    rows = 4000
    columns = {f"same_{i}": [row * 7919 % 40 for row in range(rows)] for i in range(8)}
    columns["heat"] = [row % 19 - 9 for row in range(rows)]
    columns["comfort"] = [-(heat * heat) for heat in columns["heat"]]
    columns["comfort"] = [value if row % 3 else row % 80 for row, value in enumerate(columns["comfort"])]
    profile = colprofile.profile(pd.DataFrame(columns))
    drawn = [(joint.x, joint.y) for joint in profile.joints]
    assert all(x.startswith("same") and y.startswith("same") for x, y in drawn[:20])
    assert ("heat", "comfort") in drawn[20:] and len(drawn) <= 25


def test_structure_survives_saving_and_old_files_load_without_it() -> None:
    profile = colprofile.profile(zip_codes(), columns=["state", "timezone", "lat", "active"])
    assert profile.joints
    assert profile.clusters
    assert colprofile.Profile.from_dict(profile.to_dict()) == profile
    old = profile.to_dict()
    for name in ("clusters", "edges", "ledger", "joints"):
        del old[name]
    for column in old["columns"]:
        del column["estimates"]
    again = colprofile.Profile.from_dict(old)
    assert (again.clusters, again.edges, again.ledger, again.joints) == ((), (), None, ())
    assert again.pairs == profile.pairs
    assert "<h1>" in again.to_html()


def test_without_pairs_there_is_no_ledger() -> None:
    profile = colprofile.profile(zip_codes(), columns=["state", "active"], pairs=False)
    assert (profile.clusters, profile.edges, profile.ledger, profile.joints) == ((), (), None, ())


def test_estimates_are_those_of_the_measures() -> None:
    from colprofile.measures import entropy_estimate

    column = colprofile.profile(zip_codes(), columns=["county"], pairs=False)["county"]
    counts = tuple(zip(*column.fingerprint, strict=True))
    assert column.estimates == {name: entropy_estimate(counts, name) for name in column.estimates}  # type: ignore[arg-type]
    assert len(column.estimates) == 3


def test_the_bits_of_a_row_are_the_same_with_and_without_pairs() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3, 4, None, None, 5, 6], "b": list("xxyyzzxy")})
    with_pairs, without = (summarise(colprofile.profile(frame, pairs=pairs)) for pairs in (True, False))
    assert with_pairs.row_bits == without.row_bits
