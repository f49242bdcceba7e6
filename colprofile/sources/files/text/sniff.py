"""The dialect of a text file, guessed from its beginning."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from colprofile.sources.files.text import kernel, kinds
from colprofile.sources.files.text.dialect import Dialect
from colprofile.sources.files.text.memory import Numbers
from colprofile.sources.files.text.walker import Walker
from colprofile.sources.options import InputOptions

DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01")
_WEAK_DELIMITERS = (":", " ")
_LISTED = 2_000
_MOST_PREAMBLE = 60
_MOST_CLAUSES = 4
"""Lines that split at commas and blanks into so many fields are no sentences."""
_EMPTY_KINDS = [kinds.EMPTY, kinds.QUOTED_EMPTY, kinds.NULL_TEXT, kinds.SPACES]


@dataclass(frozen=True)
class Sample:
    """The beginning of a text file, after skipped lines; whether that is all of it."""

    data: bytes
    is_whole: bool


@dataclass(frozen=True)
class _Candidate:
    dialect: Dialect
    score: float


def list_records(sample: Sample, dialect: Dialect) -> Walker:
    """Return a walk that lists the first records of a sample."""
    walker = Walker(replace(dialect, has_loose_comments=False), 0, listed=_LISTED)
    walker.feed(np.frombuffer(sample.data, np.uint8), sample.is_whole)
    return walker


def guess_dialect(sample: Sample, options: InputOptions) -> Dialect:
    """Return the dialect of a sample, as far as the options leave it open."""
    comment, is_loose = options.comment or "", False
    rest = _without_comments(sample.data, "#") if _first_line(sample.data).startswith(b"#") else b""
    if options.comment is None and rest and not (options.header is False and _are_alike(sample.data, rest, options)):
        comment, is_loose = "#", True
    announced = _announced(sample.data) if options.delimiter is None else None
    decimal = options.decimal or "."
    base = Dialect("", comment=comment, decimal=decimal, thousands=options.thousands or "")
    base = replace(base, has_cr_ends=_has_cr_ends(sample, base))
    body = Sample(_without_comments(sample.data, comment), sample.is_whole)
    quotes = list(_quotings(body.data, options))
    if options.delimiter is not None or announced:
        given: Sequence[str] = [options.delimiter or announced or ""]
        found = _best(body, base, given, quotes, least=-1.0)
    else:
        strong = [sign for sign in DELIMITERS if sign not in (decimal, options.thousands)]
        found = _best(body, base, strong, quotes, is_ragged=options.ragged)
        found = found or _best(body, base, DELIMITERS, quotes, is_ragged=options.ragged)
        found = found or _best(body, base, _WEAK_DELIMITERS, quotes, is_weak=True)
    if found is None:
        found = _best(body, base, [""], quotes, least=-1.0)
    assert found is not None  # there is always a candidate above the least score
    found = replace(found, has_loose_comments=is_loose and found.delimiter != "")
    quoted = replace(found, quote='"', escape='"')
    if not found.quote and options.quote is None and _is_unclosed(body, quoted):
        found = quoted  # which is an error that the user should hear of
    return found


def _has_cr_ends(sample: Sample, dialect: Dialect) -> bool:
    """Whether lines end in CR alone: not where more of them end in LF."""
    if b"\r" not in sample.data:
        return False
    count = list_records(sample, dialect).count
    return bool(count[kernel.CR_ENDS] > count[kernel.LF_ENDS] + count[kernel.CRLF_ENDS])


def _first_line(data: bytes) -> bytes:
    return data.lstrip(b"\r\n").partition(b"\n")[0]


def _announced(data: bytes) -> str | None:
    """Return the delimiter that a first line such as ``sep=;`` announces, as Excel reads it."""
    line = _first_line(data).strip(b'"\r ')
    if line[:4].lower() == b"sep=" and len(line) in (4, 5):
        return line[4:].decode("ascii", "ignore") or "\t"
    return None


def _are_alike(data: bytes, rest: bytes, options: InputOptions) -> bool:
    """Whether a first line that begins with # has as many delimiters, if they are known, as the first that does not."""
    sign = (options.delimiter or "").encode()
    return bool(sign) and 0 < _first_line(data).count(sign) == _first_line(rest).count(sign)


def _without_comments(data: bytes, comment: str) -> bytes:
    """Return a sample without the comments that begin it."""
    while comment and data:
        line, end, rest = data.partition(b"\n")
        if not line.startswith(comment.encode()) and line.strip():
            break
        data = rest if end else b""
    return data


def _quotings(data: bytes, options: InputOptions) -> Iterable[tuple[str, str]]:
    """Yield pairs of quote and escape that a sample may have, the likely ones first."""
    if options.quote is not None:
        candidates = [options.quote]
    else:
        candidates = [quote for quote in ('"', "'") if quote.encode() in data]
        candidates = candidates if '"' in candidates else ['"', *candidates]
        if any(quote.encode() in data for quote in candidates):
            candidates.append("")
    for quote in candidates:
        yield quote, quote
        if b"\\" in data and any(b"\\" + sign in data for sign in (b'"', b"'", b",", b";", b"\t", b"|")):
            yield quote, "\\"


def _best(
    sample: Sample,
    base: Dialect,
    delimiters: Sequence[str],
    quotings: Sequence[tuple[str, str]],
    *,
    least: float = 0.5,
    is_weak: bool = False,
    is_ragged: bool = False,
) -> Dialect | None:
    """Return the dialect with the best score above the least."""
    best: _Candidate | None = None
    for delimiter, (quote, escape) in itertools.product(delimiters, quotings):  # the first of equals wins
        if delimiter and delimiter.encode() not in sample.data and least >= 0:
            continue
        dialect = replace(base, delimiter=delimiter, quote=quote, escape=escape)
        if not quote and len(quotings) > 1 and _quotes(sample, dialect):
            continue
        if delimiter not in ("", " ") and least >= 0:
            dialect = replace(dialect, skips_space=_is_spaced(sample, dialect))
        score = _score(sample, dialect, is_weak=is_weak, is_given=least < 0, is_ragged=is_ragged)
        if score >= least and (best is None or score > best.score + 1e-9):
            best = _Candidate(dialect, score)
    return best.dialect if best else None


def _score(sample: Sample, dialect: Dialect, *, is_weak: bool, is_given: bool, is_ragged: bool) -> float:
    """Return how well a dialect fits: the share of rows that have the usual fields, more where they are numbers."""
    walker = list_records(sample, dialect)
    found = walker.found[walker.found[:, 3] > 0]
    faults = walker[kernel.STRAY] / max(1, len(found))
    # Reading quotes as quotes is the better reading where all of them are.
    protected = 0.05 if dialect.quote and not faults else 0.0
    if dialect.escape == "\\" and not faults:
        protected -= 0.01
    if not len(found):
        return protected - faults
    start, width = table_start(found[:, 3])
    if width < 2 and not is_given:
        return -1.0
    if not is_given and dialect.delimiter == "," and (start, width) == (1, 2) and _are_decimals(sample, dialect):
        return -1.0
    rows = found[start:, 3]
    if len(rows) > 1 and rows[0] == width - 1:
        rows = rows[1:]  # a header that lacks the first column's name
    share = float((rows == width).mean())
    if len(rows) > 1 and (rows[1:] == width - 1).all():
        share = 1.0  # a delimiter after the names alone, or a name too many
    if not is_given and start and len(rows) < 2:
        return -1.0
    if is_ragged and width > 1:
        share = max(share, 0.5)
    is_prose = dialect.skips_space and width < _MOST_CLAUSES  # it has commas, and blanks after them
    if share < 0.5 and not is_weak and not is_prose and len(rows) > 1 and (rows[1:] > 1).mean() >= 0.5:
        share = 0.5  # a table, though its rows change their width: that is for the reader to say
    typed = _typed_share(sample, dialect, found[start:], width)
    if is_weak and not (share == 1.0 and len(rows) > 1 and _is_weak_table(sample, found, typed, width, dialect)):
        return -1.0
    titles = 0.3 if start else 0.0
    if is_prose:
        titles += 0.3
    return share / (1.0 + faults) + 0.5 * typed * share + 0.02 * math.log2(width) + protected - titles


def _is_weak_table(sample: Sample, found: Numbers, typed: float, width: int, dialect: Dialect) -> bool:
    """Whether lines that split at colons or spaces are rows of a table, rather than times or sentences."""
    whole = Walker(replace(dialect, delimiter=""), 1, listed=1)
    whole.feed(np.frombuffer(sample.data, np.uint8), sample.is_whole)
    texts = whole.kind_counts[0, kinds.TEXT]
    if texts < 0.5 * whole[kernel.GOOD]:
        return False
    return width >= 3 if dialect.delimiter == ":" else typed >= 0.4


def _are_decimals(sample: Sample, dialect: Dialect) -> bool:
    """Whether all lines below the first are numbers with a decimal comma, and the first is not: one column."""
    first, _, rest = sample.data.lstrip(b"\r\n").partition(b"\n")
    whole = Walker(replace(dialect, delimiter="", decimal=","), 1)
    whole.feed(np.frombuffer(rest, np.uint8), sample.is_whole)
    counts = whole.kind_counts[0]
    return b"," not in first and bool(counts[: kinds.NOT_FINITE].sum() == counts.sum() - counts[_EMPTY_KINDS].sum() > 0)


def _typed_share(sample: Sample, dialect: Dialect, found: Numbers, width: int) -> float:
    """Return the share of fields that are numbers, dates or the like, the first row left out, of up to 500 rows."""
    rows = found[1:501]
    if not len(rows):
        return 0.0
    data = np.frombuffer(sample.data[int(rows[0, 1]) : int(rows[-1, 2])] + b"\n", np.uint8)
    shares = []
    for decimal in {dialect.decimal, ",", "."} - {dialect.delimiter}:
        walker = Walker(replace(dialect, decimal=decimal), width)
        walker.feed(data, True)
        counts = walker.kind_counts.sum(axis=0)
        filled = counts.sum() - counts[_EMPTY_KINDS].sum()
        shares.append(float(1.0 - counts[kinds.TEXT] / filled) if filled else 0.0)
    return max(shares)


def table_start(widths: Numbers) -> tuple[int, int]:
    """Return which record is the table's first, after titles, and the number of its fields.

    Titles have one field, or are a few lines of fields that are fewer than those of all lines below.

    >>> table_start(np.array([1, 3, 3, 3])), table_start(np.array([1, 1, 2])), table_start(np.array([2, 2, 3, 3]))
    ((1, 3), (0, 1), (0, 2))
    """
    if not len(widths):
        return 0, 0
    if widths[0] >= 2:
        width = int(widths[0])
        # A header may lack the name of the first column; then every other record has one field more.
        if len(widths) > 1 and (widths[1:] == width + 1).all():
            return 0, width + 1
        return 0, width
    usual = Counter(widths[widths >= 2].tolist()).most_common(1)[0][0] if (widths >= 2).any() else 1
    for start in range(1, min(len(widths) - 1, _MOST_PREAMBLE)):
        if widths[start] >= 2 and abs(widths[start + 1] - widths[start]) <= 1:
            rest = widths[start + 1 :]
            width = int(widths[start])
            if (rest == width + 1).all():
                width += 1
            if (rest == width).sum() > 0.5 * len(rest) and width == usual:
                return start, width
            if (rest == width - 1).all():
                return start, width
            break
    return 0, 1


def _quotes(sample: Sample, dialect: Dialect) -> bool:
    """Whether double quotes go around whole fields wherever they begin one: then they are no part of the values."""
    if b'"' not in sample.data:
        return False
    walker = list_records(sample, replace(dialect, quote='"', escape='"'))
    return not walker[kernel.STRAY] and not walker[kernel.UNCLOSED_LINE]


def _is_unclosed(sample: Sample, dialect: Dialect) -> bool:
    """Whether a quote is not closed, and the others are as they should be."""
    walker = list_records(sample, dialect)
    return walker[kernel.UNCLOSED_LINE] > 0 and not walker[kernel.STRAY]


def _is_spaced(sample: Sample, dialect: Dialect) -> bool:
    """Whether a space follows every delimiter."""
    lines = [line for line in sample.data.splitlines()[:200] if dialect.delimiter.encode() in line]
    pieces = [piece for line in lines for piece in line.split(dialect.delimiter.encode())[1:] if piece]
    return len(pieces) > 0 and all(piece.startswith(b" ") and piece.strip() for piece in pieces)
