"""What is wrong with a JSON file, and where, in one line."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence

import duckdb

from colprofile.errors import SourceError, shorten
from colprofile.sources.duckdb import first_line, readable_errors
from colprofile.sources.files.json.layout import Layout, is_object
from colprofile.sources.files.relation import LocalFile
from colprofile.stopping import watched


@contextlib.contextmanager
def clear_errors(files: Sequence[tuple[LocalFile, Layout]]) -> Iterator[None]:
    """Turn DuckDB's errors about JSON files into one line that names the file as the user does, and the right line.

    Raises
    ------
    SourceError
        Where the block raises a ``duckdb.Error``.
    """
    try:
        with readable_errors(", ".join(shorten(file.shown, 200) for file, _ in files[:3])):
            yield
    except SourceError as error:
        if not isinstance(error.__cause__, duckdb.Error):
            raise
        text = first_line(error.__cause__)
        found = re.match(r'(Malformed JSON|JSON transform error) in file "(?P<path>.*?)", (?P<rest>.*)', text)
        named = next((item for item in files if found and item[1].path == found["path"]), None)
        if found is None or named is None:
            raise
        file, layout = named
        place, _, what = found["rest"].partition(": ")
        is_malformed = found[1] == "Malformed JSON"
        if is_malformed and layout.kind == "newline_delimited":
            place = f"in line {_broken_line(layout.path):,}"
        elif is_malformed:  # DuckDB counts the record that it was about to read
            place = re.sub(r"at byte \d+ in (record/value|line) (\d+)", lambda m: f"in record {int(m[2]) - 1:,}", place)
        advice = (
            "; mend it, or leave such lines out with accept_rejects=True" if "line" in place and is_malformed else ""
        )
        raise SourceError(
            f"{shorten(file.shown, 200)!r} is no JSON {place}: {what.rstrip('. ')}{advice}"
            if is_malformed
            else f"cannot read {shorten(file.shown, 200)!r} {place}: {what.rstrip('. ')}"
        ) from error.__cause__


def _broken_line(path: str) -> int:
    """Return the number, from 1, of the first line that is no object; DuckDB's own is one too high."""
    with open(path, "rb") as file:
        return next((number for number, line in enumerate(watched(file), 1) if line.strip() and not is_object(line)), 0)
