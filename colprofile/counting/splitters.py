"""Which part of some byte strings each of many belongs to."""

from __future__ import annotations

from typing import Any

from colprofile.compiled import compiled


@compiled
def parts_of_bytes(offsets: Any, data: Any, split_offsets: Any, split_data: Any, out: Any) -> None:
    """Write to ``out``, int64[n], how many of the splitters are at or below each byte string.

    Parameters
    ----------
    offsets, data
        int64[n + 1] and uint8[]: the byte strings, as Arrow has them.
    split_offsets, split_data
        The splitters, ascending.
    """
    for i in range(out.size):
        begin = offsets[i]
        length = offsets[i + 1] - begin
        low = 0
        high = split_offsets.size - 1
        while low < high:
            middle = (low + high) // 2
            at = split_offsets[middle]
            other = split_offsets[middle + 1] - at
            k = 0
            while k < length and k < other and data[begin + k] == split_data[at + k]:
                k += 1
            if k == other or (k < length and data[begin + k] > split_data[at + k]):
                low = middle + 1
            else:
                high = middle
        out[i] = low
