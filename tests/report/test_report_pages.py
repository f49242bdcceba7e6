"""Every kind of page alike in a real Chromium: quiet, asks for nothing, fits, and axe finds nothing serious."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe

import colprofile
from tests.support import profiles
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


PAGES: dict[str, Callable[[], str]] = {
    "profile": profile_page,
    "estimated": estimated_page,
    "hostile": hostile_page,
    "drift": drift_page,
    "audit": audit_page,
    "latent": latent_page,
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
    report = open_file(path, width=width, color_scheme=scheme, reduced_motion="reduce")
    see_everything(report.page)
    assert overflow(report.page) <= 0
    assert report.complaints == []
    assert len(report.requests) == 1
    rules = {"color-contrast": {"enabled": has_contrast}}
    found = Axe().run(report.page, options={"resultTypes": ["violations"], "rules": rules})
    assert [(v["id"], v["impact"], v["nodes"][0]["html"][:300]) for v in found.response["violations"]] == []


@pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (1440, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_quiet_fits_and_is_accessible(
    open_file: Open, page_file: Callable[[str], Path], name: str, width: int, scheme: str
) -> None:
    # Hostile names have the colours of other names, and measuring them takes longest of all.
    check(open_file, page_file(name), width, scheme, has_contrast=name != "hostile")


@pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (1440, "dark")])
def test_planner_page_is_quiet_fits_and_is_accessible(
    open_file: Open, planner_page: Path, width: int, scheme: str
) -> None:
    check(open_file, planner_page, width, scheme)


@pytest.mark.parametrize("name", PAGES)
def test_page_says_where_it_comes_from(page_file: Callable[[str], Path], name: str) -> None:
    page = page_file(name).read_text("utf-8")
    assert 'id="provenance"' in page
    for word in ("Created", "Duration", f"colprofile {colprofile.__version__}"):
        assert word in page
