"""Every kind of page alike in a real Chromium: quiet, asks for nothing, fits, and axe finds nothing serious."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe

import colprofile
from tests.support import database_results, profiles
from tests.support.browser import Open, overflow, see_everything
from tests.support.tables import flights, zip_codes

# What axe takes grows with a page's texts: these columns have every kind of value, finding and drawing.
COLUMNS = (
    "year",
    "day",
    "sched_dep_time",
    "hour",
    "dep_delay",
    "carrier",
    "tailnum",
    "dest",
    "distance",
    "is_late",
    "remark",
)


def profile_page() -> str:
    return profiles.with_columns(profiles.flights_like(600), COLUMNS).to_html()


def estimated_page() -> str:
    return profiles.with_columns(profiles.estimated(), ["hour", "dep_delay", "carrier", "tailnum", "dest"]).to_html()


def hostile_page() -> str:
    return profiles.hostile().to_html()


def drift_page() -> str:
    frame = flights()
    return colprofile.drift(frame.iloc[:20_000], frame.iloc[200_000:220_000]).to_html()


def audit_page() -> str:
    return colprofile.audit(flights().iloc[:5_000], max_determinants=2).to_html()


def latent_page() -> str:
    columns = ["state", "zip_code_type", "timezone", "active"]
    return colprofile.latent_classes(zip_codes().iloc[:4_000], columns=columns, max_classes=3, restarts=1).to_html()


def facts_page() -> str:
    return profiles.facts().to_html()


SEEN = {"color-contrast", "link-in-text-block", "scrollable-region-focusable"}
"""Rules of axe that the width or the colours of a screen can break."""

SCREENS = [(375, "light"), (768, "dark"), (1440, "light")]
OTHER_SCREENS = [(375, "dark"), (768, "light"), (1440, "dark")]


def database_page() -> str:
    audit = database_results.hostile()
    return replace(audit, tables=audit.tables[:3]).to_html()


PAGES: dict[str, Callable[[], str]] = {
    "facts": facts_page,
    "profile": profile_page,
    "estimated": estimated_page,
    "hostile": hostile_page,
    "drift": drift_page,
    "audit": audit_page,
    "latent": latent_page,
    "database": database_page,
}


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that returns the file of a page, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def file(name: str) -> Path:
        path = folder / f"{name}.html"
        path.write_text(PAGES[name](), "utf-8")
        return path

    return file


@pytest.fixture(scope="module")
def planner_page(postgres_url: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = pd.DataFrame({"zip": [i % 50 for i in range(2000)], "city": [i % 50 // 5 for i in range(2000)]})
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    frame.to_sql("pages_places", engine, index=False, if_exists="replace")
    with engine.connect() as connection:
        connection.execute(sa.text("analyze pages_places"))
    engine.dispose()
    path = tmp_path_factory.mktemp("planner") / "planner.html"
    colprofile.planner(postgres_url, "pages_places").to_html(path)
    return path


def check(open_file: Open, path: Path, width: int, scheme: str, *, has_contrast: bool = True) -> None:
    """At the width between the others, where nothing comes that one of them has not, only what is seen is checked."""
    report = open_file(path, width=width, color_scheme=scheme, reduced_motion="reduce")
    see_everything(report.page)
    assert overflow(report.page) <= 0
    assert report.complaints == []
    assert len(report.requests) == 1
    options: dict[str, object] = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": has_contrast}}}
    if width == 768:
        options["runOnly"] = sorted(SEEN if has_contrast else SEEN - {"color-contrast"})
    found = Axe().run(report.page, options=options)
    assert [(v["id"], v["impact"], v["nodes"][0]["html"][:300]) for v in found.response["violations"]] == []


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_quiet_fits_and_is_accessible(
    open_file: Open, page_file: Callable[[str], Path], name: str, width: int, scheme: str
) -> None:
    # Measuring colours takes longest of all: hostile names have those of others, a narrow screen those of a wide one.
    check(open_file, page_file(name), width, scheme, has_contrast=name != "hostile" and width > 375)


@pytest.mark.parametrize(("width", "scheme"), OTHER_SCREENS)
def test_the_facts_are_accessible_on_every_screen(
    open_file: Open, page_file: Callable[[str], Path], width: int, scheme: str
) -> None:
    check(open_file, page_file("facts"), width, scheme)


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_planner_page_is_quiet_fits_and_is_accessible(
    open_file: Open, planner_page: Path, width: int, scheme: str
) -> None:
    check(open_file, planner_page, width, scheme)


OVERLAPS = """() => {
    const written = (node) => node.nodeType === 3 && node.data.trim();
    const elements = "h2, h3, p, li, dt, dd, th, td, summary, button, label";
    const lines = [...document.querySelectorAll(`main :is(${elements})`)]
        .filter((e) => e.checkVisibility() && e.getClientRects().length && !e.closest(".unseen, svg, .scroll, nav"))
        .flatMap((e) => [...e.childNodes].filter(written).map((node) => {
            const range = document.createRange();
            range.selectNodeContents(node);
            return [e, range.getBoundingClientRect()];
        }));
    const found = [];
    lines.forEach(([one, a], i) => lines.slice(i + 1).forEach(([two, b]) => {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (one !== two && across > 2 && down > 4) found.push([one, two].map((e) => e.textContent.slice(0, 40)));
    }));
    return found;
}"""


@pytest.mark.parametrize("width", [375, 768, 1440])
@pytest.mark.parametrize("name", ["facts", "hostile", "drift", "audit", "latent", "database"])
def test_no_text_lies_on_another(open_file: Open, page_file: Callable[[str], Path], name: str, width: int) -> None:
    page = open_file(page_file(name), width=width).page
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    assert page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_says_where_it_comes_from(page_file: Callable[[str], Path], name: str) -> None:
    page = page_file(name).read_text("utf-8")
    assert 'id="provenance"' in page
    for word in ("Created", "Duration", f"colprofile {colprofile.__version__}"):
        assert word in page
