"""Report: what tells a user how far work between tables has come, and ends it on Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, int, int | None], None]
"""(what is being done, steps done, steps in all or None); it raises where the work is to end."""
