"""Parts of texts: first and last characters and words, lengths, what is before or after a separator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from colprofile.counting.dictionary import Dictionary, Positions, arrow_positions, numbers_of
from colprofile.sources.identifiers import quote_literal
from colprofile.verbs.audit.computed.time_parts import Ids, Part
from colprofile.verbs.audit.literals import is_writable_text
from colprofile.verbs.sql_types import DIALECTS

_MOST_FIRST = 8
_MOST_LAST = 4
_SEPARATOR = re.compile(r"[^\w]|_")

_LONE_BYTES = {0xDC80 + byte: 0x10FF80 + byte for byte in range(128)}
"""Characters of private use for bytes that are no UTF-8, which Arrow's texts cannot hold."""
_AS_GIVEN = {private: byte for byte, private in _LONE_BYTES.items()}

Compute = Callable[[pa.Array], Any]


def text_array(dictionary: Dictionary, positions: Positions) -> pa.Array:
    """Return the texts at positions of a dictionary, large_string[positions]."""
    offsets, data = dictionary.texts()
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    texts = pa.Array.from_buffers(pa.large_string(), dictionary.size, buffers)
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        values = dictionary.values(np.arange(dictionary.size))
        texts = pa.array([str(value).translate(_LONE_BYTES) for value in values], pa.large_string())
    return _at(texts, positions)


def text_parts(name: str, column: str, texts: pa.Array) -> Iterator[Part]:
    """Yield the parts of texts (large_string[values]) that are shorter than the texts."""
    lengths = pc.utf8_length(texts)
    shortest = pc.min(lengths).as_py() or 0
    is_ascii = pc.all(pc.string_is_ascii(texts)).as_py()

    def part(words: str, sql: str, compute: Compute) -> Part:
        by_dialect = dict.fromkeys(DIALECTS, sql) if sql else {}
        return Part(
            f"{words} of {name}",
            len(texts),
            lambda places: _numbers(compute(_at(texts, places))),
            by_dialect,
            lambda places: _literals(compute(_at(texts, places)).to_pylist()),
        )

    for size in range(1, min(_MOST_FIRST, shortest - 1) + 1):
        sql = f"substr({column}, 1, {size})" if is_ascii else ""
        words = "first character" if size == 1 else f"first {size} characters"
        yield part(words, sql, partial(pc.utf8_slice_codeunits, start=0, stop=size))
    for size in range(1, min(_MOST_LAST, shortest - 1) + 1):
        sql = f"right({column}, {size})" if is_ascii else ""
        words = "last character" if size == 1 else f"last {size} characters"
        yield part(words, sql, partial(pc.utf8_slice_codeunits, start=-size))
    yield part("length", f"length({column})" if is_ascii else "", pc.utf8_length)
    for sign in _separators(texts):
        quoted = quote_literal(sign)
        shown = "the first space" if sign == " " else f"the first {sign}"
        yield part(
            f"part before {shown}", f"split_part({column}, {quoted}, 1)", partial(_piece, sign, 0, is_last=False)
        )
        if pc.all(pc.equal(pc.count_substring(texts, sign), 1)).as_py():
            sql = f"split_part({column}, {quoted}, 2)"
            yield part(f"part after {shown}", sql, partial(_piece, sign, 1, is_last=False))
        else:
            shown = shown.replace("first", "last")
            yield part(f"part after {shown}", "", partial(_piece, sign, 1, is_last=True))


def _at(texts: pa.Array, places: Positions) -> pa.Array:
    return texts if places.size == len(texts) else texts.take(arrow_positions(places))


def _piece(sign: str, number: int, texts: pa.Array, *, is_last: bool) -> pa.Array:
    """Return what is before (0) or after (1) the first or last sign of texts that all have it."""
    return pc.list_element(pc.split_pattern(texts, sign, max_splits=1, reverse=is_last), number)


def _numbers(parts: pa.Array) -> Ids:
    """Return the places of parts among the different ones in their order, int64[parts]."""
    encoded = pc.dictionary_encode(parts)
    order = numbers_of(pc.sort_indices(encoded.dictionary))
    ranks = np.empty(order.size, np.int64)
    ranks[order] = np.arange(order.size)
    return np.asarray(ranks[numbers_of(encoded.indices)])


def _literals(parts: list[str | int]) -> list[str] | None:
    parts = [part.translate(_AS_GIVEN) if isinstance(part, str) else part for part in parts]
    if not all(isinstance(value, int) or is_writable_text(value) for value in parts):
        return None
    return [str(value) if isinstance(value, int) else quote_literal(value) for value in parts]


def _separators(texts: pa.Array) -> list[str]:
    """Return the signs between words that all texts have."""
    if not len(texts):
        return []
    signs = set(_SEPARATOR.findall(texts[0].as_py()))
    return sorted(sign for sign in signs if pc.all(pc.match_substring(texts, sign)).as_py())
