"""Columns whose texts do not decide which values are equal: SQL of a few values each, for every type that has such."""

from __future__ import annotations

import duckdb

UNION = "union(i int, s varchar)"

EQUAL_VALUES = {
    "collate nocase": ["'a' collate nocase", "'A' collate nocase", "'b' collate nocase"],
    "collate noaccent": ["'e' collate noaccent", "'é' collate noaccent", "'E' collate noaccent"],
    "collate nfc": ["'é' collate nfc", "('e' || chr(769)) collate nfc", "'e' collate nfc"],
    "collate de": ["'a' collate de", "('a' || chr(173)) collate de", "'A' collate de"],
    "collate several": [f"{text} collate de.noaccent.nocase" for text in ("'ä'", "'A'", "'b'")],
    "interval": ["'1 month'::interval", "'30 days'::interval", "'720 hours'::interval", "'1 day'::interval"],
    "variant": [
        *("1::variant", "1::tinyint::variant", "1.0::double::variant", "'1'::variant", "true::variant"),
        *("[1]::variant", "['1']::variant", "{'a': 1}::variant", "'1 month'::interval::variant"),
        *("'30 days'::interval::variant", "'-0.0'::double::variant", "0.0::double::variant"),
    ],
    "union": [f"1::{UNION}", f"'1'::varchar::{UNION}", f"2::{UNION}"],
    "enum": ["'a'::enum('a', 'A')", "'A'::enum('a', 'A')"],
    "bit": ["'101'::bit", "'0101'::bit"],
    "double": ["'nan'::double", "'-nan'::double", "0.0::double", "'-0.0'::double", "'inf'::double"],
    "float": ["'nan'::float", "0.0::float", "'-0.0'::float"],
    "json": ["'{\"a\":1}'::json", "'{\"a\": 1}'::json", "'1'::json", "'\"1\"'::json"],
    "time with time zone": ["'10:00:00+01'::timetz", "'09:00:00+00'::timetz"],
    "list of texts": ["['a, b']", "['a', 'b']", "['NULL']", "[null::varchar]"],
    "list of collated": ["['a' collate nocase]", "['A' collate nocase]"],
    "list of intervals": ["['1 month'::interval]", "['30 days'::interval]"],
    "array of intervals": ["array_value('1 month'::interval)", "array_value('30 days'::interval)"],
    "list of doubles": ["['-0.0'::double]", "[0.0::double]", "['nan'::double]", "['-nan'::double]"],
    "list of unions": [f"[1::{UNION}]", f"['1'::varchar::{UNION}]"],
    "struct": ["{'a': '1 month'::interval, 'q''x': 0.0::float}", "{'a': '30 days'::interval, 'q''x': '-0.0'::float}"],
    "tuple": ["row(1, '1 month'::interval)", "row(1, '30 days'::interval)", "row(2, '1 month'::interval)"],
    "struct of variants": ["{'a': 1::variant}", "{'a': 1::tinyint::variant}", "{'a': '1'::variant}"],
    "map": ["map {'a': '1 month'::interval}", "map {'a': '30 days'::interval}", "map {'b': '1 month'::interval}"],
    "map of keys": ["map {'1 month'::interval: 1}", "map {'30 days'::interval: 1}"],
}
"""What the values are → SQL of some of them, of one type."""


def equal_values_table(rows: int = 36) -> duckdb.DuckDBPyConnection:
    """Return a database with the table t: one column of each kind, by name, and a number from 0 to 4.

    A value is NULL in every eighth row.
    """
    con = duckdb.connect()
    columns = [
        f"case when n % 8 < 7 then case n % {len(values)} "
        + " ".join(f"when {i} then {value}" for i, value in enumerate(values))
        + f' end end as "{name}"'
        for name, values in EQUAL_VALUES.items()
    ]
    con.execute(f"create table t as select n % 5 as number, {', '.join(columns)} from range({rows}) as r(n)")
    return con
