"""Hook of the documentation site: no page may ask another server for fonts, scripts, styles or images."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

LOG = logging.getLogger("mkdocs.plugins.external")

_LOADED = re.compile(
    r"<(?:script|img|iframe|source|link(?![^>]*rel=\"?canonical))\b[^>]*(?:src|href)=\"?(https?://[^\s\">]+)"
)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Warn about everything that a page would load from elsewhere: an error under ``--strict``."""
    for address in _LOADED.findall(output):
        LOG.warning("%s loads %s from another server", page.file.src_uri, address)
    return output
