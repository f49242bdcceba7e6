"""How inputs were read, on every face: before any figure, and nothing called exact that is not."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest

import colprofile
from colprofile.inputs import InputReading
from colprofile.results import reading_words
from colprofile.results.base import Result
from colprofile.results.provenance import Provenance

PLAIN = InputReading(format="CSV", reader="DuckDB", encoding="utf-8", delimiter=",", quote='"', has_header=True)
GUESSED = replace(
    PLAIN,
    encoding="cp1252",
    delimiter=";",
    skipped_lines=3,
    guessed=("encoding", "delimiter"),
    remarks=("The first 3 lines are no rows and were skipped.",),
)
REJECTED = replace(
    GUESSED, records=112, rejected_rows=12, remarks=(*GUESSED.remarks, "Line 102 has 3 fields: <b>\x1b[31m\n*2*")
)
READINGS = {"plain": PLAIN, "guessed": GUESSED, "rejected": REJECTED}
VERBS = ("profile", "audit", "drift", "latent")
CLAIMS = re.compile(r"\bexact\b(?!-)|every row counted(?! that)|all rows were counted", re.IGNORECASE)
"""What is not said where rows are missing or their form was guessed."""


WHAT_FOLLOWS = {
    "profile": ("Findings", "- medium", "Rows 100", "medium"),
    "audit": ("At least 2.50", "Rows 100", "2.180"),
    "drift": ("drifted", "| column |", "Stale rows 100", "Column "),
    "latent": ("7 kinds", "| class |", "Rows 100", "Class "),
}
"""By verb: what comes next, on one face or another."""


@cache
def read(verb: str, how: str) -> Any:
    """Return a result as if its input had been a text file that was read in some way."""
    frame = pd.DataFrame({"zip": [i % 7 for i in range(100)], "city": [f"c{i % 7}" for i in range(100)]})
    frame["row"] = range(100)
    reading = READINGS[how]

    def made(provenance: Provenance) -> Provenance:
        is_exact = provenance.is_exact and not reading.rejected_rows
        return replace(provenance, source="orders.csv", is_exact=is_exact, reading=reading)

    if verb == "drift":
        found = colprofile.drift(frame, frame.head(60))
        return replace(found, stale=made(found.stale), fresh=made(found.fresh))
    result = getattr(colprofile, {"latent": "latent_classes"}.get(verb, verb))(frame)
    return replace(result, provenance=made(result.provenance))


def visible_text(page: str) -> str:
    """Return what a page says, without its glossary, its styles and scripts and its packed figures."""
    page = re.sub(r"(?s)<(style|script)\b.*?</\1>|<section id=\"glossary\".*?</section>", " ", page)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


def faces(result: Result) -> dict[str, str]:
    return {
        "terminal": result.to_terminal(width=120),
        "narrow": result.to_terminal(width=60),
        "markdown": result.to_markdown(),
        "page": visible_text(result.to_html()),
        "notebook": visible_text(result._repr_html_()),
    }


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_missing_stands_before_every_figure(verb: str) -> None:
    for face, shown in faces(read(verb, "rejected")).items():
        assert "\x1b" not in shown
        line = " ".join(shown.replace("\\", "").split())
        head, last = line.rsplit("*2*", 1)
        places = [
            head.index("12 of 112 rows of orders.csv could not be read and are in no figure."),
            head.index("The first 3 lines are no rows and were skipped."),
            head.index("Line 102 has 3 fields"),
        ]
        assert places == sorted(places)
        assert last.strip(" .").startswith(WHAT_FOLLOWS[verb]), (face, last[:80])


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("how", ["guessed", "rejected"])
def test_nothing_is_called_exact_that_is_not(verb: str, how: str) -> None:
    for face, shown in faces(read(verb, how)).items():
        found = CLAIMS.search(shown)
        assert found is None, (face, shown[max(0, found.start() - 60) : found.end() + 60])


def test_plain_input_is_called_what_it_is() -> None:
    shown = faces(read("profile", "plain"))
    assert "CSV, comma, utf-8, header · 100 rows" in shown["terminal"]
    assert "every row counted in" in shown["terminal"]
    assert "Every figure is exact" in shown["page"]
    for face in shown.values():
        assert "input" not in face.lower()


@pytest.mark.parametrize("verb", VERBS)
def test_hostile_remarks_are_text(verb: str) -> None:
    result = read(verb, "rejected")
    assert "<b>" not in re.sub(r"(?s)<style.*?</style>", "", result.to_html())
    assert r"&lt;b&gt;\\x1b\[31m\\n\*2\*" in result.to_markdown()
    assert r"<b>\x1b[31m\n*2*" in " ".join(result.to_terminal(width=200).split())


@pytest.mark.parametrize("verb", VERBS)
def test_it_is_saved_and_loaded(verb: str) -> None:
    result = read(verb, "rejected")
    loaded = type(result).from_dict(result.to_dict())
    sides = (loaded.stale, loaded.fresh) if verb == "drift" else (loaded.provenance,)
    assert [side.reading for side in sides] == [REJECTED] * len(sides)
    assert loaded.to_markdown() == result.to_markdown()


def test_a_sample_is_one_thing_and_a_row_that_cannot_be_read_another() -> None:
    profile = read("profile", "rejected")
    assert not profile.provenance.is_exact and not profile.provenance.is_sampled
    assert "estimated" not in [finding.kind for finding in profile.findings]
    assert "that was read" in profile.to_markdown()
    assert colprofile.audit(profile).ledger == read("audit", "rejected").ledger
    notes = colprofile.drift(profile, profile).notes
    assert not [note for note in notes if "sample" in note]


def test_details_are_complete() -> None:
    assert reading_words.details(REJECTED) == [
        ("Format", "CSV, read by DuckDB"),
        ("Encoding", "cp1252, guessed"),
        ("Delimiter", "semicolon, guessed"),
        ("Quote", "double quote"),
        ("Header", "yes"),
        ("Skipped lines", "3"),
        ("Rows by a count of its own", "112"),
        ("Rows left out", "12"),
    ]
    page = visible_text(read("drift", "rejected").to_html())
    assert "Stale: encoding cp1252, guessed" in page and "Fresh: rows left out 12" in page


@pytest.mark.parametrize(
    ("query", "where", "facts", "counted"),
    [
        (None, "a > 1\n", "CSV, comma, utf-8, header, where a > 1 ", "every row counted that satisfies the condition"),
        ("select 1", None, "header, query select 1 ", "every row of the query counted in"),
    ],
)
def test_rows_that_were_asked_for_are_named(query: str | None, where: str | None, facts: str, counted: str) -> None:
    result = read("profile", "plain")
    reading = replace(PLAIN, query=query, where=where)
    shown = replace(result, provenance=replace(result.provenance, reading=reading))
    assert facts in shown.to_terminal(width=150) and counted in shown.to_terminal(width=150)
    assert f"{query or where}".strip() in visible_text(shown.to_html()).split("Provenance")[-1]


def test_what_is_said_of_both_sides_is_said_once() -> None:
    drift = read("drift", "guessed")
    shown = drift.to_terminal()
    assert shown.count("The first 3 lines") == 1 and "both inputs  The first 3 lines" in shown
    one_side = replace(drift, fresh=replace(drift.fresh, reading=PLAIN)).to_terminal()
    assert one_side.count("The first 3 lines") == 1 and "stale input  The first 3 lines" in one_side


def test_very_many_remarks_are_cut_and_counted() -> None:
    result = read("profile", "plain")
    reading = replace(PLAIN, remarks=tuple(f"Remark {number}." for number in range(40)))
    shown = replace(result, provenance=replace(result.provenance, reading=reading)).to_terminal()
    assert "Remark 11." in shown and "Remark 12." not in shown and "28 more remarks" in shown
