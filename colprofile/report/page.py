"""What every page and every notebook fragment is made with: the templates, the style sheet, the scripts that may run.

A page asks for nothing from any network, can be read without JavaScript, and its Content-Security-Policy allows only
the scripts and the style sheet that are ours, by their hashes, so that no name or value can run anything or hide
anything. No element has a style attribute: the policy forbids them too.

``templates/page.html`` and ``templates/fragment.html`` are the frames. A section of a page is a template of its wing,
named by the section's anchor; what fragments show is the wing's ``fragment.html``.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.resources
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from colprofile.report import reading, text
from colprofile.report.downloads import Downloads
from colprofile.report.glossary import Terms
from colprofile.report.reading import InputWarning
from colprofile.results.provenance import Provenance, SkippedColumn
from colprofile.results.summary import is_unseen_by_pearson

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

Tile = tuple[str, str, str]
"""A figure at the top of a page: label, figure, remark."""

Frame = Literal["page", "section"]
"""A page of its own, or the same as a section of another page."""

Fact = tuple[str, str]
"""A label and what stands next to it."""


@dataclass(frozen=True, slots=True)
class Title:
    """What stands at the top of a page or fragment.

    ``sources`` stand before the subtitle, with an arrow between them, where the heading is not the source itself.
    ``warnings`` are what has to be known of how the inputs were read.
    """

    heading: str
    subtitle: str
    sources: tuple[str, ...] = ()
    headline: str = ""
    warnings: Sequence[InputWarning] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a page: its anchor, what the navigation calls it, its heading, and how many things it lists."""

    anchor: str
    label: str
    heading: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a result comes from, which stands at the foot of its page."""

    facts: tuple[Fact, ...]
    version: str
    command: str | None
    notes: Sequence[str] = ()
    skipped: Sequence[SkippedColumn] = ()

    @classmethod
    def of(cls, result: Any, *facts: Fact, notes: Sequence[str] = (), skipped: Sequence[SkippedColumn] = ()) -> Origin:
        """Return the origin of a result with a provenance, ``facts`` and ``notes`` added to its own."""
        made: Provenance = result.provenance
        table = [] if made.table is None else [("Table", text.visible(made.table, 200))]
        own = (("Source", text.visible(made.source, 500)), *table, *reading.details(made), *facts)
        return cls(
            (*own, *created(made.created, made.duration, made.version)),
            made.version,
            made.command,
            (*notes, *result.notes),
            skipped,
        )


def created(when: str, duration: float, version: str) -> tuple[Fact, ...]:
    """Return when and by what version of colprofile a result was made, and how long that took."""
    return (
        ("Created", text.visible(when)),
        ("Duration", text.seconds(duration)),
        ("Version", f"colprofile {text.visible(version)}"),
    )


def render_page(
    wing: str,
    title: Title,
    origin: Origin,
    *,
    tiles: Sequence[Tile],
    sections: Sequence[Section],
    downloads: Callable[[], Downloads],
    drawings: Mapping[str, Any] | None = None,
    frame: Frame = "page",
    script: str | None = None,
    **values: Any,
) -> str:
    """Return a self-contained HTML page: the tiles, a section for each of ``sections``, and the origin at the foot.

    Parameters
    ----------
    wing
        The folder of the sections' templates.
    downloads
        Returns what the page's buttons write to files.
    drawings
        What Vega-Lite draws when it comes into view, by anchor; without it the page carries neither library nor script
        for that.
    frame
        "page" for the whole page, "section" for the same without its frame: a section of another page.
    script
        The wing's own script, by the name of its file.
    values
        What the sections' templates need.
    """
    from colprofile.report import vega

    common = {"wing": wing, "title": title, "origin": origin, "tiles": tiles, "sections": sections, **values}
    terms = Terms(is_page=True)
    if frame == "section":
        figures = vega.embedded(drawings) if drawings else None
        return rendered("section.html", terms=terms, figures=figures, **common)
    charts = [] if drawings is None else ["charts.js"]
    code = _script("report.js", *charts, *([] if script is None else [script]))
    return rendered(
        "page.html",
        terms=terms,
        downloads=downloads(),
        style=_page_style(),
        style_hash=_hash(_page_style()),
        script=code,
        hashes=[_hash(code), *([] if drawings is None else [vega.library_hash()])],
        drawings=None if drawings is None else vega.drawings(drawings),
        library="" if drawings is None else vega.packed_library(),
        **common,
    )


def render_notebook_fragment(
    wing: str, title: Title, page: str, left_out: int = 0, noun: str = "column", **values: Any
) -> str:
    """Return the compact report that a notebook shows; ``page`` is the call that writes the full one."""
    note = f"{text.plural(left_out, f'more {noun}')} not shown. " if left_out > 0 else ""
    terms = Terms(is_page=False)
    return rendered(
        "fragment.html", wing=wing, title=title, page=page, note=note, terms=terms, style=_style(), **values
    )


def rendered(template: str, *, anchors: Mapping[str, str] | None = None, **values: Any) -> str:
    """Return a template filled in; text that no UTF-8 can hold is replaced.

    ``anchors`` has the anchor of each column that has one: its name becomes a link.
    """
    from colprofile.report import cells

    page = _environment().get_template(template)
    places = anchors or {}
    filled = page.render(scope=_scope(), anchors=places, name=cells.names(places), **values)
    return filled.encode("utf-8", "replace").decode("utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    """Return the template environment: everything is escaped, an unknown name is an error."""
    import jinja2

    from colprofile.report import cells

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("colprofile.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(text=text, id=id, figure=cells.figure, cell=cells.cell, bar=cells.bar, small=cells.small)
    environment.filters["zipped"] = zip
    environment.tests["unseen_by_pearson"] = is_unseen_by_pearson
    return environment


@functools.cache
def _asset(name: str) -> Markup:
    """Return one of our own files as markup that is not escaped."""
    from markupsafe import Markup

    return Markup(importlib.resources.files("colprofile.report").joinpath("assets", name).read_text("utf-8"))


@functools.cache
def _scope() -> str:
    """Return the class below which every rule of the style sheet stands.

    It is made from the sheet itself: what a notebook shows together either has the same rules or has none in common,
    whichever versions wrote it and in whichever order.
    """
    return f"colprofile-{hashlib.sha256(_asset('report.css').encode('utf-8')).hexdigest()[:8]}"


@functools.cache
def _style() -> Markup:
    """Return the style sheet, each rule below the class that is its scope."""
    from markupsafe import Markup

    return Markup(str(_asset("report.css")).replace(".colprofile", f".{_scope()}"))


@functools.cache
def _page_style() -> Markup:
    """Return the style sheet of a whole page."""
    from markupsafe import Markup

    return Markup(f"{_style()}@page {{ margin: 1.1cm; }}\n")


@functools.cache
def _script(*names: str) -> Markup:
    """Return our own scripts as the one that a page runs."""
    from markupsafe import Markup

    return Markup("\n").join(_asset(name) for name in names)


@functools.cache
def _hash(content: Markup) -> str:
    """Return the hash by which the page's policy knows the content of a script or style element."""
    digest = hashlib.sha256(str(content).encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
