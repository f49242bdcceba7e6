"""Parts of texts: first and last characters and words, lengths, what is before or after a separator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from colprofile.sources.identifiers import quote_literal
from colprofile.verbs.audit.computed.time_parts import Ids, Part
from colprofile.verbs.audit.literals import is_writable_text
from colprofile.verbs.sql_types import DIALECTS

_MOST_FIRST = 8
_MOST_LAST = 4
_SEPARATOR = re.compile(r"[^\w]|_")


def text_parts(name: str, column: str, texts: Sequence[str]) -> Iterator[Part]:
    """Yield the parts of texts that are shorter than the texts."""
    shortest = min(map(len, texts), default=0)
    is_ascii = all(text.isascii() for text in texts)

    def part(words: str, sql: str, of: Callable[[str], str]) -> Part:
        values = [of(text) for text in texts]
        _, numbers = np.unique(np.asarray(values, object), return_inverse=True)

        def written(places: Ids) -> list[str] | None:
            chosen = [values[place] for place in places.tolist()]
            return [quote_literal(value) for value in chosen] if all(map(is_writable_text, chosen)) else None

        return Part(
            f"{words} of {name}", numbers.astype(np.int64), dict.fromkeys(DIALECTS, sql) if sql else {}, written
        )

    for size in range(1, min(_MOST_FIRST, shortest - 1) + 1):
        sql = f"substr({column}, 1, {size})" if is_ascii else ""
        words = "first character" if size == 1 else f"first {size} characters"
        yield part(words, sql, lambda text, size=size: text[:size])  # type: ignore[misc]
    for size in range(1, min(_MOST_LAST, shortest - 1) + 1):
        sql = f"right({column}, {size})" if is_ascii else ""
        words = "last character" if size == 1 else f"last {size} characters"
        yield part(words, sql, lambda text, size=size: text[-size:])  # type: ignore[misc]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    sql = f"length({column})" if is_ascii else ""
    yield Part(
        f"length of {name}",
        lengths,
        dict.fromkeys(DIALECTS, sql) if sql else {},
        lambda places: [str(number) for number in lengths[places].tolist()],
    )
    for sign in _separators(texts):
        quoted = quote_literal(sign)
        shown = "the first space" if sign == " " else f"the first {sign}"
        yield part(f"part before {shown}", f"split_part({column}, {quoted}, 1)", lambda t, s=sign: t.split(s)[0])  # type: ignore[misc]
        if all(text.count(sign) == 1 for text in texts):
            yield part(f"part after {shown}", f"split_part({column}, {quoted}, 2)", lambda t, s=sign: t.split(s)[1])  # type: ignore[misc]
        else:
            shown = shown.replace("first", "last")
            yield part(f"part after {shown}", "", lambda t, s=sign: t.rsplit(s, 1)[-1])  # type: ignore[misc]


def _separators(texts: Sequence[str]) -> list[str]:
    """Return the signs between words that all texts have."""
    if not texts:
        return []
    return sorted({sign for sign in _SEPARATOR.findall(texts[0]) if all(sign in text for text in texts)})
