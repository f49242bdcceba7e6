"""What a field of a text file looks like: the kinds that tell the type of its column."""

from __future__ import annotations

from colprofile.compiled import compiled
from colprofile.sources.files.text.memory import byte_at

EMPTY, QUOTED_EMPTY, NULL_TEXT, SPACES = 0, 1, 2, 3
"""Fields that hold nothing: not even quotes, quotes only, a text that stands for a missing value, white space only."""

INTEGER, LARGE_INTEGER, HUGE_INTEGER, LEADING_ZERO, DECIMAL, NOT_FINITE = 4, 5, 6, 7, 8, 9
"""Numbers: an integer of 64 bits, of 38 digits, of more; one as 007 that an integer would change; with a fraction or
an exponent; nan and infinity."""

DATE, TIMESTAMP, ZONED_TIMESTAMP, TIME = 10, 11, 12, 13
"""As ISO 8601 has them: 2013-01-31, with a time of the day, with its zone; and 05:59:00."""

SHORT_DATE, SHORT_TIMESTAMP = 14, 15
"""With the year last: 1/31/2013, 31.1.13, and with a time of the day."""

LOWER_BOOLEAN, TITLE_BOOLEAN, UPPER_BOOLEAN = 16, 17, 18
"""true and false, True and False, TRUE and FALSE."""

TEXT = 19
KINDS = 20

DIGITS, WHOLE, SCALE, FLAGS = 8, 16, 24, 32
"""What a field tells besides its kind, by the bit where it begins: significant digits, digits before and after the
decimal point (at most 255 each), and flags."""

PADDED, GROUPED, EXPONENT = 1, 2, 4
"""Flags of numbers: white space around it, thousands separated, an exponent."""

NOT_DAY_FIRST, NOT_MONTH_FIRST, SLASH, DASH, DOT, SHORT_YEAR, LONG_YEAR = 8, 16, 32, 64, 128, 256, 512
"""Flags of short dates: no date where the day stands first, or the month; their separator and year."""

SECONDS, NO_SECONDS, HALF_DAY, WHOLE_DAY, LETTER_T = 1024, 2048, 4096, 8192, 16384
"""Flags of times: with seconds or without, with AM or PM or without, T before the time rather than a space."""

_LARGEST_POWER, _LEAST_POWER = 308, -320  # of ten: beyond them a double holds infinity or zero
_LARGEST = 9223372036854775807
_SURE_DIGITS = 15  # that a double always holds


@compiled
def kind_of(start: int, stop: int, decimal: int, thousands: int) -> int:
    """Return the kind of the field from address start to stop, which is not empty, and what more it tells.

    ``decimal`` and ``thousands`` are the bytes of numbers' separators, the first the lowest, 0 for none.
    """
    first, last = start, stop
    while first < last and (byte_at(first) == 32 or byte_at(first) == 9):
        first += 1
    if first == last:
        return SPACES
    while byte_at(last - 1) == 32 or byte_at(last - 1) == 9:
        last -= 1
    padded = PADDED << FLAGS if first != start or last != stop else 0
    sign = byte_at(first)
    if sign > 57:
        small = sign | 32
        may_be_word = small == 116 or small == 102 or small == 110 or small == 105  # true, false, nan, inf
        return (_word(first, last) if may_be_word else TEXT) | padded
    found = _number(first, last, decimal, thousands)
    if found == TEXT:
        found = _moment(first, last) if 48 <= sign <= 57 else _word(first, last)
    return found | padded


@compiled
def _word(start: int, stop: int) -> int:
    """Return the kind of a field of letters: a boolean, nan or infinity, or text."""
    length = stop - start
    if length > 9 or length < 3:
        return TEXT
    letters = small = 0
    for i in range(start, min(stop, start + 8)):
        letters = letters << 8 | byte_at(i)
        small = small << 8 | (byte_at(i) | 32)
    if (length == 4 and small == 0x74727565) or (length == 5 and small == 0x66616C7365):
        capitals = letters ^ small
        if capitals == 0:
            return LOWER_BOOLEAN
        if capitals == 0x20 << 8 * (length - 1):
            return TITLE_BOOLEAN
        return UPPER_BOOLEAN if capitals == 0x2020202020 >> 8 * (5 - length) else TEXT
    if length == 3 and (small == 0x6E616E or small == 0x696E66):
        return NOT_FINITE
    if length == 8 and small == 0x696E66696E697479:
        return NOT_FINITE
    if byte_at(start) == 43 or byte_at(start) == 45:
        found = _word(start + 1, stop) if 43 < byte_at(start + 1) != 45 else TEXT
        return found if found == NOT_FINITE else TEXT
    return TEXT


@compiled
def _number(start: int, stop: int, decimal: int, thousands: int) -> int:
    """Return the kind of a number, and TEXT where there is none."""
    i = start + 1 if byte_at(start) == 43 or byte_at(start) == 45 else start
    first = i
    while i < stop and 48 <= byte_at(i) <= 57:
        i += 1
    whole = i - first
    if i == stop:
        return _integer(first, whole) if whole else TEXT
    zero_first = whole > 1 and byte_at(first) == 48
    flags = scale = 0
    if whole and byte_at(i) == thousands & 255:
        if whole > 3:
            return TEXT
        while i < stop and byte_at(i) == thousands & 255:
            sign = thousands
            while sign:
                if i >= stop or byte_at(i) != sign & 255:
                    return TEXT
                i += 1
                sign >>= 8
            for j in range(i, i + 3):
                if j >= stop or not 48 <= byte_at(j) <= 57:
                    return TEXT
            i += 3
            whole += 3
        flags = GROUPED
    if i < stop and byte_at(i) == decimal:
        point = i
        i += 1
        while i < stop and 48 <= byte_at(i) <= 57:
            i += 1
        scale = i - point - 1
    if whole + scale == 0:
        return TEXT
    end = i
    if i < stop and (byte_at(i) | 32) == 101:
        i += 1
        is_negative = i < stop and byte_at(i) == 45
        if i < stop and (byte_at(i) == 43 or byte_at(i) == 45):
            i += 1
        exponent, digits = 0, i
        while i < stop and 48 <= byte_at(i) <= 57 and i - digits < 5:
            exponent = exponent * 10 + byte_at(i) - 48
            i += 1
        power = -exponent if is_negative else exponent + whole
        if i == digits or not _LEAST_POWER <= power <= _LARGEST_POWER:
            return TEXT
        flags |= EXPONENT
    if i < stop:
        return TEXT
    kind = DECIMAL
    if zero_first:
        kind = LEADING_ZERO
    elif flags == GROUPED and scale == 0 and whole <= 18:
        kind = INTEGER
    # Significant digits go from the first that is not 0 to the last.
    digits = significant = 0
    for i in range(first, end):
        byte = byte_at(i)
        if 48 <= byte <= 57 and (digits or byte != 48):
            digits += 1
            if byte != 48:
                significant = digits
    if flags & EXPONENT:
        significant = min(significant, _SURE_DIGITS)  # such numbers are doubles by nature, whatever was printed
    return kind | min(significant, 255) << DIGITS | min(whole, 255) << WHOLE | min(scale, 255) << SCALE | flags << FLAGS


@compiled
def _integer(first: int, digits: int) -> int:
    kind = INTEGER
    if digits > 1 and byte_at(first) == 48:
        kind = LEADING_ZERO
    elif digits > 38:
        kind = HUGE_INTEGER
    elif digits > 19:
        kind = LARGE_INTEGER
    elif digits == 19:
        number = 0
        for i in range(first, first + 18):
            number = number * 10 + byte_at(i) - 48
        if number > _LARGEST // 10 or (number == _LARGEST // 10 and byte_at(first + 18) > 55):
            kind = LARGE_INTEGER
    return kind | min(digits, 255) << DIGITS | min(digits, 255) << WHOLE


@compiled
def _moment(start: int, stop: int) -> int:
    """Return the kind of a date or time, which begins with a digit, and TEXT where there is none."""
    if stop - start > 40:
        return TEXT
    i = start
    while i < stop and 48 <= byte_at(i) <= 57:
        i += 1
    length = i - start
    if i == stop or length > 4:
        return TEXT
    separator = byte_at(i)
    if separator == 58:
        found = _time(start, stop)
        is_plain = found & 255 == 1 and not found >> FLAGS & HALF_DAY and found >> SCALE & 255 <= 6
        return TIME | found >> 8 << 8 if is_plain else TEXT
    if not 45 <= separator <= 47:
        return TEXT
    one, i = _digits(start, i), i + 1
    middle = i
    while i < stop and 48 <= byte_at(i) <= 57:
        i += 1
    if i - middle > 2 or i in (middle, stop) or byte_at(i) != separator:
        return TEXT
    two, i = _digits(middle, i), i + 1
    end = i
    while i < stop and 48 <= byte_at(i) <= 57:
        i += 1
    last = i - end
    if last == 0 or last > 4:
        return TEXT
    three = _digits(end, i)
    flags = 0
    if length == 4 and last <= 2 and separator != 46:
        if not _is_date(one, two, three):
            return TEXT
        kind = DATE
    elif length <= 2 and (last == 4 or (last == 2 and separator != 45)):
        year = three if last == 4 else 2000 + three
        day_first, month_first = _is_date(year, two, one), _is_date(year, one, two)
        if not (day_first or month_first):
            return TEXT
        flags |= (0 if day_first else NOT_DAY_FIRST) | (0 if month_first else NOT_MONTH_FIRST)
        flags |= SLASH if separator == 47 else DASH if separator == 45 else DOT
        flags |= LONG_YEAR if last == 4 else SHORT_YEAR
        kind = SHORT_DATE
    else:
        return TEXT
    if i == stop:
        return kind | flags << FLAGS
    if byte_at(i) != 32 and byte_at(i) != 84:
        return TEXT
    if byte_at(i) == 84:
        flags |= LETTER_T
    clock = _time(i + 1, stop)
    zoned, scale, half = clock & 255, clock >> SCALE & 255, clock >> FLAGS & HALF_DAY
    if zoned == 0 or scale > 9 or (zoned == 2 and scale > 6):
        return TEXT
    if kind == DATE:
        return TEXT if half else (TIMESTAMP + zoned - 1) | flags << FLAGS | clock >> 8 << 8
    return SHORT_TIMESTAMP | flags << FLAGS | clock >> 8 << 8 if zoned == 1 and scale == 0 else TEXT


@compiled
def _digits(start: int, stop: int) -> int:
    number = 0
    for i in range(start, stop):
        number = number * 10 + byte_at(i) - 48
    return number


@compiled
def _is_date(year: int, month: int, day: int) -> bool:
    if year < 1 or not 1 <= month <= 12 or day < 1:
        return False
    if month == 2:
        is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= (29 if is_leap else 28)
    return day <= (30 if month == 4 or month == 6 or month == 9 or month == 11 else 31)


@compiled
def _time(start: int, stop: int) -> int:
    """Return 1 for a time of the day, 2 for one with a zone, 0 for none: 5:59, 05:59:00.25, 5:59:00 PM, 05:59:00Z."""
    i = start
    while i < stop and i - start < 2 and 48 <= byte_at(i) <= 57:
        i += 1
    hour, parts = _digits(start, i), 1
    if i == start or hour > 23:
        return 0
    while i < stop and byte_at(i) == 58 and parts < 3:
        if i + 3 > stop or not (48 <= byte_at(i + 1) <= 53 and 48 <= byte_at(i + 2) <= 57):
            return 0
        i += 3
        parts += 1
    if parts == 1:
        return 0
    flags, scale = SECONDS if parts == 3 else NO_SECONDS, 0
    if parts == 3 and i + 1 < stop and byte_at(i) == 46 and 48 <= byte_at(i + 1) <= 57:
        point = i
        i += 1
        while i < stop and 48 <= byte_at(i) <= 57:
            i += 1
        scale = i - point - 1
    if i + 3 == stop and byte_at(i) == 32 and (byte_at(i + 2) | 32) == 109 and 1 <= hour <= 12:
        half = byte_at(i + 1) | 32
        return 1 | scale << SCALE | (flags | HALF_DAY) << FLAGS if half == 97 or half == 112 else 0
    zone = 1
    if i < stop:
        zone = 2 if (i + 1 == stop and byte_at(i) == 90) or _is_zone(i, stop) else 0
    return zone | scale << SCALE | (flags | WHOLE_DAY) << FLAGS


@compiled
def _is_zone(start: int, stop: int) -> bool:
    """Whether a text is an offset from UTC as +01, +01:00 or +0100."""
    length = stop - start
    if not (byte_at(start) == 43 or byte_at(start) == 45) or not (length == 3 or length == 5 or length == 6):
        return False
    for i in range(start + 1, stop):
        if length == 6 and i == start + 3:
            if byte_at(i) != 58:
                return False
        elif not 48 <= byte_at(i) <= 57:
            return False
    return _digits(start + 1, start + 3) <= 15
