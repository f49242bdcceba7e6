"""A corpus of small files, each odd in one way: what a careful person would read in them is read, or refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from colprofile.errors import ColprofileError
from colprofile.inputs import InputReading
from tests.support.text_corpus import encodings, fields, headers, layouts, values
from tests.support.text_corpus.case import ANY, Case, Refusal, Table, same_value
from tests.support.text_corpus.reading import read

CASES = [case for module in (encodings, layouts, headers, fields, values) for case in module.CASES]

Found = tuple[list[str], list[tuple[Any, ...]], InputReading]


def differences(expected: Table, found: Found) -> list[str]:
    """Return in which ways what was read is not what was expected."""
    names, rows, reading = found
    wrong = []
    if len(names) != len(expected.columns) or any(
        x is not ANY and x != y for x, y in zip(expected.columns, names, strict=True)
    ):
        wrong.append(f"columns {names[:8]} instead of {list(expected.columns)[:8]}")
    elif len(rows) != len(expected.rows):
        wrong.append(f"{len(rows)} rows {rows[:5]} instead of {len(expected.rows)}")
    else:
        pairs = zip(expected.rows, rows, strict=True)
        unequal = [f"{y} instead of {x}" for x, y in pairs if len(x) != len(y) or not all(map(same_value, x, y))]
        wrong += [each[:300] for each in unequal[:3]]
    if expected.says and reading.is_plain:
        wrong.append("nothing is said")
    wrong += [
        f"{name}={getattr(reading, name)!r}"
        for name, value in expected.reading.items()
        if getattr(reading, name) != value
    ]
    return wrong


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_file_is_read_as_by_a_careful_person(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.file
    path.write_bytes(case.data)
    found: Found | ColprofileError
    try:
        found = read(path, case.options)
    except ColprofileError as error:
        found = error
    wrong = []
    for outcome in case.outcomes:
        if isinstance(outcome, Refusal) and isinstance(found, ColprofileError):
            message = str(found)
            faults = [] if re.search(outcome.pattern, message) and "\n" not in message else [message]
        elif isinstance(outcome, Table) and not isinstance(found, ColprofileError):
            faults = differences(outcome, found)
        else:
            faults = [
                f"refused: {found}" if isinstance(found, ColprofileError) else f"read as {found[0][:5]} {found[1][:5]}"
            ]
        if not faults:
            return
        wrong += faults
    pytest.fail("; ".join(wrong)[:2000])
