"""Tables for the audit's tests: messy ones as people inherit them, and ones of chance."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

MESSY_TABLES = {
    "copies": """
        select i as id, q as quantity, q::varchar as quantity_text, q::double as quantity_double,
            q::decimal(10, 2) as quantity_decimal, lpad(q::varchar, 6, '0') as quantity_padded, d as day,
            d::varchar as day_text, strftime(d, '%d.%m.%Y') as day_written, d::timestamp as midnight, b as flag,
            case when b then 'Y' else 'N' end as flag_letter, b::int as flag_number
        from (select i, (random() * 300)::int as q, date '2020-01-01' + (random() * 200)::int as d, random() < 0.3 as b
              from range(4000) r(i))
        """,
    "units": """
        select i as id, c as celsius, round(c * 1.8 + 32, 2) as fahrenheit, m as metres, m / 1000.0 as kilometres,
            round(m / 1609.344, 1) as miles, e as cents, (e / 100.0)::decimal(10, 2) as euros,
            timestamp '2024-01-01' + to_seconds(s) as moment, 1704067200 + s as unix, p as price, n as amount,
            p * n as total, (e / 100.0)::decimal(10, 2) + n as sum
        from (select i, round(random() * 90 - 30, 1) as c, (random() * 90000)::int as m, (random() * 300)::int as e,
                  (random() * 700)::bigint as s, (random() * 90)::int as p, (random() * 10)::int as n
              from range(9000) r(i))
        """,
    "bills": """
        select i as id, net, tax, (net + tax)::decimal(12, 2) as gross, round(net * 0.19, 2)::decimal(12, 2) as duty,
            w as weight, h as height, w * h as area, w - h as difference
        from (select i, (random() * 5000)::decimal(12, 2) as net, ((random() * 900)::int / 10.0)::decimal(12, 2) as tax,
                  (random() * 30)::int as w, (random() * 30)::int as h from range(12000) r(i))
        """,
    "typos": """
        select i as id, 100 + k as code,
            'label ' || md5((case when random() < 0.003 then k + 50 else k end)::varchar)[:6] as label,
            md5((k * 7)::varchar)[:5] as other, 'region ' || md5((k // 8)::varchar)[:3] as region
        from (select i, (random() * 40)::int as k from range(20000) r(i))
        """,
    "places": """
        select i as id, 'street ' || md5(s::varchar) as street, 'zip ' || md5((s // 4)::varchar) as zip,
            'city ' || md5((s // 20)::varchar) as city, 'state ' || md5((s // 100)::varchar) as state,
            'country ' || md5((s // 500)::varchar) as country
        from (select i, (random() * 1999)::int as s from range(40000) r(i))
        """,
    "orders": """
        select o as order_number, l as line, c as customer, md5(c::varchar)[:8] as customer_name, d as ordered,
            p as product, md5(p::varchar)[:8] as product_name, (hash(p) % 997) as price, (random() * 20)::int as amount
        from (select o, (random() * 800)::int as c, date '2020-01-01' + (random() * 700)::int as d,
                  ceil(random() * 5) as k from range(6000) r(o)),
            lateral (select l, (random() * 200)::int as p from range(1, 6) s(l) where l <= k + o * 0)
        """,
    "moments": """
        select i as id, m as created_at, m::date as created_on, m + interval 3 second as seen_at,
            uuid()::varchar as token, (random() * 30)::int as person
        from (select i, timestamp '2024-01-01' + to_seconds(i * 7 + (random() * 5)::int) as m from range(20000) r(i))
        """,
    "gaps": """
        select i as id, null::int as nothing, 'k' as always, case when not g then 'x' end as mostly,
            case when not g then v end as value, case when not g then md5(v::varchar)[:4] end as value_name,
            g as is_missing, case when g then 'no' else 'yes' end as has_value, case when h then i end as some_id
        from (select i, random() < 0.1 as g, (random() * 20)::int as v, random() < 0.3 as h from range(8000) r(i))
        """,
    "names": """
        select (hash(i) % 30)::int as "a ""quoted"" name", md5(((hash(i) % 30) // 3)::varchar) as "new
line", v as "select", v * 3 + 1 as "order", w as "%s; drop table t; --", w % 7 as "<script>alert(1)</script>",
            u as "$check$", u as "naïve 😀"
        from (select i, (random() * 12)::int as v, (random() * 50)::int as w, (random() * 9)::int as u
              from range(3000) r(i))
        """,
    "long": f"""
        select (v * 7 % 19) as "{"n" * 10_000}", md5(v::varchar) as "{"n" * 9_999}m", 5 as "{"q" * 3_000}"
        from (select (random() * 18)::int as v from range(500) r(i))
        """,
    "constants": """
        select i as id, null as nothing, 3::decimal(5, 1) as decimal, false as boolean, date '2020-02-29' as day,
            'it''s "q" %d $check$' as text, 1.5e300::double as large, time '12:00' as clock,
            '2020-01-01 00:00:00+00'::timestamptz as instant, '' as empty, 'a' || chr(10) || 'b' as lines
        from range(50) r(i)
        """,
    "nested": """
        select i as id, {'a': v, 'b': 'x'} as struct, v as member, ('{"k":' || w || '}')::json as json, w as key,
            [w, 1] as list, map {'k': u} as map, null::struct(a int) as nothing, {'c': 1} as always
        from (select i, (random() * 5)::int as v, (random() * 9)::int as w, (random() * 4)::int as u
              from range(5000) r(i))
        """,
    "two": "select * from (values (1, 'a', 2), (2, 'b', 2)) v(x, y, z)",
    "none": "select 1 as x, 'a' as y where false",
    "alone": "select i % 9 as x from range(100) r(i)",
}
DUCKDB_ALONE = ("nested", "long", "none")
"""PostgreSQL has no such types, cuts names at 63 bytes."""


def messy_table(name: str) -> duckdb.DuckDBPyConnection:
    """A new DuckDB with the table, the same each time."""
    connection = duckdb.connect()
    connection.execute("set threads = 1")  # so that the seed decides
    connection.execute("select setseed(0.5)")
    connection.execute(f"create table {name} as {MESSY_TABLES[name]}")
    return connection


SHAPES: tuple[Any, ...] = (
    lambda values: values,
    lambda values: values.map(lambda value: f"{value:03d}"),
    lambda values: values.map(lambda value: f"item {value}"),
    lambda values: values * 0.1,
    lambda values: pd.Timestamp("2020-01-01") + pd.to_timedelta(values, unit="D"),
)


def random_table(seed: int) -> pd.DataFrame:
    """Independent columns of 2 to n values, skewed and even ones, one nearly a key and one with NULL."""
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(12, 160))
    columns: dict[str, Any] = {}
    for j in range(int(rng.integers(3, 7))):
        distinct = int(np.exp(rng.uniform(np.log(2), np.log(rows))))
        weights = rng.dirichlet(np.full(distinct, rng.choice([0.2, 1.0, 20.0])))
        columns[f"c{j}"] = rng.choice(distinct, rows, p=weights)
    near_key = rng.permutation(rows)
    near_key[0] = near_key[1]
    columns["near_key"] = near_key
    with_null = rng.integers(0, 3, rows).astype(object)
    with_null[rng.random(rows) < 0.3] = None
    columns["with_null"] = with_null
    frame = pd.DataFrame(columns)
    for name in ("c0", "c1"):  # texts with numbers in them, fractions and dates could be computed from each other
        frame[name] = SHAPES[int(rng.integers(0, len(SHAPES)))](frame[name])
    return frame
