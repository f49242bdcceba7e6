"""Tables with planted faults, and tables without any: what a look at data quality must find, and must not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

CITIES = (
    *("Berlin", "Hamburg", "München", "Köln", "Frankfurt", "Stuttgart", "Düsseldorf", "Leipzig", "Dortmund"),
    *("Essen", "Bremen", "Dresden", "Hannover", "Nürnberg", "Duisburg", "Bochum", "Wuppertal", "Bielefeld"),
)


@dataclass(frozen=True)
class Planted:
    """A fault: its kind, its column ("" for the whole table), and in how many rows it shows."""

    kind: str
    column: str
    rows: int


def dirty_table(seed: int, rows: int = 2000) -> tuple[pd.DataFrame, list[Planted]]:
    """A table in which every column but the first has one fault, and a few rows repeat."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"number": np.arange(rows) + 1000})
    planted: list[Planted] = []

    def some() -> np.ndarray:
        return rng.choice(rows, int(rng.integers(3, max(4, rows // 50))), replace=False)

    def add(name: str, kind: str, values: Any, where: np.ndarray, fault: Any, amount: int | None = None) -> None:
        column = np.array(values, dtype=object)
        for place in where:
            column[place] = fault(column[place]) if callable(fault) else fault
        frame[name] = pd.Series(column.tolist())
        planted.append(Planted(kind, name, len(where) if amount is None else amount))

    pick = rng.choice
    add("city_missing", "placeholder", pick(CITIES, rows), some(), str(pick(["NA", "n/a", "?", "-", "", " ", "NULL"])))
    add("city_none", "placeholder", pick(CITIES, rows), some(), str(pick(["none", "unknown", "(null)", "N/A"])))
    add("age", "sentinel", rng.integers(0, 100, rows), some(), int(pick([-999, 999, 9999, -9999, 998])))
    add("temperature", "sentinel", rng.normal(12, 8, rows).round(1), some(), float(pick([-999.0, -9999.0, 999.9])))
    add("scale", "sentinel", rng.integers(1, 8, rows), some(), int(pick([99, 98, 88, -99])))
    add(
        "born",
        "sentinel",
        _days(rng, "1950-01-01", 20_000, rows),
        some(),
        _moment(str(pick(["1800-01-01", "2199-12-31"]))),
    )
    add(
        "amount_text",
        "stored_as_text",
        [f"{x:.2f}" for x in rng.lognormal(3, 1, rows)],
        some(),
        str(pick(["abc", "NA", "12,5", ""])),
    )
    add(
        "count_text",
        "stored_as_text",
        [str(x) for x in rng.integers(0, 5000, rows)],
        some(),
        str(pick(["x", "?", "many"])),
    )
    add(
        "day_text",
        "stored_as_text",
        [
            d.strftime(str(_format))
            for _format in [pick(["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y"])]
            for d in _days(rng, "2015-01-01", 1000, rows)
        ],
        some(),
        "soon",
    )
    add("flag_text", "stored_as_text", pick(["yes", "no"], rows), np.empty(0, int), None, 0)
    add("city_case", "variants", pick(CITIES, rows), some(), str.upper)
    add("city_space", "variants", pick(CITIES, rows), some(), lambda x: x + " ")
    add("zip_text", "leading_zeros", [f"{x:05}" for x in rng.integers(501, 99950, rows)], some(), "2134")
    add("zip", "leading_zeros", rng.integers(501, 99950, rows), np.empty(0, int), None, 0)
    add("ratio", "not_finite", rng.random(rows), some(), float("inf"))
    add("status", "nearly_constant", np.repeat("ok", rows), some()[: max(1, rows // 200)], "failed")
    add(
        "phone",
        "patterns",
        [f"{a:03}-{b:04}" for a, b in zip(rng.integers(0, 999, rows), rng.integers(0, 9999, rows), strict=True)],
        some(),
        "5551234",
    )
    add("padded", "patterns", [f"name {x}" for x in rng.permutation(rows)], some(), lambda x: x + " ")
    add(
        "weight",
        "units",
        [f"{x:.0f} kg" for x in rng.normal(70, 9, rows)],
        some(),
        lambda x: f"{2.2 * float(x[:-3]):.0f} lb",
    )
    add("height", "units", rng.normal(170, 9, rows).round(1), some(), lambda x: x / 100)
    add("price", "outliers", rng.lognormal(2, 0.7, rows).round(2), some()[:1], 1e6)
    add("comment", "missing", pick(CITIES, rows), rng.choice(rows, rows // 2, replace=False), None)
    both = some()
    add("latitude", "missing_together", rng.normal(50, 3, rows), both, None)
    add("longitude", "missing_together", rng.normal(9, 3, rows), both, None)
    hours = np.datetime64("2020-03-01", "us") + np.arange(rows + rows // 5) * np.timedelta64(1, "h")
    begin = int(rng.integers(10, rows - 10))
    add(
        "measured_at",
        "gap",
        np.delete(hours, np.arange(begin, begin + rows // 5)).astype(object),
        np.empty(0, int),
        None,
        rows // 5,
    )
    copies = frame.iloc[rng.choice(rows, 7, replace=False)]
    planted.append(Planted("duplicate_rows", "", 7))
    return pd.concat([frame, copies], ignore_index=True), planted


def clean_table(seed: int, rows: int = 2000) -> pd.DataFrame:
    """A table of many kinds of columns without a fault: whatever is said of it is at most good to know."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    both = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))

    def words(amount: int, length: int, of: np.ndarray = letters) -> list[str]:
        return ["".join(rng.choice(of, length)) for _ in range(amount)]

    def numbered(pattern: str, low: int, high: int) -> list[str]:
        return [pattern.format(x) for x in rng.integers(low, high, rows)]

    start = np.datetime64("2019-01-01", "us")
    frame = pd.DataFrame(
        {
            "id": rng.permutation(rows) + 1,
            "normal": rng.normal(size=rows),
            "lognormal": rng.lognormal(8, 2, rows).round(2),
            "pareto": rng.pareto(1.0, rows),
            "cauchy": rng.standard_cauchy(rows),
            "exponential": rng.exponential(9, rows),
            "counts": rng.geometric(0.1, rows) - 1,
            "zipf": np.minimum(rng.zipf(1.7, rows), 10**9),
            "age": rng.integers(0, 100, rows),
            "score": rng.integers(1, 6, rows),
            "percent": rng.integers(0, 101, rows),
            "year": rng.integers(1900, 2025, rows),
            "year_born": rng.integers(1999, 2010, rows),
            "price": (rng.integers(1, 10_000, rows) - 0.01).round(2),
            "signed": rng.integers(-99, 100, rows),
            "flag": rng.random(rows) < 0.3,
            "city": rng.choice(CITIES, rows),
            "country": rng.choice(["DE", "FR", "NA", "US", "GB", "NL", "AT"], rows),
            "colour": rng.choice(["red", "green", "none", "blue"], rows),
            "sign": rng.choice(["+", "-"], rows),
            "sentence": [" ".join(words(4, 6)) + rng.choice([".", "?", "!"]) for _ in range(rows)],
            "code": numbered("AB-{:04}", 0, 9999),
            "sku": words(rows, 4, both),
            "hexadecimal": numbered("{:08x}", 0, 2**31),
            "article": numbered("{:06}", 0, 10**6),
            "email": [f"{name}@{host}.org" for name, host in zip(words(rows, 6), words(rows, 4), strict=True)],
            "letter": rng.choice(both[:52], rows),
            "name": [word.capitalize() for word in words(rows, 7)],
            "weight": numbered("{} kg", 40, 120),
            "day": start + rng.integers(0, 1500, rows) * np.timedelta64(1, "D"),
            "moment": start + rng.integers(0, 10**14, rows) * np.timedelta64(1, "us"),
            "hourly": start + np.arange(rows) * np.timedelta64(1, "h"),
            "busy_days": start + np.minimum(rng.geometric(0.01, rows), 900) * np.timedelta64(1, "D"),
            "some": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
        }
    )
    weekdays = [d for d in pd.date_range("2010-01-01", periods=2 * rows) if d.weekday() < 5][:rows]
    frame["trading_day"] = weekdays
    frame["opening_hour"] = [d for d in pd.date_range("2010-01-01", periods=3 * rows, freq="h") if 8 <= d.hour < 20][
        :rows
    ]
    return frame


def _days(rng: np.random.Generator, first: str, amount: int, rows: int) -> list[Any]:
    return list(
        (np.datetime64(first, "us") + rng.integers(0, amount, rows) * np.timedelta64(1, "D")).astype(object).tolist()
    )


def _moment(text: str) -> Any:
    return np.datetime64(text, "us").astype(object)
