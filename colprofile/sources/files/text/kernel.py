"""The walk over the bytes of a text file: its records, their fields, and what each column holds.

One function gives records their meaning. It serves the guess of the dialect, the count, the types, and the copy in
plain CSV that is made of files which DuckDB would have to guess at.
"""

from __future__ import annotations

from colprofile.compiled import compiled
from colprofile.sources.files.text import kinds
from colprofile.sources.files.text.kinds import kind_of
from colprofile.sources.files.text.memory import Numbers, byte_at, put_byte

WIDTH, QUOTE, ESCAPE, SKIP_SPACE, PAD, DECIMAL, THOUSANDS, LOOSE_COMMENTS, LAST, CR_ENDS_LINES = range(10)
"""What ``walk`` is told: the fields that a record should have (0: list every record), the bytes of the quote and the
escape (-1: none), whether spaces before a field are no part of it, whether records of other widths are read, the
separators of numbers, whether records are comments only where they have another width, after how many good records to
stop (0: at the end), whether a CR without LF ends a record."""
ORDERS = 10

(
    LINE, GOOD, ODD, BLANK, COMMENTS, REPEATED, STRAY, STRAY_LINE, CR_ENDS, LF_ENDS, CRLF_ENDS, LONGEST, UNCLOSED_LINE,
    LAST_GOOD_LINE, MOST_FIELDS, QUOTED_LINES, QUOTED_LINE, LISTED, WRITTEN, BASE, ESCAPED, REPEATED_LINE, QUOTED, CRS,
) = range(24)  # fmt: skip
"""What ``walk`` counts, over all calls: lines; records that are good, of another width, blank, comments, like the
header; fields with text after their closing quote, and the first one's line; line ends by kind; bytes of the longest
record; the line of a quote that never closes; the line of the last good record; the most fields of a record; the most
lines of one field, and its line; entries of ``found``; bytes written; the file's bytes before this block; fields with
escapes; the line of the first record like the header; quoted fields; CRs within unquoted fields."""
COUNTERS = 24

FOUND = 5
"""Columns of ``found``: line, first byte, last byte + 1 (both of the file), fields (0: blank, -1: comment), number of
the record among the good ones."""

IS_QUOTED, IS_ESCAPED, IS_STRAY = 1, 2, 4

MOST_DIGITS, MOST_WHOLE, MOST_SCALE, LEAST_SCALE, ALL_FLAGS, UNQUOTED, LAST_TOLD = range(7)
"""Columns of ``extremes``: the most significant digits, digits before and after the decimal point; the fewest after
it where there is a fraction or an exponent; flags of ``kinds``; fields that are not quoted; what
the last field told."""
EXTREMES = 7


@compiled
def walk(
    data: int,
    size: int,
    is_last: bool,
    orders: Numbers,
    texts: Numbers,
    null_ends: Numbers,
    count: Numbers,
    found: Numbers,
    fields: Numbers,
    kind_counts: Numbers,
    first_lines: Numbers,
    first_bytes: Numbers,
    extremes: Numbers,
    out: int,
    out_size: int,
) -> int:
    """Walk over the whole records of a block and return how many bytes they have.

    Parameters
    ----------
    data, size, is_last
        The block, from the start of a record; whether the file ends with it.
    orders
        int64[ORDERS]: how to read.
    texts, null_ends
        int64[4, 2]: address and size of the delimiter, of what begins a comment, of a record that repeats the header,
        and of the texts that stand for a missing value, one after the other; where each of these ends.
    count, found
        int64[COUNTERS] and int64[n, FOUND]: odd records are listed while there is room, all where no width is told.
    fields
        int64[columns, 3]: room for the fields of one record: start, stop, flags.
    kind_counts, first_lines, first_bytes
        int64[columns, KINDS]: how often each kind occurs, the line of the first, and its byte in the file.
    extremes
        int64[columns, EXTREMES]: see there.
    out, out_size
        Room for the copy in plain CSV, of size 0 where no copy is made.
    """
    width, quote, escape = orders[WIDTH], orders[QUOTE], orders[ESCAPE]
    skip_space, pad = orders[SKIP_SPACE], orders[PAD]
    decimal, thousands, loose_comments = orders[DECIMAL], orders[THOUSANDS], orders[LOOSE_COMMENTS]
    last, cr_ends = orders[LAST], orders[CR_ENDS_LINES]
    delimiter, room = texts[0, 0], texts[0, 1]
    comment, comment_size = texts[1, 0], texts[1, 1]
    header, header_size = texts[2, 0], texts[2, 1]
    columns = fields.shape[0]
    sign = byte_at(delimiter) if room else -1
    backslash = escape if escape != quote else -1
    start, data_end = data, data + size
    while start < data_end and (last == 0 or count[GOOD] < last):
        lines = number = has_stray = crs = 0
        position, is_done = start, False
        is_comment = comment_size > 0 and _begins(start, data_end, comment, comment_size)
        if is_comment and not loose_comments:
            while position < data_end and byte_at(position) != 10 and byte_at(position) != 13:
                position += 1
            number, is_done = -1, position < data_end or is_last
        while number >= 0:
            first, flags = position, 0
            while skip_space and first < data_end and byte_at(first) == 32:
                first += 1
            position = first
            if sign == 32 and skip_space and number and (first == data_end or byte_at(first) < 14):
                if first == data_end and not is_last:
                    break
                is_done = True  # spaces at the end of a line separate nothing
                break
            if quote >= 0 and first < data_end and byte_at(first) == quote:
                flags, stop, position, more = _quoted(first, data_end, quote, escape, cr_ends)
                if position > data_end or (position == data_end and not is_last):
                    if position > data_end and is_last:
                        count[UNCLOSED_LINE] = count[LINE] + lines + 1
                    break
                lines += more
                if more >= count[QUOTED_LINES]:
                    count[QUOTED_LINES], count[QUOTED_LINE] = more + 1, count[LINE] + lines - more + 1
                while skip_space and sign != 32 and position < data_end and byte_at(position) == 32:
                    position += 1
            rest = position
            byte = -1
            while position < data_end:
                byte = byte_at(position)
                if byte == sign and (room == 1 or _begins(position, data_end, delimiter, room)):
                    break
                if byte == 10:
                    break
                if byte == 13:
                    after = position + 1
                    while not cr_ends and after < data_end and byte_at(after) == 13:
                        after += 1
                    if cr_ends or after == data_end or byte_at(after) == 10:
                        crs += after - position - 1
                        break
                    crs += 1
                if byte == backslash and position + 1 < data_end:
                    flags |= IS_ESCAPED
                    position += 1
                    if byte_at(position) == 13 and position + 1 < data_end and byte_at(position + 1) == 10:
                        position += 1
                    if byte_at(position) == 10 or (byte_at(position) == 13 and cr_ends):
                        lines += 1
                position += 1
            if not flags & IS_QUOTED:
                stop = position
                while skip_space and stop > first and byte_at(stop - 1) == 32:
                    stop -= 1
            elif position == rest:
                first += 1
            else:
                # Text after a closing quote: quotes are part of the value, except for a pair around all of it.
                has_stray = 1
                if byte_at(position - 1) == quote:
                    first, stop, flags = first + 1, position - 1, IS_QUOTED | IS_STRAY
                else:
                    stop, flags = position, IS_STRAY
            if position >= data_end and not is_last:
                break
            if number < columns:
                fields[number, 0], fields[number, 1], fields[number, 2] = first, stop, flags
            number += 1
            if position >= data_end or byte == 10 or byte == 13:
                is_done = True
                break
            position += room
            if position >= data_end and is_last:
                if not (sign == 32 and skip_space):  # a delimiter ends the file: an empty field follows
                    if number < columns:
                        fields[number, 0], fields[number, 1], fields[number, 2] = data_end, data_end, 0
                    number += 1
                is_done = True
                break
        if not is_done:
            break
        ended_by, end = 0, min(position, data_end)
        length = end - start
        if end < data_end:
            ended_by = LF_ENDS
            if byte_at(end) == 13:
                while not cr_ends and end + 1 < data_end and byte_at(end + 1) == 13:
                    end += 1
                if end + 1 == data_end and not is_last:
                    break
                ended_by = CR_ENDS
                if end + 1 < data_end and byte_at(end + 1) == 10:
                    ended_by = CRLF_ENDS
                    end += 1
            end += 1
        if number == 1 and width != 1 and not fields[0, 2] & IS_QUOTED and _is_space(start, start + length):
            number = 0
        if is_comment and number != width and width:
            number = -1
        is_good = number > 0 and (number == width or (pad and width > 0))
        if is_good and out_size and count[WRITTEN] + 2 * length + 4 * columns + 8 > out_size:
            break
        line = count[LINE] + 1
        count[LINE] += lines + 1
        if ended_by:
            count[ended_by] += 1
        if length > count[LONGEST]:
            count[LONGEST] = length
        if number > count[MOST_FIELDS]:
            count[MOST_FIELDS] = number
        count[CRS] += crs
        if has_stray:
            count[STRAY] += 1
            if count[STRAY_LINE] == 0:
                count[STRAY_LINE] = line
        if is_good and length == header_size and length and _begins(start, data_end, header, header_size):
            count[REPEATED] += 1
            if count[REPEATED] == 1:
                count[REPEATED_LINE] = line
        if is_good:
            count[GOOD] += 1
            count[LAST_GOOD_LINE] = line
            at = out + count[WRITTEN]
            for j in range(min(number, columns)):
                first, stop, flags = fields[j, 0], fields[j, 1], fields[j, 2]
                if first >= stop:
                    told = kinds.QUOTED_EMPTY if flags & IS_QUOTED else kinds.EMPTY
                elif null_ends.size and _is_null(first, stop, texts[3, 0], null_ends):
                    told = kinds.NULL_TEXT
                elif flags & (IS_ESCAPED | IS_STRAY):
                    told = kinds.TEXT
                    count[ESCAPED] += 1
                else:
                    told = kind_of(first, stop, decimal, thousands)
                kind = told & 255
                if kind_counts[j, kind] == 0:
                    first_lines[j, kind] = line
                    first_bytes[j, kind] = count[BASE] + first - data
                kind_counts[j, kind] += 1
                if flags & IS_QUOTED:
                    count[QUOTED] += 1
                elif kind > kinds.SPACES:
                    extremes[j, UNQUOTED] += 1
                if told != extremes[j, LAST_TOLD]:  # most fields are like the one above them
                    extremes[j, LAST_TOLD] = told
                    for i in range(3):
                        extremes[j, i] = max(extremes[j, i], told >> 8 * (i + 1) & 255)
                    extremes[j, ALL_FLAGS] |= told >> kinds.FLAGS
                    if kind == kinds.DECIMAL:
                        extremes[j, LEAST_SCALE] = min(extremes[j, LEAST_SCALE], told >> kinds.SCALE & 255)
                if out_size:
                    if j:
                        put_byte(at, 44)
                        at += 1
                    if kind != kinds.NULL_TEXT:
                        at = _write(first, stop, flags, quote, escape, delimiter, room, at)
            if out_size:
                for _ in range(number, columns):
                    put_byte(at, 44)
                    at += 1
                put_byte(at, 10)
                count[WRITTEN] = at + 1 - out
        elif number == 0:
            count[BLANK] += 1
        elif number < 0:
            count[COMMENTS] += 1
        else:
            count[ODD] += 1
        if (width == 0 or (number > 0 and not is_good)) and count[LISTED] < found.shape[0]:
            i = count[LISTED]
            found[i, 0], found[i, 1], found[i, 2] = (
                line,
                count[BASE] + start - data,
                count[BASE] + start - data + length,
            )
            found[i, 3], found[i, 4] = number, count[GOOD]
            count[LISTED] += 1
        start = end
    return start - data


@compiled
def _begins(start: int, end: int, text: int, size: int) -> bool:
    if start + size > end:
        return False
    for i in range(size):
        if byte_at(start + i) != byte_at(text + i):
            return False
    return True


@compiled
def _is_space(start: int, stop: int) -> bool:
    for i in range(start, stop):
        if byte_at(i) != 32 and byte_at(i) != 9:
            return False
    return True


@compiled
def _quoted(start: int, end: int, quote: int, escape: int, cr_ends: int) -> tuple[int, int, int, int]:
    """Return flags, the closing quote, the byte after it (beyond the end where it never closes), line ends inside."""
    flags, i, lines = IS_QUOTED, start + 1, 0
    while i < end:
        byte = byte_at(i)
        if byte == escape and escape != quote:
            flags |= IS_ESCAPED
            i += 1
            if i >= end:
                break
            byte = byte_at(i)
        elif byte == quote:
            if escape != quote or i + 1 >= end or byte_at(i + 1) != quote:
                return flags, i, i + 1, lines
            flags |= IS_ESCAPED
            i += 1
        if byte == 10 or (byte == 13 and cr_ends and (i + 1 >= end or byte_at(i + 1) != 10)):
            lines += 1
        i += 1
    return flags, end, end + 1, lines


@compiled
def _is_null(start: int, stop: int, nulls: int, ends: Numbers) -> bool:
    begin = 0
    for k in range(ends.size):
        if ends[k] - begin == stop - start and _begins(start, stop, nulls + begin, stop - start):
            return True
        begin = ends[k]
    return False


@compiled
def _write(start: int, stop: int, flags: int, quote: int, escape: int, delimiter: int, room: int, at: int) -> int:
    """Write a field as plain CSV and return where it ends."""
    is_protected = flags != 0
    for i in range(start, stop):
        byte = byte_at(i)
        is_protected = is_protected or byte == 44 or byte == 34 or byte == 10 or byte == 13
    if is_protected:
        put_byte(at, 34)
        at += 1
    i = start
    while i < stop:
        byte = byte_at(i)
        if byte == escape and flags & IS_ESCAPED and i + 1 < stop:
            following = byte_at(i + 1)
            is_sign = following in (quote, escape) or following == 10 or following == 13
            if is_sign or (room and _begins(i + 1, stop, delimiter, room)):
                i += 1
                byte = following
        if byte == 34:
            put_byte(at, 34)
            at += 1
        put_byte(at, byte)
        at += 1
        i += 1
    if is_protected:
        put_byte(at, 34)
        at += 1
    return at
