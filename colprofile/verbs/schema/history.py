"""Whether a copy differs from its original because one of them changed over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.sources.tables.base import Queries
from colprofile.verbs.schema.compared import JoinedTables, agree, differ, family
from colprofile.verbs.schema.sentences import named, place
from colprofile.verbs.schema.table_values import ColumnValues

HISTORY_BITS = 10.0
"""An order that chance has with probability at most 2^−10 is evidence of history."""


@dataclass(frozen=True)
class History:
    """How the rows that differ lie in time, reference by reference.

    Attributes
    ----------
    bits
        −log2 of a bound of the probability that so many references have all their differing rows first, or all of them
        last, by chance. 0 where nothing orders the rows in time.
    sentence
        The evidence, or that there is none.
    """

    bits: float
    sentence: str


@dataclass(frozen=True)
class References:
    """So many values of the reference with as many differing and agreeing rows each.

    Attributes
    ----------
    differing, agreeing
        Rows of each.
    is_constant
        Whether the differing rows of each have one value of the copy.
    is_before, is_after
        Whether all differing rows of each come before, or after, all that agree.
    number
        How many.
    """

    differing: int
    agreeing: int
    is_constant: bool
    is_before: bool
    is_after: bool
    number: int


def history_of(way: JoinedTables, column: ColumnValues, target: ColumnValues, queries: Queries) -> History:
    """Return how the rows where a copy differs lie in time.

    If the original changed, the older rows of a reference differ and the newer agree. Errors are in no order. Where all
    rows of a reference differ there is no order to see, and what counts is whether they have one value.
    """
    clock = clock_of(way, (*way.reference, column.name), queries)
    found = _references(way, column, target, clock, queries)
    noun = named(way.reference[0]) if len(way.reference) == 1 else "the reference"
    mixed = [each for each in found if each.agreeing]
    whole = [each for each in found if not each.agreeing and each.differing > 1]
    both, all_differ = _number(mixed), _number(whole)
    if clock is not None and both:
        before, after = (
            _number([each for each in mixed if each.is_before]),
            _number([each for each in mixed if each.is_after]),
        )
        bits = max(0.0, ordered_bits(mixed, max(before, after)) - 1)  # one of two orders
        if bits >= HISTORY_BITS:
            word, ordered = ("older" if before >= after else "newer"), max(before, after)
            number = f"all {both:,}" if ordered == both > 1 else f"{ordered:,} of {both:,}" if both > 1 else "the one"
            values, have = ("values", "have") if both > 1 else ("value", "has")
            which = f"in {number} {values} of {noun} that {have} both"
            return History(bits, f"{which}, the rows that differ are the {word} ones by {clock.name}")
    constant = _number([each for each in whole if each.is_constant])
    if clock is None:
        order = f"{named(way.source.name)} has no column that orders its rows in time"
    elif both:
        order = f"by {clock.name} they are in no particular order"
    else:
        order = "" if whole else f"no value of {noun} has rows of both kinds to compare"
    if 2 * constant <= all_differ:
        return History(0.0, order)
    number = (
        f"all {all_differ:,} values" if constant == all_differ > 1 else f"{constant:,} of the {all_differ:,} values"
    )
    values = "the one value" if all_differ == 1 else number
    kept = f"for {values} of {noun} whose rows all differ, the copy has one value: the original may have changed"
    return History(0.0, f"{kept}, and {order}" if both else kept)


def _number(references: Sequence[References]) -> int:
    return sum(each.number for each in references)


def _references(
    way: JoinedTables, column: ColumnValues, target: ColumnValues, clock: Clock | None, queries: Queries
) -> list[References]:
    """Return the values of the reference that have rows that differ, counted by what these are like, in one query."""
    left, right = way.pair(column, target)
    same, other = agree(left, right), differ(left, right)
    own = way.at(0, column.name)
    value = f"case when {other} then {own if family(column) in ('number', 'moment') else queries.text(own)} end"
    columns = [
        f"sum(case when {other} then 1 else 0 end) as d",
        f"sum(case when {same} then 1 else 0 end) as s",
        f"count({value}) as filled",
        f"min({value}) as low",
        f"max({value}) as high",
    ]
    is_before = is_after = "case when d < 0 then 1 else 0 end"  # never; a bare 0 would be a column's place
    if clock is not None:
        time = clock.sql
        columns += [
            f"sum(case when {time} is null then 1 else 0 end) as timeless",
            f"max(case when {other} then {time} end) as last_d",
            f"min(case when {same} then {time} end) as first_s",
            f"min(case when {other} then {time} end) as first_d",
            f"max(case when {same} then {time} end) as last_s",
        ]
        is_before = "case when timeless = 0 and last_d < first_s then 1 else 0 end"
        is_after = "case when timeless = 0 and first_d > last_s then 1 else 0 end"
    reference = ", ".join(way.at(0, name) for name in way.reference)
    source = way.from_clause() + (clock.join if clock is not None else "")
    groups = f"select {', '.join(columns)} from {source} group by {reference}"
    is_constant = "case when filled = 0 or (filled = d and low = high) then 1 else 0 end"
    rows = queries.rows(
        f"select d, s, {is_constant} as k, {is_before} as b, {is_after} as a, count(*) from ({groups}) g where d > 0 "
        f"group by d, s, {is_constant}, {is_before}, {is_after}"
    )
    return [References(int(d), int(s), bool(k), bool(b), bool(a), int(many)) for d, s, k, b, a, many in rows]


def ordered_bits(mixed: Sequence[References], ordered: int) -> float:
    """Return −log2 of a bound of the probability that at least ``ordered`` references are in order by chance.

    A reference with d rows that differ and s that agree has those that differ first with probability 1/C(d + s, d) at
    most. The bound is Chernoff's for a sum of independent Bernoulli variables of mean p̄ (Hoeffding 1963, theorem 1):
    n·KL(k/n ‖ p̄).

    >>> round(ordered_bits([References(1, 1, True, True, False, 20)], 20), 6)
    20.0
    """
    references = _number(mixed)
    expected = sum(each.number / math.comb(each.differing + each.agreeing, each.differing) for each in mixed)
    share, mean = ordered / references, expected / references
    if share <= mean:
        return 0.0
    bits = share * math.log2(share / mean)
    if share < 1:
        bits += (1 - share) * math.log2((1 - share) / (1 - mean))
    return references * bits


@dataclass(frozen=True)
class Clock:
    """What orders a table's rows in time: the column in words and in SQL, and the join that it takes, or none."""

    name: str
    sql: str
    join: str = ""


def clock_of(way: JoinedTables, without: Sequence[str], queries: Queries) -> Clock | None:
    """Return what orders the first table's rows in time best.

    Its own date or time with most rows, then most values; without one that of a table that it refers to, such as the
    order's of an order line; or a number that is different in every row.
    """
    own = [each for each in way.source.columns if each.name not in without and each.profile.distinct > 1]
    moment = _moment(own)
    if moment is not None:
        return Clock(named(moment.name), way.at(0, moment.name))
    for key in way.others:
        moment = _moment([each for each in way.target_of(key).columns if each.profile.distinct > 1])
        if moment is not None:
            return Clock(place(key.target, moment.name), f"b.{queries.column(moment.name)}", f" {way.beside(key)}")
    number = next((each for each in own if each.is_unique and each.low is not None and family(each) == "number"), None)
    return None if number is None else Clock(named(number.name), way.at(0, number.name))


def _moment(columns: Sequence[ColumnValues]) -> ColumnValues | None:
    moments = [each for each in columns if family(each) == "moment"]
    return max(moments, key=lambda each: (each.filled, each.profile.distinct), default=None)
