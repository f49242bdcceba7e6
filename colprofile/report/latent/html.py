"""Latent classes as one self-contained HTML page, or as the compact fragment that a notebook shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from colprofile.report import reading, text
from colprofile.report.charts import HEIGHT, Chart
from colprofile.report.downloads import downloads
from colprofile.report.latent import summary
from colprofile.report.latent.curve import curve
from colprofile.report.page import Origin, Section, Tile, Title, render_notebook_fragment, render_page
from colprofile.results.latent import LatentClasses

FRAGMENT_TYPICAL = 5
PAGE_TYPICAL = 10
TABLES = ("classes", "Classes"), ("columns", "Columns"), ("candidates", "Numbers of classes")


def render_html(latent: LatentClasses) -> str:
    """Return latent classes as one self-contained HTML page."""
    found = (
        ("Search", f"1 to {latent.max_classes} classes, {text.plural(latent.restarts, 'restart')}, seed {latent.seed}"),
        ("Prior", f"Dirichlet, {latent.concentration:g} rows per class and per category"),
        ("Iterations", f"{len(latent.trace):,}{'' if latent.is_converged else ', still gaining'}"),
    )
    return render_page(
        "latent",
        _title(latent),
        Origin.of(latent, *found, notes=summary.LEGEND, skipped=latent.left_out),
        tiles=_tiles(latent),
        downloads=partial(downloads, latent, latent.provenance.table or latent.provenance.source, TABLES),
        sections=[
            Section("classes", "Classes", amount=text.count(len(latent.classes))),
            Section("number", "Number of classes"),
            Section("columns", "Columns", amount=text.count(len(latent.columns))),
        ],
        latent=latent,
        summary=summary,
        most=PAGE_TYPICAL,
        trace=_trace(latent.trace),
        curve=curve(latent),
    )


def render_fragment(latent: LatentClasses) -> str:
    """Return the compact report that a notebook shows: the classes and what is typical of them."""
    return render_notebook_fragment(
        "latent",
        _title(latent),
        'result.to_html("latent.html")',
        latent=latent,
        summary=summary,
        most=FRAGMENT_TYPICAL,
    )


def _tiles(latent: LatentClasses) -> list[Tile]:
    counts = ("Rows", latent.rows), ("Columns", len(latent.columns)), ("Classes", len(latent.classes))
    return [*((label, text.count(amount), "") for label, amount in counts), *summary.bounds(latent)]


def _title(latent: LatentClasses) -> Title:
    made = latent.provenance
    subtitle = " · ".join(filter(None, [reading.in_short(made), summary.shape(latent)]))
    warnings = reading.warnings(("input", made))
    return Title(summary.headline(latent), subtitle, (text.source_name(made),), warnings=warnings)


def _trace(elbos: Sequence[float]) -> Chart:
    """Return the ELBO by iteration as a line; without a path for a single point."""
    low, high = elbos[0], elbos[-1]
    first, last = (f"{elbo:,.3f}".replace("-", "−") for elbo in (low, high))
    path = ""
    if len(elbos) > 1 and high > low:
        path = "M" + "L".join(
            f"{100 * i / (len(elbos) - 1):.4g} {HEIGHT - (HEIGHT - 2) * (elbo - low) / (high - low) - 1:.4g}"
            for i, elbo in enumerate(elbos)
        )
    iterations = text.plural(len(elbos), "iteration")
    return Chart((("trace", path),), 100, f"The ELBO rises from {first} to {last}", first, last, iterations)
