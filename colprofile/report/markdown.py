"""What all Markdown reports share: text that GitHub shows as it is, tables, parts that are folded away."""

from __future__ import annotations

import re

from colprofile.report import text


def code(shown: str) -> str:
    r"""Return text as a code span that holds in a table: nothing in it is Markdown, HTML or a mention.

    >>> code("a|b"), code("x`y")
    ('`a\\|b`', '``x`y``')
    """
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    inner = shown.replace("|", "\\|")
    return f"{fence}{pad}{inner}{pad}{fence}"


def escaped(shown: str) -> str:
    r"""Return text that Markdown shows as it is.

    >>> escaped("<0.1 % of *x*")
    '&lt;0.1 % of \\*x\\*'
    """
    visible = text.visible(shown, 500) if shown else ""
    safe = visible.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return re.sub(r"([\\`*_\[\]|~#])(?!64;)", r"\\\1", safe)


def escaped_part(part: str) -> str:
    r"""Return a part of a sentence as Markdown, the spaces at its ends kept.

    >>> escaped_part(" *is* ")
    ' \\*is\\* '
    """
    core = part.strip(" ")
    if not core:
        return part
    lead, trail = len(part) - len(part.lstrip(" ")), len(part) - len(part.rstrip(" "))
    return " " * lead + escaped(core) + " " * trail


def fenced(title: str, shown: str) -> str:
    """Return a terminal report as Markdown: a heading and a block that nothing in it can end.

    >>> print(fenced("Audit", "a ``` b"), end="")
    ### Audit
    <BLANKLINE>
    ````text
    a ``` b
    ````
    """
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"### {escaped(title)}\n\n{fence}text\n{shown.rstrip()}\n{fence}\n"
