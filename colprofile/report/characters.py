"""Characters that no one sees, that climb over their neighbours, or that a terminal cannot show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MARKS = 3
"""Combining marks in a row that a real script needs; more of them climb over the neighbouring lines."""

BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that look like nothing, such as the Hangul fillers."""

SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
"""They change the emoji before them in some terminals, and are an emoji of their own in others."""

VARIANTS = "\ufe0e\ufe0f"
"""They make the character before them narrow or wide, in some terminals."""

_ASCII = {
    ord(char): shown
    for chars, plain in (("█░▓", "#.="), ("▁▂▃▄▅▆▇", "_.,-=+*"), ("…–—−·×→↔", "~---.x>="), ("≈≥≤○⊗●", "~><oX@"))
    for char, shown in zip(chars, plain, strict=True)
}
"""What stands for the characters of a report where the encoding lacks them, each as wide as what it replaces."""

_KEEPER = 0xF0000
"""Added to a mark's code, it makes a private character, which is one cell wide."""

_KEPT = re.compile("[\U000f0000-\U0010ffff]")

_TERMINAL: ContextVar[str | None] = ContextVar("_TERMINAL", default=None)
"""The encoding of the terminal that text is made for; None for other places."""


@contextmanager
def for_terminal(encoding: str) -> Iterator[None]:
    """Within this context text is made for a terminal with an encoding; ``finished`` completes it.

    ``escaped`` escapes what the encoding lacks. Marks that are as wide as a letter in some terminals are held as
    private characters, one cell wide, so that no line is longer than its place, whatever the terminal thinks of them.
    """
    token = _TERMINAL.set(encoding)
    try:
        yield
    finally:
        _TERMINAL.reset(token)


def finished(text: str, encoding: str) -> str:
    """Return text that was made for a terminal with its marks, and ASCII in the place of what the encoding lacks.

    >>> finished("███░ 1,5 … 2×", "ascii"), finished("█ 2×", "latin-1")
    ('###. 1,5 ~ 2x', '# 2×')
    """
    text = _KEPT.sub(lambda kept: chr(ord(kept[0]) - _KEEPER), text)
    if _has(encoding, text):
        return text
    return "".join(char if _has(encoding, char) else _in_ascii(char) for char in text)


def _in_ascii(char: str) -> str:
    shown = char.translate(_ASCII)
    return shown if shown.isascii() else "?"


def _has(encoding: str, text: str) -> bool:
    """Whether an encoding has all characters of a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def escaped(text: str) -> str:
    r"""Return text with invisible characters escaped, marks at its beginning, and all but the first few in a row.

    >>> print(escaped("a\u200bb"), escaped("\u0301a"), escaped("\u3164"))
    a\u200bb \u0301a \u3164
    """
    chars: list[str] = []
    marks = MARKS
    terminal = _TERMINAL.get()
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") or (category == "Mc" and not chars) else 0
        is_shapeless = category[0] == "C" or category in ("Zl", "Zp") or marks > MARKS or char in BLANKS
        if terminal is not None and not is_shapeless:
            is_shapeless = char in SKIN_TONES or _is_wide_mark(char, category) or not _has(terminal, char)
        if is_shapeless:
            chars.append(char.encode("unicode_escape").decode("ascii"))
        elif terminal is not None and (category == "Mc" or char in VARIANTS):
            chars.append(chr(ord(char) + _KEEPER))
        else:
            chars.append(char)
    return "".join(chars)


def _is_wide_mark(char: str, category: str) -> bool:
    return category[0] == "M" and unicodedata.east_asian_width(char) in "WF"
