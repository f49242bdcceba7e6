"""Places on a column's axis as people read them: numbers as they are, microseconds as ISO text."""

from __future__ import annotations

import numpy as np


def place_text(place: float, kin: str) -> float | str:
    """Return a place of a column of this family (see ``family``) as a number or as text.

    >>> place_text(2.5, "number"), place_text(86_400e6, "moment"), place_text(5_400e6, "time")
    (2.5, '1970-01-02', '01:30:00')
    """
    if kin == "number" or abs(place) >= 2.0**62:
        return place
    microseconds = round(place)
    if kin == "moment":
        text = str(np.datetime64(microseconds, "us")).replace("T", " ")
        return _short(text).removesuffix(" 00:00:00")
    days, rest = divmod(microseconds, 86_400_000_000)
    return _short(str(np.datetime64(rest, "us")).partition("T")[2]) if days == 0 else place


def _short(text: str) -> str:
    """Return text without zeros at the end of its fraction."""
    return text.rstrip("0").rstrip(".") if "." in text else text
