"""Several files as one table: which columns some of them lack, and which types differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from colprofile.errors import SourceError, shorten
from colprofile.inputs import InputReading

T = TypeVar("T")

_MOST_SHOWN = 5


@dataclass(frozen=True)
class Described:
    """The columns of some files that have the same ones: type by name, how many files, and what one is called."""

    columns: Mapping[str, str]
    files: int
    shown: str


def union_remarks(parts: Sequence[Described], types: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for every column that some files lack, or have with another type than the table ``types``.

    Names are compared as SQL does it, in any case.

    Raises
    ------
    SourceError
        Two parts have no column in common: they are different tables.
    """
    folded = [{name.lower(): kind for name, kind in part.columns.items()} for part in parts]
    _check_related(parts, folded)
    total = sum(part.files for part in parts)
    remarks = []
    for name, kind in types.items():
        having = [
            (part, found[name.lower()]) for part, found in zip(parts, folded, strict=True) if name.lower() in found
        ]
        count = sum(part.files for part, _ in having)
        if having and count < total:
            where = (
                f", such as {shorten(having[0][0].shown, 120)!r}"
                if count > 1
                else f", {shorten(having[0][0].shown, 120)!r}"
            )
            remarks.append(f"{shorten(name)!r} is in {count:,} of {total:,} files only{where}: NULL in the others.")
        kinds = dict.fromkeys(own for _, own in having)
        if len(kinds) > 1:
            listed = " and ".join(f"{shorten(own)} in {_files(having, own)}" for own in kinds)
            remarks.append(f"{shorten(name)!r} is {listed}: read as {shorten(kind)}.")
    more = len(remarks) - _MOST_SHOWN
    return (*remarks[:_MOST_SHOWN], f"{more:,} more columns differ between files.") if more > 1 else tuple(remarks)


def _files(having: Sequence[tuple[Described, str]], kind: str) -> str:
    parts = [part for part, own in having if own == kind]
    count = sum(part.files for part in parts)
    return repr(shorten(parts[0].shown, 120)) if count == 1 else f"{count:,} files"


def _check_related(parts: Sequence[Described], folded: Sequence[Mapping[str, str]]) -> None:
    for part, names in zip(parts[1:], folded[1:], strict=True):
        if names and folded[0] and not names.keys() & folded[0].keys():
            raise SourceError(
                f"{shorten(parts[0].shown, 120)!r} and {shorten(part.shown, 120)!r} have no column in common: they are "
                "different tables; profile each by itself, or join them with query="
            )


def joined_reading(readings: Sequence[InputReading]) -> InputReading:
    """Return how several inputs were read, as one: what they differ in is left open, what was lost is added up."""
    records = [reading.records for reading in readings]
    return replace(
        readings[0],
        format=" and ".join(dict.fromkeys(reading.format for reading in readings)),
        reader=" and ".join(dict.fromkeys(reading.reader for reading in readings)),
        files=sum(reading.files for reading in readings),
        encoding=_same([reading.encoding for reading in readings]),
        delimiter=_same([reading.delimiter for reading in readings]),
        quote=_same([reading.quote for reading in readings]),
        has_header=_same([reading.has_header for reading in readings]),
        skipped_lines=sum(reading.skipped_lines for reading in readings),
        guessed=tuple(dict.fromkeys(name for reading in readings for name in reading.guessed)),
        records=sum(count for count in records if count is not None) if None not in records else None,
        rejected_rows=sum(reading.rejected_rows for reading in readings),
        remarks=tuple(dict.fromkeys(remark for reading in readings for remark in reading.remarks)),
    )


def _same(values: Sequence[T]) -> T | None:
    return values[0] if all(value == values[0] for value in values) else None
