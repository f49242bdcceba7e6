"""What a page needs to draw with Vega-Lite: the packed library, the specifications, and the figures.

The static drawings are what everybody gets: without a script, in print, in a notebook. Where scripts run, those that
come into view are drawn anew by Vega-Lite, with the figures of each cell under the pointer and axes to zoom. The
library travels gzipped within the page (0.4 MB instead of 0.9) and is unpacked when the first drawing comes into view,
so that it costs no reader a moment before.

The packed library is part of this package. ``python -m colprofile.report.vega`` (``make vega``) makes it again from
vl-convert-python, which takes seconds and is not needed to write reports.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import importlib.resources
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markupsafe import Markup

PACKED = "vega.js.gz"
EXPOSED = "window.vegaEmbed = vegaEmbed;"
"""All that our script needs of the library."""

LICENCE = "Vega, Vega-Lite and vega-embed: Copyright University of Washington Interactive Data Lab, BSD-3-Clause"


@functools.cache
def packed_library() -> str:
    """Return the gzipped library in base64."""
    return base64.b64encode(_packed()).decode("ascii")


@functools.cache
def library_hash() -> str:
    """Return the hash by which a page's policy knows the unpacked library."""
    digest = hashlib.sha256(gzip.decompress(_packed())).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _packed() -> bytes:
    return importlib.resources.files("colprofile.report").joinpath("assets", PACKED).read_bytes()


@functools.cache
def specifications() -> dict[str, Any]:
    """Return the Vega-Lite specifications by name, without data and without the address of their schema."""
    folder = importlib.resources.files("colprofile.report").joinpath("assets")
    found = {name: json.loads(folder.joinpath(f"{name}.vl.json").read_text("utf-8")) for name in SPECIFICATIONS}
    return {name: {key: part for key, part in spec.items() if key != "$schema"} for name, spec in found.items()}


SPECIFICATIONS = ("bins", "values", "joint")


def drawings(figures: Mapping[str, Any]) -> Markup:
    """Return the figures by their anchor with the specifications, as a page carries them."""
    return embedded({"specifications": specifications(), "figures": figures})


def embedded(data: Any) -> Markup:
    """Return JSON as markup for a script element of type application/json: nothing in it can end the element."""
    from markupsafe import Markup

    line = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return Markup(line.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def main() -> None:
    """Pack the library anew, next to this file."""
    import vl_convert

    library = f"/* {LICENCE} */\n{vl_convert.javascript_bundle(EXPOSED)}"
    target = Path(__file__).parent / "assets" / PACKED
    target.write_bytes(gzip.compress(library.encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    main()
