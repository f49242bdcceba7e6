"""What is in a folder: the files of one table, in it and below."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.errors import SourceError, SourceNotFound, shorten
from colprofile.sources.files.lakes import lake_kind
from colprofile.sources.files.names import data_suffix, is_document, is_hidden, last_suffix

_MOST_NAMED = 3


@dataclass(frozen=True)
class Listing:
    """The paths of data in a folder, in order, and those that are left out because nothing is known of them."""

    data: Sequence[str]
    others: Sequence[str]

    def remark(self, shown: str) -> str | None:
        """Return a sentence about what is left out; None where nothing is."""
        if not self.others:
            return None
        named = ", ".join(repr(shorten(os.path.basename(path))) for path in self.others[:_MOST_NAMED])
        more = f" and {len(self.others) - _MOST_NAMED:,} more" if len(self.others) > _MOST_NAMED else ""
        return f"Left out of {shorten(shown, 200)!r}, which are no files of data by their names: {named}{more}."


def list_folder(folder: str, shown: str) -> Listing:
    """Return what a folder holds, at any depth, in the order of the names; hidden files are not looked at.

    Raises
    ------
    SourceNotFound
        There are no data.
    SourceError
        It cannot be read, or there are Delta, Iceberg or Hudi tables in it.
    """
    data: list[str] = []
    others: list[str] = []
    lakes: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        kind = lake_kind(parent)
        if kind is not None:
            lakes.append(os.path.relpath(parent, folder))
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        # A link may lead anywhere, even back: what is behind it is named by whoever means it.
        others += (path for name in folders if os.path.islink(path := os.path.join(parent, name)))
        for name in sorted(names):
            path = os.path.join(parent, name)
            if is_hidden(name):
                others += [path] if name.startswith("_") and data_suffix(name) else []
            elif data_suffix(name) and not is_document(name) and os.path.isfile(path):
                data.append(path)
            else:
                others.append(path)
    if lakes:
        listed = ", ".join(repr(shorten(name)) for name in sorted(lakes)[:12])
        raise SourceError(f"{shorten(shown, 200)!r} holds tables that have a folder each: name one, such as {listed}")
    if not data and others and all(os.path.isfile(path) and not last_suffix(path) for path in others):
        data, others = others, []  # names without an ending, as some systems write them: the bytes tell
    if not data:
        found = (
            f"; it holds {', '.join(repr(shorten(os.path.basename(path))) for path in others[:3])}" if others else ""
        )
        raise SourceNotFound(f"the folder {shorten(shown, 200)!r} has no file that can be read{found}")
    return Listing(data, others)


def _refuse(error: OSError) -> None:
    raise SourceError(f"cannot read the folder {shorten(str(error.filename), 200)!r}: {error.strerror}") from error
