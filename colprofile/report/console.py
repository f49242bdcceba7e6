"""What all terminal reports share: the width, the colours, tables and names."""

from __future__ import annotations

import io
import os
import sys

from rich.console import Console, RenderableType


def as_text(report: RenderableType, *, width: int, color: bool | None) -> str:
    """Return what rich prints of a report on ``width`` cells, without spaces at the ends of lines."""
    if color is None:
        color = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=max(60, width),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    console.print(report)
    lines = [line.rstrip() for line in stream.getvalue().split("\n")]
    return "\n".join(lines).rstrip("\n") + "\n"
