"""The small parts of which a page has thousands, in Python because that is several times as fast as a template."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

from colprofile.report import text

_SPECIAL = re.compile("[&<>'\"]")


def _safe(value: object) -> str:
    """Return text with what HTML takes for markup escaped; most of it has nothing of the kind."""
    if isinstance(value, Markup):
        return str(value)
    line = str(value)
    return str(escape(line)) if _SPECIAL.search(line) else line


def names(anchors: Mapping[str, str]) -> Callable[..., Markup]:
    """Return the function that shows a column's name; one that has an anchor becomes a link.

    The name is visible, and isolated from the direction of what stands around it. A long one is cut, with the rest in
    its tooltip.
    """

    def name(column: str, is_linked: bool = True) -> Markup:
        anchor = anchors.get(column) if is_linked else None
        title = f' title="{_safe(text.visible(column, 1000))}"' if len(column) > text.NAME_WIDTH else ""
        inner = f'class="name"{title}><bdi>{_safe(text.visible(column))}</bdi>'
        return Markup(f'<a href="#{_safe(anchor)}" {inner}</a>' if anchor else f"<span {inner}</span>")

    return name


def figure(
    value: Any, show: Callable[[Any], str], reason: object = None, shown: str = "", interval: str = ""
) -> Markup:
    """Return a value as ``show`` has it, or as it is given in ``shown``.

    Without a value it is a dash, with the reason as tooltip and as text for screen readers; anything but text is no
    reason.
    """
    if value is None:
        why = _safe(text.visible(reason if isinstance(reason, str) else "not known", 300))
        hidden = f'<span aria-hidden="true">–</span><span class="unseen">undefined: {why}</span>'
        return Markup(f'<span class="none" title="{why}">{hidden}</span>')
    if interval:
        rough = f'<span title="from {_safe(interval)}">≈{_safe(show(value))}</span>'
        return Markup(f'{rough}<small class="interval">{_safe(interval)}</small>')
    return Markup(_safe(shown or show(value)))


def cell(
    value: Any,
    show: Callable[[Any], str],
    reason: object = None,
    kind: str = "",
    shown: str = "",
    interval: str = "",
    title: str = "",
    below: Markup | str = "",
) -> Markup:
    """Return a figure as a cell of a table, which sorts by its value, with ``below`` under it."""
    key = "" if value is None else _safe(value)
    classes = f"number {kind}" if kind else "number"
    tooltip = f' title="{_safe(title)}"' if title else ""
    inner = f"{figure(value, show, reason, shown, interval)}{_safe(below)}"
    return Markup(f'<td class="{classes}" data-key="{key}"{tooltip}>{inner}</td>')


def bar(share: float, maximum: float = 0) -> Markup:
    """Return a bar filled to a share; its pale part reaches to ``maximum``."""
    pale = _filled("maximum", maximum) if maximum else ""
    return Markup(f'<span class="bar" aria-hidden="true"><svg>{pale}{_filled("fill", share)}</svg></span>')


def _filled(part: str, share: float) -> str:
    return f'<rect class="{part}" width="{100 * share:.1f}%" height="100%" rx="2"/>'


def small(remark: str) -> Markup:
    """Return a remark that stands below a figure; nothing for an empty one."""
    return Markup(f"<small>{_safe(remark)}</small>") if remark else Markup("")
