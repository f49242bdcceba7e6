"""Use an installed colprofile, away from its sources: every result as a page, the SQL functions, the command line."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import colprofile.sql
import duckdb
import pandas as pd

import colprofile


def main() -> None:
    """Raise unless everything works."""
    assert "site-packages" in colprofile.__file__, colprofile.__file__
    assert colprofile.__version__ == version("colprofile")
    assert files(colprofile.sql).joinpath("pairs.sql").is_file()
    colprofile_command = Path(sys.executable).with_name("colprofile")
    subprocess.run([colprofile_command, "--help"], check=True, stdout=subprocess.DEVNULL)
    printed = subprocess.run([colprofile_command, "sql"], check=True, capture_output=True, text=True).stdout
    duckdb.connect().execute(printed)

    frame = pd.DataFrame({"zip": [1, 1, 2, 2] * 50, "city": ["a", "a", "b", "b"] * 50, "day": range(200)})
    fresh = frame.assign(city=["a", "b", "b", "b"] * 50)
    results = {
        "profile": colprofile.profile(frame),
        "drift": colprofile.drift(frame, fresh),
        "audit": colprofile.audit(frame),
        "latent": colprofile.latent_classes(frame, columns=["zip", "city"]),
    }
    for name, result in results.items():
        page = result.to_html(f"{name}.html")
        assert page.lstrip().startswith("<!doctype html>"), name
        result.save(f"{name}.json")
        subprocess.run([colprofile_command, "report", f"{name}.json"], check=True, stdout=subprocess.DEVNULL)
    con = colprofile.register(duckdb.connect())
    shared = con.execute("select mutual_information(x, x * x) from (values (-2), (-1), (1), (2)) as t(x)").fetchone()
    assert shared == (1.0,), shared
    print(f"colprofile {colprofile.__version__} works: {', '.join(results)}, SQL, command line")


if __name__ == "__main__":
    main()
