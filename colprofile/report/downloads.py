"""What the buttons of a page write to files: the result as JSON, and each of its tables as CSV.

The page carries the result's JSON, gzipped in base64. A script unpacks it when a button is pressed, and makes a table's
CSV from it: one row per object of a list, the fields that hold one value as columns.
"""

from __future__ import annotations

import base64
import gzip
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass

from colprofile.results.base import Result
from colprofile.results.serialize import to_json


@dataclass(frozen=True, slots=True)
class Downloads:
    """What a page offers to download.

    Attributes
    ----------
    name
        The first part of the files' names.
    packed
        The JSON object, gzipped, in base64.
    tables
        Each table as (field of the object, what the button calls it); those without rows are left out.
    is_whole
        Whether the object is the whole result; otherwise it is offered as CSV only.
    """

    name: str
    packed: str
    tables: tuple[tuple[str, str], ...]
    is_whole: bool = True


def downloads(result: Result, name: str, tables: Sequence[tuple[str, str]], *, is_whole: bool = True) -> Downloads:
    """Return the downloads of a result.

    Parameters
    ----------
    result
        What the page shows, or a part of it where all would make too large a page.
    name
        What it is of, such as the source's name: its last part, as far as it is letters and digits, begins the files'
        names.
    tables
        Fields of the result that hold lists, such as ``schema.keys``, with their names on the buttons.
    is_whole
        Whether ``result`` is the whole result.
    """
    listed = tuple((field, label) for field, label in tables if operator.attrgetter(field)(result))
    # Findings are those of the whole, and no table.
    written = result.to_json() if is_whole else to_json(result, {})
    packed = gzip.compress(written.encode("utf-8"), 1, mtime=0)
    return Downloads(_file_name(name), base64.b64encode(packed).decode("ascii"), listed, is_whole)


def _file_name(name: str) -> str:
    """Return a name that every file system takes.

    >>> _file_name("data/My flights.parquet"), _file_name("..")
    ('My-flights', 'colprofile')
    """
    last = re.split(r"[/\\\\]", name)[-1].rpartition(".")
    return re.sub(r"[^A-Za-z0-9_]+", "-", last[0] or last[2]).strip("-")[:60] or "colprofile"
