"""Encodings of text files: which one it is, and the copy in UTF-8 of those that are something else."""

from __future__ import annotations

import codecs
import dataclasses

import numpy as np

from colprofile.errors import SourceError, shorten
from colprofile.sources.files.text.stream import BLOCK, TextStream, Undecodable
from colprofile.sources.workspace import Workspace
from colprofile.stopping import check

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WESTERN = "cp1252"
_CANDIDATES = (
    *("cp1252", "latin_1", "iso8859_15", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255"),
    *("cp1256", "mac_roman", "cp850", "cp437", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
)
_CENTRAL = ("cp1250", "iso8859_2", "iso8859_15", "cp1254", "mac_roman", "cp850", "cp437")
_OLD = ("mac_roman", "cp850", "cp437")
_FITTING = (_WESTERN, "cp1250", *_OLD)
_WITHIN_WORDS = "’‘–—\u00ad®™"
_SAMPLE = 1 << 16
_CONTROLS = bytes([*range(9), *range(14, 26)])
_HEAD = 1 << 12


def marked_encoding(head: bytes) -> tuple[str | None, int]:
    r"""Return the encoding that the first bytes tell and the size of their mark; None where they tell none.

    >>> marked_encoding(b"\xff\xfea\x00"), marked_encoding(b"a\x00,\x00b\x00\n\x00"), marked_encoding(b"a,b\n")
    (('utf-16-le', 2), ('utf-16-le', 0), (None, 0))
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, len(mark)
    even, odd = head[0:_HEAD:2].count(0), head[1:_HEAD:2].count(0)
    half = min(len(head), _HEAD) // 2
    if half and max(even, odd) >= 0.4 * half and min(even, odd) <= 0.05 * half:
        return ("utf-16-le" if odd > even else "utf-16-be"), 0
    return None, 0


def guess_encoding(stream: TextStream) -> str:
    """Return the encoding that a text which is not UTF-8 most likely has.

    Raises
    ------
    SourceError
        It is no text.
    """
    from charset_normalizer import from_bytes

    if any(byte in stream.read(0, _SAMPLE) for byte in _CONTROLS):
        raise SourceError(
            f"{shorten(stream.shown, 200)!r} is no text: it is not UTF-8 and has control characters; give its "
            "encoding= if it is text after all"
        )

    sample, size = [], 0
    with stream.open() as opened:
        rest = b""
        while size < _SAMPLE:
            check()
            block = opened.read(BLOCK)
            lines = (rest + block).split(b"\n")
            rest = lines.pop() if block else b""
            for line in lines:
                if not line.isascii() and size < _SAMPLE:
                    sample.append(line[:_HEAD])
                    size += len(sample[-1])
            if not block:
                break
    text = b"\n".join(sample)
    adjacent, others = _adjacency(text)
    is_western = adjacent < 0.3 * others and _decodes(text, _WESTERN)
    matches = from_bytes(text, cp_isolation=list(_CANDIDATES), threshold=0.4, enable_fallback=False)
    best = matches.best()
    if best is None:
        return _fitting(text) or (_WESTERN if _decodes(text, _WESTERN) else "latin-1")
    if adjacent < 0.3 * others:
        likely = _fitting(text)
        if likely is not None and (best.encoding in _OLD or likely != _WESTERN):
            return likely
    if is_western and best.encoding not in _CENTRAL:
        return _WESTERN
    for match in matches:
        # Western Europe, unless another reads clearly better: short samples say little.
        if (
            _WESTERN in match.could_be_from_charset
            and match.chaos <= best.chaos + 0.02
            and match.coherence >= best.coherence - 0.1
        ):
            return _WESTERN
    return codecs.lookup(best.encoding).name


def _adjacency(text: bytes) -> tuple[int, int]:
    """Return how many bytes beyond ASCII follow another, and how many there are: few do in languages of Latin letters.

    >>> _adjacency("né à Málaga".encode("cp1252")), _adjacency("Москва".encode("cp1251"))
    ((0, 3), (5, 6))
    """
    is_other = np.frombuffer(text, np.uint8) > 127
    return int((is_other[1:] & is_other[:-1]).sum()), int(is_other.sum())


def _fitting(text: bytes) -> str | None:
    """Return the encoding of Latin letters that gives words; the likely one of several, None where none is clear."""
    misfits = {name: _misfits(text, name) for name in _FITTING if _decodes(text, name)}
    return next((name for name, count in misfits.items() if not count), None)


def _misfits(text: bytes, encoding: str) -> int:
    """Return how many characters beyond ASCII do not fit in words: capitals after small letters, signs between letters.

    >>> _misfits("Málaga, año".encode("cp1252"), "cp1252"), _misfits("Málaga, año".encode("cp1252"), "mac_roman")
    (0, 2)
    """
    decoded = text.decode(encoding, "replace")
    around = zip(f" {decoded}", decoded, f"{decoded[1:]} ", strict=False)
    return sum(
        before.islower()
        if sign.isupper()
        else before.isalpha() and after.isalpha() and not sign.isalpha() and sign not in _WITHIN_WORDS
        for before, sign, after in around
        if not sign.isascii()
    )


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def to_utf8(stream: TextStream, encoding: str, workspace: Workspace, *, is_given: bool) -> TextStream:
    """Return a copy in UTF-8, in the workspace.

    Raises
    ------
    SourceError
        Bytes that are not of the encoding; the line is named.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    path = workspace.new_path(".txt")
    line = 1
    with stream.open() as opened, open(path, "wb") as copy:
        while True:
            check()
            block = opened.read(BLOCK)
            try:
                text = decoder.decode(block, not block)
                data = text.encode()
            except UnicodeError as error:
                before = getattr(error, "object", b"")[: getattr(error, "start", 0)]
                line += before.count("\n") if isinstance(before, str) else before.decode(encoding, "ignore").count("\n")
                raise undecodable(stream, encoding, Undecodable(line, _bytes_of(error), False), is_given) from None
            copy.write(data)
            line += text.count("\n")
            if not block:
                break
    return dataclasses.replace(stream, path=str(path), compression="none", begin=0)


def _bytes_of(error: UnicodeError) -> bytes:
    found = getattr(error, "object", b"")[getattr(error, "start", 0) : getattr(error, "end", 0)]
    return found if isinstance(found, bytes) else found.encode("utf-8", "surrogatepass")


def undecodable(stream: TextStream, encoding: str, found: Undecodable, is_given: bool) -> SourceError:
    """Return the error about bytes that are not of the encoding."""
    reason = "" if is_given else ", though other lines are" if encoding == "utf-8" else ", as which it was guessed"
    other = "cp1252" if encoding == "utf-8" else "latin-1"
    return SourceError(
        f"line {found.line:,} of {shorten(stream.shown)!r} has bytes ({found.data[:4].hex(' ')}) that are not "
        f"{encoding}{reason}: mend it, or give another encoding=, such as {other!r}"
    )
