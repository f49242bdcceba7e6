"""Make afd_measures.json: μ+, g3 and pdep of dependencies by the package afd-measures.

Run as ``python -m tests.golden.make_afd_measures PYTHON``, with the interpreter of an environment in which
afd-measures 1.0, pandas below 2 and numpy below 2 are installed. Its g3 is the share of rows to keep; the file has the
share to remove.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from itertools import combinations, permutations
from pathlib import Path

import pandas as pd

from tests.support.dependency_tables import scikit_learn_tables
from tests.support.tables import flights, zip_codes

GOLDEN = Path(__file__).with_name("afd_measures.json")

MEASURE = """
import json, sys
import pandas, afd_measures
frame = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
wanted = json.loads(sys.argv[2])
found = []
for left, right in wanted:
    rows = frame[(frame[left] != "NULL").all(axis=1) & (frame[right] != "NULL")].copy()
    rows["left"] = rows[left[0]]
    for name in left[1:]:
        rows["left"] = rows["left"] + "\\x1f" + rows[name]
    if rows[right].nunique() < 2 or rows["left"].nunique() == len(rows):
        continue
    figures = [getattr(afd_measures, name)(rows, "left", right) for name in ("mu_plus", "g3", "pdep")]
    found.append([left, right, float(figures[0]), 1 - float(figures[1]), float(figures[2])])
print(json.dumps(found))
"""


def chosen() -> dict[str, tuple[pd.DataFrame, list[tuple[list[str], str]]]]:
    """Return name → (table, dependencies to measure): all of one column on small tables, some of two on large ones."""
    some = flights().sample(20_000, random_state=0).reset_index(drop=True)
    columns = ["month", "carrier", "tailnum", "origin", "dest", "distance", "hour", "dep_time", "flight"]
    single = [([x], y) for x, y in permutations(columns, 2)]
    double = [([x, y], z) for x, y in combinations(columns[1:6], 2) for z in columns if z not in (x, y)]
    codes = zip_codes()[["zip_code_type", "city", "state", "county", "timezone", "world_region"]]
    of_codes = [([x], y) for x, y in permutations(codes.columns, 2)] + [(["city", "county"], "state")]
    return {
        "flights": (some[columns], single + double),
        "zip_codes": (codes, of_codes),
        **{
            name: (frame, [([x], y) for x, y in permutations(frame.columns[:5], 2)])
            for name, frame in scikit_learn_tables().items()
        },
    }


def main(python: str) -> None:
    """Ask afd-measures and write what it says."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (frame, wanted) in chosen().items():
            path = Path(folder) / f"{name}.csv"
            frame.to_csv(path, index=False, na_rep="NULL")
            command = [python, "-c", MEASURE, str(path), json.dumps(wanted)]
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            found[name] = json.loads(run.stdout.splitlines()[-1])
            print(f"{name}: {len(found[name])}", file=sys.stderr)
    lines = [f"{json.dumps(name)}: {json.dumps(table)}" for name, table in found.items()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
