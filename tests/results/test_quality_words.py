"""What is said of each kind of bad data."""

from __future__ import annotations

import pytest

from colprofile.results.quality import QUALITY_KINDS, QualityIssue, QualityKind
from colprofile.results.quality_words import ColumnPart, ValuePart, quality_parts


def said(issue: QualityIssue, sampled_rows: int | None = None) -> str:
    """An issue's sentences, values in quotes as they are."""
    shown = []
    for part in quality_parts(issue, sampled_rows):
        if isinstance(part, ColumnPart):
            shown.append(part.name)
        elif isinstance(part, ValuePart):
            shown.append(f"'{part.value}'" if part.is_quoted else str(part.value))
        else:
            shown.append(part)
    return "".join(shown)


CASES: list[tuple[QualityKind, int, tuple[tuple[object, int], ...], tuple[int, ...], str | None, str]] = [
    ("missing", 12, (), (4,), None, "x is NULL in 12 rows, 40.0 % of all. First in row 4."),
    (
        "placeholder",
        3,
        (("NA", 2), ("?", 1)),
        (4, 9, 11),
        None,
        "x holds text that stands for a missing value in 3 rows: 'NA' (2), '?' (1). In rows 4, 9 and 11.",
    ),
    ("placeholder", 1, (("", 1),), (1,), None, "x is blank, and not NULL, in 1 row. In row 1."),
    (
        "sentinel",
        31,
        ((-999, 31),),
        (4, 5, 6, 7, 8),
        None,
        "x holds -999 in 31 rows, far from all other values: probably a missing value. First in rows 4, 5 and 6.",
    ),
    ("stored_as_text", 0, (), (), "BIGINT", "x holds whole numbers as text."),
    (
        "stored_as_text",
        1,
        (("soon", 1),),
        (7,),
        "DATE %d/%m/%Y",
        "x holds dates as text, written day/month/year; 1 row would not convert: 'soon'. In row 7.",
    ),
    (
        "variants",
        1,
        (("Ulm", 9), ("ulm", 1)),
        (2,),
        "1",
        "x spells one value in several ways: 'Ulm' (9), 'ulm' (1). 1 row has a rarer spelling. In row 2.",
    ),
    (
        "variants",
        3,
        (("Ulm", 9), ("ulm", 1)),
        (),
        "2",
        "x spells 2 values in several ways: 'Ulm' (9), 'ulm' (1). 3 rows have a rarer spelling.",
    ),
    ("leading_zeros", 2, ((977, 2),), (), "5", "x has lost leading zeros in 2 rows: 977 for '00977'."),
    (
        "not_finite",
        3,
        (("nan", 2), ("inf", 1)),
        (),
        "1 row",
        "x holds nan (2), inf (1) in 3 rows, beside NULL in 1 row.",
    ),
    ("nearly_constant", 2, (("a", 900),), (), None, "x is 'a' in all but 2 rows."),
    ("patterns", 1, (("abc", 1),), (), "9-9", "x looks like 9-9 in all but 1 row: 'abc'."),
    ("patterns", 1, (("abc ", 1),), (), "spaces", "x begins or ends with white space in 1 row: 'abc '."),
    (
        "gap",
        2000,
        (("a", 1), ("b", 1)),
        (),
        "hour",
        "x misses 2,000 hours of a regular series; the longest gap is from a to b.",
    ),
    (
        "gap",
        1,
        (("a", 1), ("b", 1)),
        (),
        "15 minutes",
        "x misses 1 time of a regular series, 15 minutes apart; the longest gap is from a to b.",
    ),
    (
        "units",
        3,
        (("5 kg", 9), ("9 lb", 3)),
        (),
        "kg, lb",
        "x mixes numbers of several units (kg, lb): '5 kg', '9 lb'.",
    ),
    (
        "units",
        3,
        ((1.7, 3),),
        (),
        "÷100",
        "x is about 100 times smaller in 3 rows than in the others: 1.7. Probably they have another unit.",
    ),
    ("outliers", 1, ((1e9, 1),), (8,), None, "x holds 1000000000.0 in 1 row, far from all other values. In row 8."),
]


@pytest.mark.parametrize(("kind", "rows", "values", "numbers", "detail", "sentence"), CASES)
def test_sentences(
    kind: QualityKind,
    rows: int,
    values: tuple[tuple[str, int], ...],
    numbers: tuple[int, ...],
    detail: str | None,
    sentence: str,
) -> None:
    assert said(QualityIssue(kind, "low", ("x",), rows, 0.4, values, numbers, detail)) == sentence


def test_whole_rows_and_several_columns() -> None:
    found = QualityIssue("duplicate_rows", "high", (), 12, 0.1, (), (4, 18))
    assert said(found) == "12 rows repeat an earlier row in every column: row 18 repeats row 4."
    assert said(QualityIssue("duplicate_rows", "high", (), 1, 0.1)) == "1 row repeats another row in every column."
    names = tuple("abcdefgh")
    together = QualityIssue("missing_together", "low", names, 3, 0.1)
    assert said(together) == "a, b, c, d, e, f and 2 more are NULL in the same 3 rows."


def test_of_a_sample_it_says_so() -> None:
    found = QualityIssue("sentinel", "high", ("x",), 31, 0.01, ((-999, 31),))
    assert said(found, 1000).startswith("x holds -999 in 31 of 1,000 sampled rows, far from")


def test_every_kind_has_its_words() -> None:
    assert {kind for kind, *_ in CASES} | {"duplicate_rows", "missing_together"} == set(QUALITY_KINDS)
