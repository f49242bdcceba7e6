"""Any frame that pandas, polars or the csv module writes comes back with the same rows and values, or with an error."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from colprofile.errors import ColprofileError
from tests.support.text_corpus.oracle import says, split_records
from tests.support.text_corpus.reading import read
from tests.support.text_corpus.written import Written, by_csv, by_pandas, by_polars

WRITERS = {"csv": by_csv, "pandas": by_pandas, "polars": by_polars}


def silent_differences(written: Written) -> list[str]:
    """Return how what is read differs from what was written, and nothing where it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.csv")
        path.write_bytes(written.data)
        try:
            names, rows, _ = read(path, written.options)
        except ColprofileError as error:
            assert "\n" not in str(error), error
            return []
    if written.names is not None and names != written.names:
        return [f"names {names} instead of {written.names}"]
    if len(rows) != len(written.rows):
        return [f"{len(rows)} rows instead of {len(written.rows)}"]
    decimal = written.options.get("decimal", ".")
    return [
        f"row {number}: {found} instead of {texts}"
        for number, (texts, found) in enumerate(zip(written.rows, rows, strict=True))
        if len(texts) != len(found) or not all(says(*pair, decimal) for pair in zip(texts, found, strict=True))
    ]


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_a_file_comes_back_or_is_refused(writer: str, data: st.DataObject) -> None:
    written = data.draw(WRITERS[writer]())
    assert silent_differences(written) == [], (written.by, written.data)


def test_the_slow_reader() -> None:
    text = 'a;"b;""c"\r\n;"two\nlines"\r\n""\r\n'
    assert split_records(text, ";", '"', "\r\n") == [["a", 'b;"c'], ["", "two\nlines"], [""]]
    assert [says("1.50", 1.5), says("01", 1), says("1.5", "1.5"), says("9007199254740993", 9007199254740992.0)] == [
        True,
        False,
        True,
        False,
    ]
