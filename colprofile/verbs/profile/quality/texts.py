"""What is probably wrong in a text column."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from colprofile.counting.dictionary import Positions
from colprofile.counting.hashes import group_numbers
from colprofile.counting.scratch import blocks
from colprofile.counting.texts import LEADING_ZERO, MIXED_CASE, OUTER_SPACE
from colprofile.results.quality import Severity, TextShape
from colprofile.results.quality_words import SPACES
from colprofile.verbs.profile.quality.column import MOST_VALUES, Fault, QualityColumn
from colprofile.verbs.profile.quality.numbers import is_zip_name
from colprofile.verbs.profile.quality.rereading import with_options
from colprofile.verbs.profile.quality.text_column import Mask, TextColumn
from colprofile.verbs.profile.quality.text_types import ISO, TextType, text_type

_MIXED_SHARE = 0.2
"""Where more values than this have a capital within a word, case has a meaning."""

_VARIANTS_READ = 10_000
_GROUPED = 1 << 22
"""Values that are put into groups at a time."""

_FEW_VALUES = 20
_FREQUENT = 0.05
_LETTERS = 3
_CODES = 3

_PATTERN_SHARE = 0.97
_PATTERN_ROWS = 50
_FREE_TEXT = 40
"""Characters from which on a column is prose, whose spaces and patterns are nobody's fault."""

_WIDTH_SHARE = 0.5
_LOST_MOST = 3

_UNITS = {
    **dict.fromkeys(["kg", "g", "mg", "lb", "lbs", "oz", "t", "st"], "mass"),
    **dict.fromkeys(
        ["km", "m", "cm", "mm", "mi", "mile", "miles", "ft", "feet", "in", "inch", "inches", "yd"], "length"
    ),
    **dict.fromkeys(["l", "ml", "cl", "dl", "gal", "pt", "qt"], "volume"),
    **dict.fromkeys(["ms", "s", "sec", "secs", "min", "mins", "h", "hr", "hrs", "hour", "hours", "minutes"], "time"),
    **dict.fromkeys(["d", "day", "days", "week", "weeks", "month", "months", "year", "years", "yr", "yrs"], "time"),
    **dict.fromkeys(["°c", "°f", "c", "f", "k"], "temperature"),
    **dict.fromkeys(["km/h", "kmh", "kph", "mph", "m/s", "kn", "knots"], "speed"),
    **dict.fromkeys(["b", "kb", "mb", "gb", "tb", "kib", "mib", "gib"], "data"),
    **dict.fromkeys(["hz", "khz", "mhz", "ghz"], "frequency"),
    **dict.fromkeys(["w", "kw", "mw", "hp", "ps"], "power"),
    **dict.fromkeys(["usd", "eur", "gbp", "chf", "jpy", "$", "€", "£", "¥"], "currency"),
}
"""Units, in small letters, and what they measure."""

_AMOUNT = re.compile(r"([$€£¥] ?)?[+-]?9([.,]9)* ?([aA°Å]+(/a)?|[$€£¥])?")
_UNIT_SHARE = 0.9


def text_issues(column: QualityColumn) -> tuple[TextShape | None, list[Fault]]:
    """Return what a text column looks like, and what is probably wrong in it."""
    text = TextColumn.of(column)
    return text.shape(), list(_issues(text))


def _issues(text: TextColumn) -> Iterator[Fault]:
    found = text_type(text)
    is_missing = text.clear_placeholders | text.possible_placeholders
    if found is not None:
        yield _stored_as_text(text, found)
        return
    units = list(_units(text))
    if units:
        yield from units
    if is_missing.any():
        yield from _placeholders(text)
    variants = _variants(text)
    if variants is not None:
        yield variants[1]
    yield from _leading_zeros(text)
    if not units:
        yield from _patterns(text, variants[0] if variants is not None else ~text.occurs)


def _stored_as_text(text: TextColumn, found: TextType) -> Fault:
    """Return the remark on numbers, dates or booleans; placeholders are among what would not convert."""
    fails = text.occurs & ~found.converts
    is_harmless = found.type == "BOOLEAN" or (found.format == ISO and not fails.any())
    detail = found.type if found.format in (None, ISO) else f"{found.type} {found.format}"
    severity: Severity = "low" if is_harmless else "medium"
    unclear = np.flatnonzero(fails & ~(text.clear_placeholders | text.possible_placeholders))
    fault = text.column.fault("stored_as_text", severity, np.flatnonzero(fails), detail=detail, corrected=unclear)
    return with_options(fault, text, found)


def _placeholders(text: TextColumn) -> Iterator[Fault]:
    chosen = np.flatnonzero(text.clear_placeholders | text.possible_placeholders)
    values = text.column.marginal.dictionary.values(chosen)
    is_kept = [not _is_ordinary(text, int(p), str(value)) for p, value in zip(chosen, values, strict=True)]
    chosen = chosen[np.array(is_kept, bool)]
    if chosen.size:
        is_clear = bool(text.clear_placeholders[chosen].any())
        yield with_options(text.column.fault("placeholder", "medium" if is_clear else "low", chosen), text)


def _is_ordinary(text: TextColumn, position: int, value: str) -> bool:
    """Whether a placeholder looks like the column's other values: NA among codes of countries, - beside +, ? in prose.

    Most others must have its length and pattern; signs are ordinary where more than a few values are one sign. Nan, a
    province of Thailand, is written as a name among many names.
    """
    others = text.is_value
    if not others.any() or not value.strip():
        return False
    if text.possible_placeholders[position]:
        return _is_category(text, position, value)
    if text.scan.letters[position]:
        is_one_of_few = int(np.count_nonzero(others)) <= _FEW_VALUES
        if value.istitle() and value.isalpha() and not is_one_of_few and _is_styled_alike(text, value):
            return True
        is_alike = (text.scan.patterns == text.scan.patterns[position]) & (text.scan.lengths == len(value)) & others
        return text.rows_of(is_alike) >= 0.5 * text.value_rows and int(np.count_nonzero(is_alike)) > 1
    signs = others & (text.scan.lengths == 1) & (text.scan.letters == 0)
    digits = text.has_pattern([n for n, pattern in text.pattern_texts.items() if pattern == "9"])
    amount = int(np.count_nonzero(signs & ~digits))
    return amount > 3 or (amount > 0 and amount * 2 >= int(np.count_nonzero(others)))


def _is_category(text: TextColumn, position: int, value: str) -> bool:
    """Whether 'none', 'unknown' and the like are written as most other values and are one of few, or frequent."""
    is_one_of_few = int(np.count_nonzero(text.is_value)) <= _FEW_VALUES
    return _is_styled_alike(text, value) and (
        is_one_of_few or int(text.counts[position]) >= _FREQUENT * text.value_rows
    )


def _is_styled_alike(text: TextColumn, value: str) -> bool:
    """Whether most other values have capitals and small letters as a value has."""
    alike = [n for n, pattern in text.pattern_texts.items() if _style(pattern) == _style(value)]
    return text.rows_of(text.has_pattern(alike) & text.is_value) >= 0.5 * text.value_rows


def _style(text: str) -> tuple[bool, bool]:
    """Return whether a text or its pattern has capitals and small letters."""
    return any(map(str.isupper, text)), any(map(str.islower, text))


def _variants(text: TextColumn) -> tuple[Mask, Fault] | None:
    """Return the values that differ in case or white space alone, and the remark on them."""
    is_unique = text.has_unique
    if is_unique and text.is_long:
        return None
    positions = _folded_alike(text)
    if not positions.size:
        return None
    positions = text.column.marginal.dictionary.first(positions, _VARIANTS_READ)
    has_case = np.count_nonzero(text.scan.flags[text.is_value] & MIXED_CASE) > _MIXED_SHARE * text.is_value.sum()
    members: dict[str, list[int]] = {}
    for position in positions.tolist():
        spelled = _spelled(text, position)
        members.setdefault(spelled if has_case else spelled.lower(), []).append(position)
    spellings = [group for group in members.values() if len(group) > 1]
    if is_unique:  # prose, whose spaces mean nothing
        spellings = [group for group in spellings if len({_spelled(text, position) for position in group}) > 1]
    shortest = [int(text.scan.letters[group[0]]) for group in spellings]
    if not spellings or (max(shortest) < _LETTERS and len(spellings) > _CODES):
        return None
    counts = text.counts
    rare, usual, worst, most = [], [], spellings[0], -1
    for group in spellings:
        group.sort(key=lambda position: -int(counts[position]))
        rows = int(counts[group[1:]].sum())
        rare += group[1:]
        usual += [group[0]] * (len(group) - 1)
        if rows > most:
            worst, most = group, rows
    is_variant = np.zeros(counts.size, bool)
    is_variant[[position for group in spellings for position in group]] = True
    issue = text.column.fault(
        "variants",
        "medium" if max(shortest) >= _LETTERS else "low",
        np.array(rare, np.int64),
        shown=np.array(worst[:MOST_VALUES], np.int64),
        detail=str(len(spellings)),
        corrected=np.array(usual, np.int64),
    )
    return is_variant, issue


def _folded_alike(text: TextColumn) -> Positions:
    """Return the values with letters that another one equals but for case and white space."""
    parts = np.uint64(1 + text.counts.size // _GROUPED)
    found = []
    for part in range(int(parts)):
        chosen = [
            np.flatnonzero(
                text.is_value[s] & (text.scan.letters[s] > 0) & (text.scan.folded[s] % parts == np.uint64(part))
            )
            + s.start
            for s in blocks(text.counts.size)
        ]
        positions = np.concatenate(chosen) if chosen else np.empty(0, np.int64)
        if positions.size > 1:
            groups = group_numbers(text.scan.folded[positions])
            found.append(positions[np.bincount(groups)[groups] > 1])
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _spelled(text: TextColumn, position: int) -> str:
    """Return a value without white space at the ends, and with one space between words."""
    begin, end = text.offsets[position : position + 2].tolist()
    return " ".join(text.data[begin:end].tobytes().decode("utf-8", "surrogateescape").split())


def _leading_zeros(text: TextColumn) -> Iterator[Fault]:
    """Yield codes of digits that are shorter than the others, where a leading zero is lost."""
    digits = text.has_pattern([n for n, pattern in text.pattern_texts.items() if pattern == "9"]) & text.is_value
    rows = text.rows_of(digits)
    if not rows or rows < 0.9 * text.value_rows:
        return
    lengths, flags = text.scan.lengths, text.scan.flags
    width = int(np.max(lengths, where=digits, initial=0))
    is_whole = digits & (lengths == width)
    is_lost = digits & (lengths < width) & (flags & LEADING_ZERO == 0)
    has_zeros = bool((flags[is_whole] & LEADING_ZERO).any())
    if width < 3 or not is_lost.any() or text.rows_of(is_whole) < _WIDTH_SHARE * rows:
        return
    is_short = digits & (lengths < width) & ~is_lost
    is_near = int(np.min(lengths, where=is_lost, initial=width)) >= max(1, width - _LOST_MOST)
    if is_near and not is_short.any() and (has_zeros or (width == 5 and is_zip_name(text.column.name))):
        yield text.column.fault("leading_zeros", "high", np.flatnonzero(is_lost), detail=str(width))


def _patterns(text: TextColumn, is_variant: Mask) -> Iterator[Fault]:
    """Yield values with white space at the ends, and a few values of other patterns than all others."""
    values = text.is_value
    if not text.value_rows or text.characters > _FREE_TEXT * text.value_rows:
        return
    is_outer = values & ((text.scan.flags & OUTER_SPACE) > 0) & ~is_variant
    if is_outer.any():
        yield text.column.fault("patterns", "low", np.flatnonzero(is_outer), detail=SPACES)
        return
    rows = text.rows_by_pattern(values)
    best = int(np.argmax(rows))
    pattern = text.pattern_texts.get(best, "")
    is_same = values & (text.patterns.number == best)
    widths = text.rows_by_length(is_same)
    is_fixed = widths.max() >= _PATTERN_SHARE * text.value_rows
    if text.value_rows < _PATTERN_ROWS or not is_fixed or "9" not in pattern or len(pattern) < 2:
        return
    is_other = values & ~is_same
    if is_other.any():
        yield text.column.fault("patterns", "medium", np.flatnonzero(is_other), detail=pattern)


def _units(text: TextColumn) -> Iterator[Fault]:
    """Yield amounts with several units of one measure."""
    numbers = [n for n, pattern in text.pattern_texts.items() if _AMOUNT.fullmatch(pattern) and len(pattern) > 1]
    chosen = text.has_pattern(numbers) & text.is_value
    if not numbers or text.rows_of(chosen) < _UNIT_SHARE * text.value_rows:
        return
    texts = text.texts(chosen)
    units = pc.utf8_lower(pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, r"[+-]?[0-9.,]+", "")))
    encoded = units.dictionary_encode()
    unit_of = np.frombuffer(encoded.indices.buffers()[1], np.int32, len(encoded), 4 * encoded.indices.offset)
    positions = np.flatnonzero(chosen)
    found = []
    for number, name in enumerate(encoded.dictionary.to_pylist()):
        if name in _UNITS:
            members = positions[unit_of == number]
            found.append((text.column.rows_of(members), name, members))
    measures = {_UNITS[name] for _, name, _ in found}
    rows = sum(amount for amount, _, _ in found)
    if len(found) < 2 or len(measures) != 1 or rows < _UNIT_SHARE * text.value_rows:
        return
    found.sort(key=lambda item: -item[0])
    rare = np.concatenate([members for _, _, members in found[1:]])
    shown = np.array([text.column.most_frequent(members)[0] for _, _, members in found], np.int64)
    yield text.column.fault(
        "units", "medium", rare, shown=shown, detail=", ".join(name for _, name, _ in found[:MOST_VALUES])
    )
