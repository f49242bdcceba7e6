"""Query engines that cannot be run here, by their own dialects: what is sent compiles, parses and means the same.

See tests/support/engine_stand_ins.py for what that shows, and what not. ClickHouse runs: test_clickhouse.py.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import duckdb
import pytest
import sqlalchemy as sa

import colprofile
from colprofile.results.profile import Profile
from colprofile.sources.database import small_marginal
from colprofile.sources.database.column_plans import ColumnPlan
from colprofile.sources.database.column_types import reflected_types
from colprofile.sources.database.engine_sql import comparable
from colprofile.sources.database.engines import error_line
from colprofile.sources.database.fetch import arrow_array
from colprofile.verbs.profile import count_in_database as pushed
from colprofile.verbs.profile import joints_in_database as pictures
from tests.support.differences import differences
from tests.support.engine_stand_ins import StandIn, engine_type, stand_in_engine

TABLE = "T 1 %x:y"

COLUMNS = {
    "b": "i % 3 = 0",
    "i": "case when i % 10 > 0 then i % 9 end",
    "f": "case when i % 7 > 0 then case when i = 5 then 'nan'::double else sqrt(i % 24) end end",
    "d": "((i % 14) / 8)::decimal(12, 2)",
    "t": "case i % 6 when 0 then 'it''s' when 1 then '%s :x' when 2 then 'ä\\' || chr(10) when 4 then null else '' end",
    "day": "date '2020-01-01' + (i % 15)::int",
    "moment": "timestamp '2020-01-01 00:00:00.25' + interval 1 hour * (i % 30)",
    "instant": "timestamptz '2020-01-01 00:00:00.25+00' + interval 1 hour * (i % 7)",
    "bytes": "(chr(65 + (i % 5)::int) || 'x')::blob",
    "nested": "[i % 3, 1]",
    "many Values": "'k' || (i % 50)",
}


@pytest.fixture(scope="module")
def local() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.sql("set timezone = 'UTC'")
    columns = ", ".join(f'{made} as "{name}"' for name, made in COLUMNS.items())
    connection.sql(f'create table "{TABLE}" as select {columns} from range(600) t(i)')
    yield connection
    connection.close()


def trino() -> StandIn:
    names = {
        **{"b": "boolean", "i": "bigint", "f": "double", "d": "decimal(12,2)", "t": "varchar", "day": "date"},
        **{"moment": "timestamp(6)", "instant": "timestamp(6) with time zone", "bytes": "varbinary"},
        **{"nested": "array(bigint)", "many Values": "varchar(10)"},
    }
    types = {name: engine_type("trino.sqlalchemy.datatype", "parse_sqltype", made) for name, made in names.items()}
    return StandIn("trino://u@127.0.0.1:1/memory/main", "trino", types)


def snowflake() -> StandIn:
    """All of its integers are decimals, which are shown as such: ``i`` is left out."""

    def of(name: str) -> Any:
        return engine_type("snowflake.sqlalchemy", name)

    types = {
        **{"b": sa.Boolean(), "f": sa.FLOAT(), "d": sa.DECIMAL(12, 2), "t": sa.VARCHAR(100)},
        **{"day": sa.DATE(), "moment": of("TIMESTAMP_NTZ"), "instant": of("TIMESTAMP_TZ"), "bytes": sa.BINARY()},
        **{"nested": of("ARRAY"), "many Values": sa.VARCHAR(10)},
    }
    return StandIn("snowflake://u:p@a/db/main", "snowflake", types)


def bigquery() -> StandIn:
    names = {
        **{"b": "BOOL", "i": "INT64", "f": "FLOAT64", "d": "NUMERIC", "t": "STRING", "day": "DATE"},
        **{"moment": "DATETIME", "instant": "TIMESTAMP", "bytes": "BYTES", "many Values": "STRING"},
    }
    known = engine_type("sqlalchemy_bigquery._types", "_type_map.copy")
    types = {name: known[made]() for name, made in names.items()} | {"nested": sa.ARRAY(known["INT64"])}
    return StandIn("bigquery://p/main?user_supplied_client=true", "bigquery", {name: types[name] for name in COLUMNS})


def databricks() -> StandIn:
    def of(name: str, *arguments: Any) -> Any:
        return engine_type("databricks.sqlalchemy._types", name, *arguments)

    types = {
        **{"b": sa.Boolean(), "i": sa.BigInteger(), "f": sa.Double(), "d": sa.Numeric(12, 2)},
        **{
            "t": of("DatabricksStringType"),
            "day": sa.Date(),
            "moment": of("TIMESTAMP_NTZ"),
            "instant": of("TIMESTAMP"),
        },
        **{"bytes": sa.LargeBinary(), "nested": of("DatabricksArray", sa.Integer)},
        **{"many Values": of("DatabricksStringType")},
    }
    return StandIn("databricks://token:x@h:443?http_path=/p&catalog=c&schema=main", "databricks", types)


def hive() -> StandIn:
    """Reflection by PyHive: classes, texts for what is nested, and nothing for what it does not know."""
    codes = {
        **{"b": "BOOLEAN", "i": "BIGINT", "f": "DOUBLE", "d": "DECIMAL", "t": "STRING", "day": "DATE"},
        **{"moment": "TIMESTAMP", "bytes": "BINARY", "nested": "ARRAY", "many Values": "STRING"},
    }
    of = {"BOOLEAN": sa.Boolean, "BIGINT": sa.BigInteger, "DOUBLE": sa.Float, "TIMESTAMP": sa.types.NullType}
    of["DECIMAL"] = engine_type("pyhive.sqlalchemy_hive", "HiveDecimal.mro")[0]
    of["DATE"] = engine_type("pyhive.sqlalchemy_hive", "HiveDate.mro")[0]
    types = {name: of.get(code, sa.String) for name, code in codes.items()}
    return StandIn("hive://h:1/main", "hive", types, codes={name: f"{code}_TYPE" for name, code in codes.items()})


ENGINES: dict[str, tuple[str, Callable[[], StandIn]]] = {
    "trino": ("trino", trino),
    "snowflake": ("snowflake.sqlalchemy", snowflake),
    "bigquery": ("sqlalchemy_bigquery", bigquery),
    "databricks": ("databricks.sqlalchemy", databricks),
    "hive": ("pyhive.sqlalchemy_hive", hive),
}


@pytest.fixture(params=ENGINES)
def stand_in(request: pytest.FixtureRequest) -> StandIn:
    module, make = ENGINES[request.param]
    pytest.importorskip(module, reason=f"pip install 'colprofile[{request.param}]'")
    return make()


def figures(profile: Profile, columns: list[str]) -> dict[str, Any]:
    """Return what a profile says of columns and their pairs, but not how it writes nested values."""
    of_columns = [
        (c.name, c.kind, c.rows, c.nulls, c.distinct, c.entropy, c.mean, c.standard_deviation, c.quantiles)
        + (() if c.kind == "nested" else (c.minimum, c.maximum, c.top_values))
        for c in profile.columns
        if c.name in columns
    ]
    of_pairs = [
        (
            *(p.x, p.y, p.rows, p.mutual_information, p.expected_mutual_information),
            *(p.dependence, p.pearson, p.spearman, p.x_to_y, p.y_to_x),
        )
        for p in profile.pairs
        if p.x in columns and p.y in columns
    ]
    return {"columns": of_columns, "pairs": sorted(of_pairs, key=lambda pair: pair[:2])}


def test_an_engine_counts_what_duckdb_counts(stand_in: StandIn, local: duckdb.DuckDBPyConnection) -> None:
    names = list(stand_in.types)
    there = stand_in_engine(stand_in, local, TABLE)
    wanted = figures(colprofile.profile(local, TABLE, columns=names), names)
    for fetch in ("always", "never"):
        found = colprofile.profile(there, TABLE, fetch=fetch)
        assert found.skipped == ()
        assert differences(figures(found, names), wanted) == []
    assert_within_limits(stand_in)


def test_an_engine_counts_large_columns(
    stand_in: StandIn, local: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns of many values stay there, and pairs are counted one by one."""
    monkeypatch.setattr(small_marginal.small_marginal, "__defaults__", (12,))
    monkeypatch.setattr(pushed, "_most_fetched", lambda rows: 0)
    monkeypatch.setattr(pictures, "FETCHED_CELLS", 0)
    names = ["f", "d", "moment", "many Values"]
    there = stand_in_engine(stand_in, local, TABLE)
    found = colprofile.profile(there, TABLE, fetch="never", columns=names, nulls="value")
    wanted = colprofile.profile(local, TABLE, columns=names, nulls="value")
    assert differences(figures(found, names), figures(wanted, names)) == []
    assert_within_limits(stand_in)


def assert_within_limits(stand_in: StandIn) -> None:
    """Only SELECTs; at most 255 parameters, as Databricks allows; far below the 256 KB of ClickHouse, the lowest."""
    assert all(re.match(r"(select|with)\b", sent, re.IGNORECASE) for sent in stand_in.statements)
    assert max(stand_in.parameters) <= 255
    assert max(map(len, stand_in.statements)) < 64_000


def test_a_query_has_the_types_that_the_driver_describes(local: duckdb.DuckDBPyConnection) -> None:
    pytest.importorskip("trino")
    stand_in = trino()
    stand_in.codes = {"f": "double", "moment": "timestamp(6)", "nested": "array(bigint)", "t": "varchar"}
    there = stand_in_engine(stand_in, local, TABLE)
    found = colprofile.profile(there, f'select f, moment, nested, t from "{TABLE}"')
    assert [(c.type, c.kind) for c in found.columns] == [
        ("double", "numeric"),
        ("timestamp(6)", "temporal"),
        ("array(bigint)", "nested"),
        ("varchar", "categorical"),
    ]


def test_a_table_of_another_catalog_is_named_in_three_parts(local: duckdb.DuckDBPyConnection) -> None:
    pytest.importorskip("trino")
    stand_in = trino()
    local.sql("create or replace table plain as select range as i from range(5)")
    stand_in.codes = {"i": "bigint"}
    there = stand_in_engine(stand_in, local, TABLE)
    for name in ("memory.main.plain", 'memory."main".plain'):
        found = colprofile.profile(there, name)
        assert (found.rows, found["i"].kind) == (5, "numeric")
    assert "FROM (select * from memory.main.plain\n)" in stand_in.statements[0]


def test_times_finer_than_pythons_are_compared_there(local: duckdb.DuckDBPyConnection) -> None:
    pytest.importorskip("trino")
    local.sql("create or replace table fine as select make_timestamp_ns(1 + i) as n, i as k from range(4) t(i)")
    parse = "trino.sqlalchemy.datatype", "parse_sqltype"
    stand_in = StandIn("trino://u@127.0.0.1:1/memory/main", "trino", {"n": engine_type(*parse, "timestamp(9)")})
    found = colprofile.profile(stand_in_engine(stand_in, local, "fine"), "fine")
    assert (found["n"].kind, found["n"].distinct) == ("temporal", 4)


@pytest.mark.parametrize("make", [hive, bigquery])
def test_names_that_end_their_own_quotes_are_not_sent(
    make: Callable[[], StandIn], local: duckdb.DuckDBPyConnection
) -> None:
    pytest.importorskip({"hive": "pyhive.sqlalchemy_hive", "bigquery": "sqlalchemy_bigquery"}[make.__name__])
    local.sql('create or replace table quotes as select 1 as k, 2 as "a` from t --"')
    stand_in = make()
    stand_in.types = dict.fromkeys(["k", "a` from t --"], sa.BigInteger())
    stand_in.codes = {"k": "BIGINT_TYPE"}
    found = colprofile.profile(stand_in_engine(stand_in, local, "quotes"), "quotes")
    assert [column.name for column in found.columns] == ["k"]
    assert ["does not quote rightly" in column.reason for column in found.skipped] == [True]
    with pytest.raises(colprofile.SourceError, match=r"cannot read 'a` b': .*does not quote rightly"):
        colprofile.profile(stand_in_engine(stand_in, local, "a` b"), "a` b")
    with pytest.raises(colprofile.SourceError, match=r"cannot read 'a` b': .*does not quote rightly"):
        colprofile.profile(stand_in_engine(stand_in, local, "a` b"), "a` b", where="1 = 1")


def test_hive_has_dates_as_text_and_errors_amid_all_else() -> None:
    plan = ColumnPlan("d", "date", "date", sa.column("d"))
    assert arrow_array(plan, ["2020-01-31", None]).to_pylist() == [datetime.date(2020, 1, 31), None]
    found = comparable("hive", "float", "double", math.nan)
    assert (
        str(found) == "CAST(:param_1 AS DOUBLE)" and found is not None and found.compile().params == {"param_1": "NaN"}
    )
    told = Exception("TExecuteStatementResp(status=TStatus(errorMessage='Error: no such column\\n at line 1', code=0))")
    assert error_line(told) == "Error: no such column"


def test_clickhouse_knows_its_integers_by_their_case() -> None:
    for name, written in {"uint256": "UInt256", "int128": "Int128", "decimal(76, 3)": "decimal(76, 3)"}.items():
        found = comparable("clickhouse", "decimal", name, 7)
        assert found is not None
        assert f"AS {written})" in str(found)


def test_where_the_types_of_a_query_may_not_be_asked_for_those_of_reflection_stay() -> None:
    dialect = pytest.importorskip("pyhive.sqlalchemy_hive").HiveDialect()

    class Refusing:
        def __init__(self) -> None:
            self.dialect = dialect

        def execute(self, statement: object) -> None:
            raise sa.exc.DBAPIError("select", {}, Exception("no permission on k"))

    found, names = reflected_types(cast("sa.Connection", Refusing()), sa.table("t", sa.column("k")), [sa.BigInteger()])
    assert (type(found[0]).__name__, names) == ("BigInteger", ["bigint"])
