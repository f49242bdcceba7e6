"""Refused: queries that a database refuses, such as over a table that is gone, lose no others and are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from colprofile.errors import SourceError, one_line
from colprofile.verbs.schema.sentences import MOST_NAMES


class Refused:
    """The places of one step whose queries were refused.

    Parameters
    ----------
    what
        What is missing of them, as the beginning of a note.
    notes
        What a note is added to; None to raise the errors.
    """

    def __init__(self, what: str, notes: list[str] | None) -> None:
        self._what, self._notes = what, notes
        self._places: list[str] = []
        self._reason = ""

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Leave the rest of the block out where the database refuses a query of it.

        Raises
        ------
        SourceError
            There are no notes.
        """
        try:
            yield
        except SourceError as error:
            if self._notes is None:
                raise
            self._reason = self._reason or str(error)
            if place not in self._places:
                self._places.append(place)

    def tell(self) -> None:
        """Add the note, if there is something to tell."""
        if self._places and self._notes is not None:
            some = self._places[:MOST_NAMES]
            more = f" and {len(self._places) - len(some):,} more" if len(self._places) > len(some) else ""
            self._notes.append(f"{self._what}: {', '.join(some)}{more} ({one_line(self._reason, 300)}).")
