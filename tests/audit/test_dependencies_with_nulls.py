"""The exact dependencies of tables of constants, NULLs and few rows, against what SQL says of each."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import duckdb
import pytest

import colprofile

COLUMNS = ("varied", "flag", "beside", "constant", "nothing", "once", "number")


def table(rows: int) -> duckdb.DuckDBPyConnection:
    """A flag that is constant or NULL, what is constant beside it, a constant, nothing, one value, a number."""
    con = duckdb.connect()
    con.execute(
        "create table t as select n % 3 as varied, case when n % 2 = 0 then 'x' end as flag, "
        "case when n % 2 = 0 then 5 else n end as beside, 7 as constant, null::int as nothing, "
        f"case when n = 3 then 1 end as once, n as number from range({rows}) as r(n)"
    )
    return con


def holds(con: duckdb.DuckDBPyConnection, left: str, right: str, nulls: str) -> bool:
    where = f"{left} is not null and {right} is not null" if nulls == "ignore" else "true"
    query = f"select {left} from t where {where} group by 1 having count(distinct coalesce({right}::varchar, '?')) > 1"
    return not con.execute(query).fetchall()


@pytest.mark.parametrize("nulls", ["ignore", "value"])
@pytest.mark.parametrize("rows", [0, 1, 2, 12])
def test_each_dependency_of_one_column_is_what_sql_says(rows: int, nulls: Any) -> None:
    con = table(rows)
    audit = colprofile.audit(con, "t", nulls=nulls, progress=False)
    found = {(d.columns, d.target) for d in audit.dependencies}
    distinct = {
        name: con.execute(
            f"select count(distinct {name}) + (count(*) > count({name}) and {nulls == 'value'})::int from t"
        ).fetchall()[0][0]
        for name in COLUMNS
    }
    constants = {name for name in COLUMNS if distinct[name] <= 1}
    assert {target for columns, target in found if not columns} == constants
    # The same in every row, it determines nothing; nor does what has no value at all.
    useless = {
        name
        for name in constants
        if not con.execute(f"select count({name}) > 0 and count({name}) < count(*) from t").fetchall()[0][0]
        or nulls == "value"
    }
    expected = {
        ((left,), right)
        for left, right in permutations(COLUMNS, 2)
        if right not in constants and left not in useless and holds(con, left, right, nulls)
    }
    assert {(columns, target) for columns, target in found if len(columns) == 1} == expected
    if rows == 12 and nulls == "ignore":
        assert (("flag",), "beside") in found
