"""Kernels that walk over the bytes of JSON: they count records and find the members of one object."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from colprofile.compiled import compiled

# Places in the state that goes from chunk to chunk.
DEPTH, IN_STRING, ESCAPED, IN_SCALAR = 0, 1, 2, 3
DIGITS, IS_FRACTION = 4, 5
LINES, RECORDS, OBJECTS, OTHER, OTHER_LINE, BROKEN, BROKEN_LINE = 6, 7, 8, 9, 10, 11, 12
BEGIN, POSITION, LONGEST, LONG_NUMBERS, LONG_INTEGERS = 13, 14, 15, 16, 17
STATE_SIZE = 18

MOST_DIGITS = 17
"""Significant digits that a 64-bit float tells apart."""

SAFE_DIGITS = 15
"""Digits of integers that a 64-bit float holds, all of them."""

KEY_BEGIN, KEY_END, VALUE_BEGIN, VALUE_END = 0, 1, 2, 3


@compiled
def count_records(chunk: npt.NDArray[np.uint8], base: int, by_line: bool, state: npt.NDArray[np.int64]) -> None:
    """Count the records that begin in a chunk of uint8[n]: values ``base`` levels deep, 1 for those in a list.

    With ``by_line`` each line is by itself: one that ends inside a value is broken, and the next begins anew.
    """
    depth, in_string, escaped, in_scalar = state[DEPTH], state[IN_STRING], state[ESCAPED], state[IN_SCALAR]
    digits, is_fraction = state[DIGITS], state[IS_FRACTION]
    position = state[POSITION]
    for i in range(chunk.size):
        sign = chunk[i]
        if sign == 10:
            state[LINES] += 1
            if by_line:
                if depth != 0 or in_string:
                    state[BROKEN] += 1
                    if state[BROKEN_LINE] == 0:
                        state[BROKEN_LINE] = state[LINES]
                depth, in_string, escaped = 0, 0, 0
        if in_string:
            if escaped:
                escaped = 0
            elif sign == 92:
                escaped = 1
            elif sign == 34:
                in_string = 0
            continue
        is_space = sign == 32 or sign == 9 or sign == 10 or sign == 13
        is_sign = sign == 44 or sign == 58 or sign == 123 or sign == 91 or sign == 125 or sign == 93 or sign == 34
        if is_space or is_sign:
            if in_scalar and is_fraction and digits > MOST_DIGITS:
                state[LONG_NUMBERS] += 1
            elif in_scalar and not is_fraction and digits > SAFE_DIGITS:
                state[LONG_INTEGERS] += 1
            in_scalar, digits, is_fraction = 0, 0, 0
        if is_space or sign == 44 or sign == 58:
            continue
        if sign == 125 or sign == 93:
            depth -= 1
            if depth == base:
                state[LONGEST] = max(state[LONGEST], position + i + 1 - state[BEGIN])
            continue
        if depth == base and not in_scalar:
            state[RECORDS] += 1
            state[BEGIN] = position + i
            if sign == 123:
                state[OBJECTS] += 1
            elif state[OTHER] == 0:
                state[OTHER], state[OTHER_LINE] = state[RECORDS], state[LINES] + 1
        if sign == 34:
            in_string = 1
        elif sign == 123 or sign == 91:
            depth += 1
        else:
            in_scalar = 1
            if 48 <= sign <= 57:
                digits += sign > 48 or digits > 0
            elif sign == 46:
                is_fraction = 1
            elif (sign == 101 or sign == 69) and digits <= MOST_DIGITS:
                digits = -100  # an exponent's digits are none of the number's
    state[DEPTH], state[IN_STRING], state[ESCAPED], state[IN_SCALAR] = depth, in_string, escaped, in_scalar
    state[DIGITS], state[IS_FRACTION] = digits, is_fraction
    state[POSITION] = position + chunk.size


@compiled
def find_members(
    chunk: npt.NDArray[np.uint8], state: npt.NDArray[np.int64], events: npt.NDArray[np.int64], found: int
) -> int:
    """Find keys and values of the one object in a chunk of uint8[n] and write where they begin and end.

    Parameters
    ----------
    state
        DEPTH, IN_STRING, ESCAPED, IN_SCALAR and POSITION are used; IS_FRACTION says whether a value comes next.
    events
        int64[m, 2]: what begins or ends, and where.
    found
        How many of its rows are written.

    Returns
    -------
    How many are then; no more than there is room for.
    """
    depth, in_string, escaped, in_scalar = state[DEPTH], state[IN_STRING], state[ESCAPED], state[IN_SCALAR]
    is_value = state[IS_FRACTION]
    position = state[POSITION]
    for i in range(chunk.size):
        if found + 2 > events.shape[0]:
            break
        sign = chunk[i]
        if in_string:
            if escaped:
                escaped = 0
            elif sign == 92:
                escaped = 1
            elif sign == 34:
                in_string = 0
                if depth == 1:
                    events[found, 0], events[found, 1] = (VALUE_END if is_value else KEY_END), position + i + 1
                    found += 1
            continue
        if sign == 32 or sign == 9 or sign == 10 or sign == 13:
            continue
        if depth == 1 and in_scalar and (sign == 44 or sign == 125):
            events[found, 0], events[found, 1] = VALUE_END, position + i
            found, in_scalar = found + 1, 0
        if depth == 1 and sign == 58:
            is_value = 1
        elif depth == 1 and sign == 44:
            is_value = 0
        elif sign == 125 or sign == 93:
            depth -= 1
            if depth == 1:
                events[found, 0], events[found, 1] = VALUE_END, position + i + 1
                found += 1
        else:
            if depth == 1 and not in_scalar:
                events[found, 0], events[found, 1] = (VALUE_BEGIN if is_value else KEY_BEGIN), position + i
                found += 1
            if sign == 34:
                in_string = 1
            elif sign == 123 or sign == 91:
                depth += 1
            elif depth == 1:
                in_scalar = 1
    state[DEPTH], state[IN_STRING], state[ESCAPED], state[IN_SCALAR] = depth, in_string, escaped, in_scalar
    state[IS_FRACTION] = is_value
    state[POSITION] = position + chunk.size
    return found
