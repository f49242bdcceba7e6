"""What every page of ours is made with: the templates, the style sheet, and the one script that may run.

A page asks for nothing from any network, can be read without JavaScript, and its Content-Security-Policy allows the
one script that is ours, so that no name or value can run anything.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


def rendered(template: str, **values: Any) -> str:
    """Return a template filled in; text that no UTF-8 can hold is replaced."""
    page = _environment().get_template(template).render(**values)
    return page.encode("utf-8", "replace").decode("utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    """Return the template environment: everything is escaped, an unknown name is an error."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("colprofile.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def asset(name: str) -> Any:
    """Return one of our own files as markup that is not escaped."""
    from markupsafe import Markup

    return Markup(importlib.resources.files("colprofile.report").joinpath("assets", name).read_text("utf-8"))


@functools.cache
def script(*names: str) -> Any:
    """Return our own scripts as the one that a page runs."""
    from markupsafe import Markup

    return Markup("\n").join(asset(name) for name in names)


@functools.cache
def script_hash(*names: str) -> str:
    """Return the hash by which the page's policy knows the one script it may run; ``report.js`` if none is named."""
    digest = hashlib.sha256(str(script(*names or ("report.js",))).encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
