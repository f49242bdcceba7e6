"""How an input was read, in words: the same on every face, and nowhere said to be more than it is."""

from __future__ import annotations

from colprofile.errors import one_line, shorten
from colprofile.inputs import InputReading
from colprofile.results.base import amount
from colprofile.results.provenance import Provenance

SIGNS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "pipe",
    " ": "space",
    ":": "colon",
    '"': "double quote",
    "'": "apostrophe",
    "": "none",
}
"""What separators and quotes are called."""


def in_short(reading: InputReading | None) -> str:
    """Return in a few words what a file does not tell by its ending; empty where it does.

    >>> in_short(InputReading(format="CSV", reader="DuckDB", encoding="cp1252", delimiter=";", has_header=False))
    'CSV, semicolon, cp1252, no header'
    >>> in_short(InputReading(format="Parquet", reader="DuckDB", files=3)), in_short(None)
    ('3 Parquet files', '')
    """
    if reading is None:
        return ""
    kind = reading.format if reading.files == 1 else amount(reading.files, f"{reading.format} file")
    header = {None: "", True: "header", False: "no header"}[reading.has_header]
    separated = (
        "" if reading.delimiter is None else sign(reading.delimiter) if reading.delimiter else "one field a line"
    )
    query = "" if reading.query is None else f"query {shorten(one_line(reading.query), 60)}"
    where = "" if reading.where is None else f"where {shorten(one_line(reading.where), 60)}"
    found = [part for part in (separated, reading.encoding, header, query, where) if part]
    return ", ".join([kind, *found]) if found or reading.files > 1 else ""


def details(reading: InputReading | None) -> list[tuple[str, str]]:
    """Return everything that is known of how an input was read: labels, with what stands beside them."""
    if reading is None:
        return []
    counts = (
        ("Files", reading.files, 1),
        ("Skipped lines", reading.skipped_lines, 0),
        ("Rows by a count of its own", reading.records, None),
        ("Rows left out", reading.rejected_rows, 0),
    )
    texts = (
        ("encoding", reading.encoding),
        ("delimiter", None if reading.delimiter is None else sign(reading.delimiter)),
        ("quote", None if reading.quote is None else sign(reading.quote)),
        ("has_header", {None: None, True: "yes", False: "no"}[reading.has_header]),
    )
    restrictions = (("Query", reading.query), ("Condition on rows", reading.where))
    return [
        ("Format", f"{reading.format}, read by {reading.reader}"),
        *(
            (
                name.removeprefix("has_").capitalize(),
                f"{value}, guessed" if name in reading.guessed else value,
            )
            for name, value in texts
            if value is not None
        ),
        *((label, one_line(value)) for label, value in restrictions if value is not None),
        *((label, f"{number:,}") for label, number, usual in counts if number is not None and number != usual),
    ]


def sign(given: str) -> str:
    r"""Return what a separator or quote is called.

    >>> sign(";"), sign("||")
    ('semicolon', "'||'")
    """
    return SIGNS.get(given, repr(given))


def remarks(reading: InputReading | None) -> list[str]:
    """Return what the reader remarked, as sentences: a capital letter where a word begins them, a full stop."""
    return [] if reading is None else [_sentence(remark) for remark in reading.remarks]


def _sentence(remark: str) -> str:
    r"""Return a remark as a sentence.

    >>> _sentence("the encoding was guessed"), _sentence("`price` is text"), _sentence("a.csv: 2 lines left out.")
    ('The encoding was guessed.', '`price` is text.', 'a.csv: 2 lines left out.')
    """
    word = remark.split(" ", 1)[0]
    begun = remark[:1].upper() + remark[1:] if word.isalpha() and word.isascii() else remark
    return begun if begun.endswith((".", "?", "!")) else f"{begun}."


def rows_left_out(made: Provenance) -> str:
    """Return the sentence on rows of the input that are in no figure; empty where there are none.

    It says nothing of where they are: the reader's remarks do.
    """
    reading = made.reading
    if reading is None or not reading.rejected_rows:
        return ""
    whole = (
        f"{reading.rejected_rows:,}" if reading.records is None else f"{reading.rejected_rows:,} of {reading.records:,}"
    )
    one = reading.rejected_rows == 1
    noun = "row" if one and reading.records is None else "rows"
    return f"{whole} {noun} of {made.source} could not be read and {'is' if one else 'are'} in no figure."


def rows_counted(made: Provenance) -> str:
    """Return how many rows the figures come from, where none was sampled: "every row counted"."""
    reading = made.reading
    if reading is None or reading.is_plain:
        of, that = _asked_for(reading)
        return f"every row{of} counted{that}"
    if reading.rejected_rows:
        return f"every row counted that could be read, {reading.rejected_rows:,} left out"
    return "every row counted that was read"


def certainty(made: Provenance) -> str:
    """Return how sure the figures are, as a sentence, where no row was sampled."""
    reading = made.reading
    if reading is None or reading.is_plain:
        of, that = _asked_for(reading)
        return f"Every figure is exact: all rows{of} were counted{that.replace('satisfies', 'satisfy')}, none sampled."
    if reading.rejected_rows:
        return f"Every figure is of the rows that could be read. {rows_left_out(made)}"
    return "Every figure is of all rows as they were read; how that was done is said above."


def _asked_for(reading: InputReading | None) -> tuple[str, str]:
    """Return which rows were asked for, where not all were: what follows "row", and what follows "counted"."""
    of = "" if reading is None or reading.query is None else " of the query"
    return of, "" if reading is None or reading.where is None else " that satisfies the condition"


def rules_hold_in(made: Provenance) -> str:
    """Return the sentence on what is said of every row where rows were left out; empty where none was."""
    if made.reading is None or not made.reading.rejected_rows:
        return ""
    return "What is said of every row holds in the rows that could be read: check the others before a fix is applied."


def is_certain(made: Provenance) -> bool:
    """Whether the figures are those of the input as it is: all rows counted, and nothing about it was guessed."""
    return made.is_exact and (made.reading is None or made.reading.is_plain)
