"""All tables of a Spark session: each is read, and nothing is asked between them."""

from __future__ import annotations

from typing import Any

import pytest

import colprofile
from colprofile.errors import SourceNotFound


@pytest.fixture
def session(spark: Any) -> Any:
    names = ("shop_orders", "odd `name`.x")
    for number, name in enumerate(names):
        spark.range(40 + number).selectExpr("id", "id % 7 as k").createOrReplaceTempView(name)
    yield spark
    for name in names:
        spark.catalog.dropTempView(name)


def test_each_table_of_a_session_is_read(session: Any) -> None:
    found = colprofile.profile(session, tables=["shop_*", "*odd*"])
    assert {table.result.rows for table in found} == {40, 41} and not found.skipped
    audits = colprofile.audit(session, tables="shop_orders")
    assert audits.names == ("shop_orders",)
    assert audits["shop_orders"].result.keys == (("id",),)
    (note,) = [note for note in audits.schema.notes if "Spark" in note]
    assert "nothing between tables" in note
    drifts = colprofile.drift(session, session, tables="shop_orders")
    assert [column.verdict for column in drifts["shop_orders"].result.columns] == ["same", "same"]


def test_a_schema_that_is_not_there_is_an_error(session: Any) -> None:
    with pytest.raises(SourceNotFound, match="no schema 'nope' in the Spark session"):
        colprofile.profile(session, schema="nope")
