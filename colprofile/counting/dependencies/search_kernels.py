"""The kernel of the search on a table that fits in memory as one matrix: refine a prefix, and test many targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from colprofile.compiled import compiled
from colprofile.counting.kernels import longest_group


@compiled
def test_targets(
    offsets: Any,
    rows: Any,
    singles: Any,
    codes: Any,
    has_nulls: Any,
    rare_offsets: Any,
    rare_rows: Any,
    lasts: Any,
    wanted: Any,
    widest: Any,
    share: Any,
    slack: Any,
    least_repeated: Any,
    most_groups: Any,
    most_wrong: Any,
    holds: Any,
    figures: Any,
) -> Any:
    """Mark in ``holds`` which wanted targets (bool[lasts, columns]) a prefix and each of ``lasts`` determine, nearly.

    ``rows`` are those that share their group of the prefix with another, group by group between ``offsets``;
    ``singles`` are those that do not; rows with NULL are in neither. ``codes`` is uint[columns, rows], 0 being NULL,
    which ``has_nulls`` says of each column, and ``widest`` more than any code. ``rare_rows``, column by column between
    ``rare_offsets``, are those in which a column has not its most frequent value; there are none for columns where
    these are many, or with NULL.

    At most ``share`` of the rows without NULL on the left, plus ``slack`` rows, may contradict a target; where nothing
    is NULL on the left, also at most ``most_wrong`` times the rows beyond one a group, and the groups may be at most
    ``most_groups`` (float[columns]). With fewer repeated rows than the share ``least_repeated`` no target is looked at.

    ``figures`` gets groups, rows without NULL, and repeated rows, int64[lasts, 3]; rows are −1 where too many groups
    for any target ended the count. Return how many rows were looked at.
    """
    table = np.zeros(widest, np.uint32)
    places = np.zeros(widest, np.uint32)
    seen = np.empty(longest_group(offsets, 0, offsets.size - 1) + 1, codes.dtype)
    new_rows = np.empty(rows.size, rows.dtype)
    new_offsets = np.zeros(rows.size // 2 + 2, np.int64)
    group_of = np.full(codes.shape[1], -1, np.int32)
    rare = np.zeros(rows.size // 2 + 2, np.uint32)
    steps = 0
    for n in range(lasts.size):
        last = codes[lasts[n]]
        is_asked = False
        most = 0.0
        for target in range(wanted.shape[1]):
            if wanted[n, target]:
                is_asked = True
                most = max(most, most_groups[target])
        if not is_asked:
            most = np.inf
        is_whole = rows.size + singles.size == last.size and not has_nulls[lasts[n]]
        size, complete, repeated, looked_at = _count_groups(offsets, rows, singles, last, is_whole, table, most)
        steps += looked_at
        figures[n, 0] = size
        figures[n, 1] = complete
        figures[n, 2] = repeated
        if complete < 0 or not is_asked or repeated < least_repeated * complete:
            continue
        groups = _refine(offsets, rows, last, table, places, seen, new_rows, new_offsets, group_of)
        steps += 2 * rows.size
        for target in range(wanted.shape[1]):
            if not wanted[n, target] or (is_whole and size > most_groups[target]):
                continue
            most = share * complete + slack + 1e-6
            if is_whole:
                most = min(most, most_wrong[target] * (complete - size) + 1e-6)
            limit = np.int64(most)
            y = codes[target]
            first_rare = rare_offsets[target]
            last_rare = rare_offsets[target + 1]
            if first_rare < last_rare:
                violating = _wrong_rare_rows(
                    rare_rows[first_rare:last_rare], group_of, new_rows, new_offsets, y, table, seen, rare, limit
                )
                steps += last_rare - first_rare
            else:
                violating = np.int64(0)
                g = 0
                while g < groups and violating <= limit:
                    begin = new_offsets[g]
                    violating += _wrong_rows(new_rows, begin, new_offsets[g + 1], y, table, seen, limit - violating)
                    g += 1
                steps += new_offsets[g]
            steps += 8
            holds[n, target] = violating <= limit
    return steps


@compiled
def _count_groups(offsets: Any, rows: Any, singles: Any, last: Any, is_whole: Any, table: Any, most: Any) -> Any:
    """Return how many groups a prefix and a further column have, their rows, and those that share their group.

    Rows are −1 where nothing is NULL (``is_whole``) and there are more than ``most`` groups. The last figure is how
    many rows were looked at.
    """
    size = 0
    complete = 0
    repeated: Any = 0
    for row in singles:
        complete += last[row] != 0
    size = complete
    # Of the rows so far only those with NULL in the last column are not complete.
    nulls: Any = singles.size - complete
    for g in range(offsets.size - 1):
        begin = offsets[g]
        end = offsets[g + 1]
        for i in range(begin, end):
            code = last[rows[i]]
            before = table[code]
            table[code] = before + 1
            size += before == 0
            repeated += np.int64(before > 0) + np.int64(before == 1)
        if table[0]:
            null = np.int64(table[0])
            nulls += null
            size -= 1
            repeated -= null if null > 1 else 0
        for i in range(begin, end):
            table[last[rows[i]]] = 0
        if is_whole and size > most:  # groups only become more
            return size, -1, 0, singles.size + end
    return size, singles.size + rows.size - nulls, repeated, singles.size + rows.size


@compiled
def _refine(
    offsets: Any,
    rows: Any,
    last: Any,
    table: Any,
    places: Any,
    seen: Any,
    new_rows: Any,
    new_offsets: Any,
    group_of: Any,
) -> Any:
    """Sort the rows that share their group of a prefix and a further column by group; return the number of groups.

    ``group_of`` (int32[all rows]) gets each row's group, −1 where it is alone or NULL.
    """
    used_rows: Any = 0
    groups = 0
    for g in range(offsets.size - 1):
        begin = offsets[g]
        end = offsets[g + 1]
        used = 0
        for i in range(begin, end):
            code = last[rows[i]]
            seen[used] = code
            used += table[code] == 0
            table[code] += 1
        for u in range(used):
            code = seen[u]
            count = np.int64(table[code])
            table[code] = 0
            if count > 1 and code:
                groups += 1
                table[code] = groups
                places[code] = used_rows
                used_rows += count
                new_offsets[groups] = used_rows
        for i in range(begin, end):
            row = rows[i]
            code = last[row]
            group = np.int32(table[code]) - 1
            group_of[row] = group
            if group >= 0:
                new_rows[places[code]] = row
                places[code] += 1
        for u in range(used):
            table[seen[u]] = 0
    return groups


@compiled
def _wrong_rare_rows(
    rare_rows: Any, group_of: Any, rows: Any, offsets: Any, y: Any, table: Any, seen: Any, rare: Any, limit: Any
) -> Any:
    """Return how many rows to remove so that y is the same within each group, from the rows where y is unusual.

    Where at most half of a group is unusual, these have to go. ``rare`` (uint32[groups], zeros) counts them.
    """
    violating = np.int64(0)
    for row in rare_rows:
        if group_of[row] >= 0:
            rare[group_of[row]] += 1
    for row in rare_rows:
        g = group_of[row]
        if g < 0 or rare[g] == 0:
            continue
        count = np.int64(rare[g])
        rare[g] = 0
        if 2 * count <= offsets[g + 1] - offsets[g]:
            violating += count
        elif violating <= limit:
            violating += _wrong_rows(rows, offsets[g], offsets[g + 1], y, table, seen, limit - violating)
    return violating


@compiled
def _wrong_rows(rows: Any, begin: Any, end: Any, y: Any, table: Any, seen: Any, limit: Any) -> Any:
    """Return how many rows of a group to remove so that y is the same in all; more than ``limit`` once that is sure.

    Of the rows so far, all but the most frequent value have to go whatever comes: that only grows.
    """
    if end - begin == 2:
        a = y[rows[begin]]
        b = y[rows[begin + 1]]
        return np.int64(a != b and a != 0 and b != 0)
    used = 0
    total = 0
    best = 0
    for i in range(begin, end):
        value = y[rows[i]]
        if value == 0:
            continue
        total += 1
        if table[value] == 0:
            seen[used] = value
            used += 1
        table[value] += 1
        best = max(best, int(table[value]))
        if total - best > limit:
            break
    for u in range(used):
        table[seen[u]] = 0
    return np.int64(total - best)
