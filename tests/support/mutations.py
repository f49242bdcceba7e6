"""Saved results with something wrong in them, and the use of all that a result can do."""

from __future__ import annotations

import copy
import json
import math
import random
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import colprofile
from colprofile.errors import ColprofileError
from colprofile.results.audit import Audit
from colprofile.results.base import Result
from colprofile.results.drift import Drift
from colprofile.results.latent import LatentClasses
from colprofile.results.planner import PlannerReport
from colprofile.results.profile import Profile

NUMBERS = (0, -1, 1, 2, 0.5, -0.5, -0.0, 5e-324, 1e300, -1e300, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 2**70)
NOT_FINITE = (math.nan, math.inf, -math.inf, 10**400, -(10**400))
TEXTS = ("", "x", "2020-01-01", "2020-13-45", "NaN", "a\nb", "\0", "\ud800", "\x1b[31m", "</script>", "x" * 20_000)
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": None}, json.loads("[" * 50 + "]" * 50))
REPLACEMENTS: tuple[Any, ...] = (*NUMBERS, *NOT_FINITE, *TEXTS, *OTHERS)


def mutated(saved: bytes, draw: random.Random) -> bytes:
    """A saved result with one to three changes: of its values, or of the bytes of its file."""
    if draw.random() < 0.1:
        return _with_other_bytes(saved, draw)
    data = json.loads(saved)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        if isinstance(data, dict) and data:
            _change(data, draw)
    return json.dumps(data).encode("ascii")


def _change(data: Any, draw: random.Random) -> None:
    """Change one place somewhere in a JSON value."""
    holder, key = _place(data, draw)
    value = holder[key]
    choice = draw.randrange(12)
    if choice == 0:
        del holder[key]
    elif choice == 1 and isinstance(value, list) and value:
        holder[key] = draw.choice((value[:-1], value[1:], [*value, value[-1]], value[::-1], value[:1] * 30, value * 2))
    elif choice == 2 and isinstance(value, int | float) and abs(value) < 1e300 and not isinstance(value, bool):
        holder[key] = draw.choice((value + 1, value - 1, -value, value * 3, value // 3, value + 0.5, value * 10**9))
    elif choice in (3, 4):
        _exchange(data, holder, key, draw)
    elif choice == 5 and isinstance(holder, dict):
        holder[draw.choice(("", "unknown", "rows", "name", "\ud800"))] = copy.deepcopy(value)
    elif choice == 6 and isinstance(value, str):
        holder[key] = draw.choice((value + "x", value[:-1], value.upper(), value + "\ud800", f'"{value}"', value * 9))
    else:
        holder[key] = copy.deepcopy(draw.choice(REPLACEMENTS))


def _exchange(data: Any, holder: Any, key: Any, draw: random.Random) -> None:
    """Put a value of the same type from elsewhere in the place of one, or exchange them: names, kinds, counts."""
    for _ in range(50):
        other, name = _place(data, draw)
        if type(other[name]) is type(holder[key]) and other[name] != holder[key]:
            taken = copy.deepcopy(other[name])
            if draw.random() < 0.3 and not isinstance(taken, dict | list):
                other[name] = holder[key]
            holder[key] = taken
            return


def _place(data: Any, draw: random.Random) -> tuple[Any, Any]:
    """A random place, those deep within long lists as often as the others: what holds it, and its key or index."""
    while True:
        key = draw.choice(list(data)) if isinstance(data, dict) else draw.randrange(len(data))
        inner = data[key]
        if not isinstance(inner, dict | list) or not inner or draw.random() < 0.15:
            return data, key
        data = inner


def _with_other_bytes(saved: bytes, draw: random.Random) -> bytes:
    """The file cut, with bytes of no UTF-8, in another encoding, with another version …"""
    at = draw.randrange(len(saved))
    number = draw.choice((b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5_000, b"1" + b"0" * 400, b"0x1", b"01"))
    start, end = draw.choice([found.span() for found in re.finditer(rb"(?<= )[0-9][^],}]*", saved)])
    return draw.choice(
        (
            saved[:at],
            saved[at:],
            saved[:at] + saved[at + 1 :],
            saved[:at] + bytes([draw.randrange(256)]) + saved[at + 1 :],
            saved[:at] + b"\xff\xfe" + saved[at:],
            saved[:at] + b"\xed\xa0\x80" + saved[at:],
            saved[:start] + number + saved[end:],
            saved[:start] + number + saved[end:],
            b"\xef\xbb\xbf" + saved,
            saved.decode().encode("utf-16"),
            saved + saved,
            saved.replace(b'"version": 2', b'"version": ' + draw.choice((b"0", b"1", b"3", b'"2"', b"2.0", b"null"))),
            saved[: start - 1] + b"[" * 100_000 + saved[start:],
            saved[:start] + b"[" * 5_000 + b"]" * 5_000 + saved[end:],
            saved[:1] + b'"rows": -1, ' + saved[1:],
        )
    )


def load_and_use(path: Path, *, is_thorough: bool = True) -> bool:
    """Load a saved result and use all of it; False where it is refused. What is not a ColprofileError is a fault."""
    try:
        result = Result.load(path)
    except ColprofileError as error:
        assert "\n" not in str(error), error
        return False
    use(result, is_thorough=is_thorough)
    return True


def use(result: Result, *, is_thorough: bool = True) -> None:
    """Use everything that a result can do; nothing of it may fail."""
    assert type(result).from_dict(result.to_dict()) == result
    json.loads(result.to_json(), parse_constant=_no_constant)
    assert "\n" not in repr(result)
    assert result.to_terminal()
    if is_thorough:
        assert result.to_terminal(width=30, color=True, encoding="ascii").isascii()
        assert result.to_html().startswith("<!doctype html>")
        assert result.to_markdown()
        assert result._repr_html_()
        for name in dir(result):
            if name.endswith("_frame"):
                getattr(result, name)()
    match result:
        case Profile():
            _use_profile(result, is_thorough)
        case Audit():
            _use_audit(result)
        case Drift():
            assert len(result.failures(on="drifted")) == len(result.broken) + len(result.drifted)
            assert len(result.failures(above=0.5)) <= len(result.columns)
            assert isinstance(result.verdict, str)
        case PlannerReport():
            result.script()
            assert [error for error in (result.worst_error, result.prediction_gap) if error is not None]
            assert result.gain is None or len(result.gain) == 2
            assert result.errors is not None
        case LatentClasses():
            assert math.isfinite(result.joint_bits)
            for column in result.columns:
                assert result.column(column.name) is not None


def _use_profile(result: Profile, is_thorough: bool) -> None:
    assert result.summary is not None
    assert result.findings is not None
    for column in result.columns:
        assert result[column.name].name == column.name
    for pair in result.pairs:
        _accepted_or_refused(partial(result.pair, pair.x, pair.y))
    if is_thorough:
        _accepted_or_refused(lambda: use_again(colprofile.drift(result, result)))
        _accepted_or_refused(lambda: use_again(colprofile.audit(result)))


def use_again(result: Result) -> None:
    """Render what a verb made of a saved result."""
    assert result.to_terminal()
    assert result.to_json()


def _use_audit(result: Audit) -> None:
    result.tree()
    result.dependency_graph()
    _accepted_or_refused(result.script)
    for finding in result.findings:
        assert finding in result.of_kind(finding.kind)
    for severity in ("high", "medium", "low"):
        result.of_severity(severity)


def _accepted_or_refused(work: Callable[[], object]) -> None:
    try:
        work()
    except ColprofileError as error:
        assert "\n" not in str(error), error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
