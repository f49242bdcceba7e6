"""What data are that come without a name, from their first bytes."""

from __future__ import annotations

import re

_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{\]"\d-])')
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def content_suffix(path: str) -> str:
    """Return ".json" or ".csv" for a file that is text; "" where the bytes are those of another format."""
    with open(path, "rb") as stream:
        head = stream.read(4096)
    if _JSON.match(head.removeprefix(b"\xef\xbb\xbf")):
        return ".json"
    is_binary = head.startswith((b"PAR1", b"PK\x03\x04", b"ARROW1", b"Obj\x01", b"ORC"))
    is_text = head.startswith(_UTF_16) or b"\0" not in head or _looks_like_utf_16(head)
    return ".csv" if is_text and not is_binary else ""


def _looks_like_utf_16(head: bytes) -> bool:
    """Whether every second byte is zero, as in Latin text in UTF-16 without a byte order mark."""
    return min(head[::2].count(0), head[1::2].count(0)) == 0 and head.count(0) > 0.4 * len(head)
