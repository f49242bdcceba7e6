"""Fragments in one notebook, in a real Chromium: none changes another one, or the notebook around them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

import colprofile
from colprofile.report import page as report_page
from tests.support import profiles
from tests.support.tables import flights, zip_codes

NOTEBOOK = "<!doctype html><meta charset='utf-8'><title>notebook</title><body style='margin: 8px'>"
OWN_TABLE = (
    "<table id='own'><thead><tr><th>a</th></tr></thead><tr><td>1</td></tr></table><p id='text'>text <code>x</code></p>"
)

MEASURE = """(root) => [root, ...root.querySelectorAll("*")].filter((e) => e.getClientRects().length).map((element) => {
    const [box, frame] = [element.getBoundingClientRect(), root.getBoundingClientRect()];
    const style = getComputedStyle(element);
    const looks = [style.color, style.backgroundColor, style.font, style.display, style.padding, style.border];
    return [[element.tagName, ...looks].join(" "), box.width, box.height, box.left - frame.left, box.top - frame.top];
})"""

Look = list[tuple[str, float, float, float, float]]
"""Of each element of a fragment: its style, its width and height, and where it stands in the fragment, in pixels."""


@pytest.fixture(scope="module")
def fragments(postgres_url: sa.URL) -> dict[str, str]:
    frame = pd.DataFrame({"zip": [i % 50 for i in range(2000)], "city": [i % 50 // 5 for i in range(2000)]})
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    frame.to_sql("fragment_places", engine, index=False, if_exists="replace")
    engine.dispose()
    table = flights()
    found: dict[str, Any] = {
        "profile": profiles.flights_like(),
        "audit": colprofile.audit(table.iloc[:3_000], max_determinants=1),
        "drift": colprofile.drift(table.iloc[:5_000], table.iloc[200_000:205_000]),
        "latent": colprofile.latent_classes(
            zip_codes().iloc[:3_000], columns=["state", "timezone", "active"], max_classes=2, restarts=1
        ),
        "planner": colprofile.planner(postgres_url, "fragment_places", progress=False),
    }
    found |= {"column": found["profile"].columns[3], "pair": found["profile"].pairs[0]}
    return {kind: result._repr_html_() for kind, result in found.items()}


@pytest.fixture(params=[(1000, "light"), (375, "dark")], ids=["wide-light", "narrow-dark"])
def notebook(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    yield context.new_page()
    context.close()


def measured(page: Page, *parts: str) -> list[Look]:
    """Return what every element of each fragment looks like, the fragments one below the other."""
    page.set_content(NOTEBOOK + "".join(f"<div>{part}</div>" for part in parts))
    return [element.evaluate(MEASURE) for element in page.query_selector_all("body > div > :first-child")]


def check_same(found: list[Look], expected: list[Look]) -> None:
    """Check that fragments look as expected, to within the half pixel by which a box may be rounded."""
    for now, then in zip(found, expected, strict=True):
        assert [element[0] for element in now] == [element[0] for element in then]
        for here, there in zip(now, then, strict=True):
            assert here[1:] == pytest.approx(there[1:], abs=1.0), here[0]


def test_no_fragment_changes_another_in_any_order(notebook: Page, fragments: dict[str, str]) -> None:
    alone = {kind: measured(notebook, part)[0] for kind, part in fragments.items()}
    for first, second in itertools.permutations(fragments, 2):
        pair = measured(notebook, fragments[first], fragments[second])
        check_same(pair, [alone[first], alone[second]])


def test_what_another_version_wrote_neither_changes_nor_is_changed(
    notebook: Page, fragments: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = measured(notebook, fragments["profile"])[0]
    report_page._scope.cache_clear()
    report_page._style.cache_clear()
    asset: Callable[[str], Any] = report_page._asset
    change = ".colprofile * { color: red !important; width: 80px !important; }"
    monkeypatch.setattr(
        report_page, "_asset", lambda name: asset(name) + change if name == "report.css" else asset(name)
    )
    other = profiles.two_rows()._repr_html_()
    monkeypatch.undo()
    report_page._scope.cache_clear()
    report_page._style.cache_clear()
    then = measured(notebook, other)[0]
    assert any("rgb(255, 0, 0)" in element[0] for element in then)
    check_same(measured(notebook, other, fragments["profile"]), [then, now])
    check_same(measured(notebook, fragments["profile"], other), [now, then])


def test_the_notebook_stays_as_it_is(notebook: Page, fragments: dict[str, str]) -> None:
    looks = "() => ['own', 'text'].map((id) => [...document.querySelectorAll(`#${id}, #${id} *`)].map((e) => {"
    looks += (
        "const s = getComputedStyle(e); return [s.color, s.font, s.padding, s.border, s.display, s.width].join(); }))"
    )
    notebook.set_content(NOTEBOOK + OWN_TABLE)
    before = notebook.evaluate(looks)
    notebook.set_content(NOTEBOOK + OWN_TABLE + "".join(fragments.values()))
    assert notebook.evaluate(looks) == before


@pytest.mark.parametrize("box", ["display: flex", "display: grid", "display: inline-block", "float: left"])
def test_a_fragment_is_not_squeezed_by_the_box_around_it(notebook: Page, fragments: dict[str, str], box: str) -> None:
    for kind in ("profile", "audit", "drift", "latent", "planner"):
        part = fragments[kind]
        notebook.set_content(f"{NOTEBOOK}<div style='{box}'><div>{part}</div></div>")
        width = notebook.locator("[data-colprofile]").evaluate("(e) => e.getBoundingClientRect().width")
        assert width >= 320 or width >= notebook.viewport_size["width"] - 40, (kind, width)  # type: ignore[index]
