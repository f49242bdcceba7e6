"""What tables are called: a name that is taken back as the same table, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from colprofile.sources.identifiers import quote_identifier, split_identifier


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table is: its database (of DuckDB alone), its schema and its own name."""

    database: str | None
    schema: str | None
    table: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that are known, the table's name last."""
        return tuple(part for part in (self.database, self.schema, self.table) if part is not None)


def named_places(own: Iterable[Place], others: Iterable[Place], taken: Iterable[str]) -> dict[str, Place]:
    """Return tables by their names: the own ones unqualified, others as ``schema.table``, quoted where they must be.

    A qualified name that is also the whole name of a table, one of ``taken``, is quoted, then further qualified.

    >>> sorted(named_places([Place(None, None, "a.b")], [Place(None, "a", "b"), Place(None, "a", "c.d")], ["a.b"]))
    ['"a"."b"', 'a."c.d"', 'a.b']
    """
    named = {place.table: place for place in own}
    known = {*named, *taken}
    for place in others:
        name = next((name for name in _spellings(place.parts) if name not in known), _quoted(place.parts))
        named[name] = place
    return named


def _spellings(parts: Sequence[str]) -> Iterable[str]:
    """Yield the ways to write a qualified name, the shortest first."""
    for begin in (-2, -3):
        some = parts[begin:]
        if len(some) == -begin:
            yield ".".join(part if _is_plain(part) else quote_identifier(part) for part in some)
            yield _quoted(some)


def _quoted(parts: Sequence[str]) -> str:
    return ".".join(map(quote_identifier, parts))


def _is_plain(part: str) -> bool:
    """Whether a part of a name is taken as it is."""
    return split_identifier(part) == [part] and '"' not in part
