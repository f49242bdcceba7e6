"""Make dependencies.json: the minimal exact dependencies that Desbordante's HyFD finds with up to 3 determinants.

Run as ``python -m tests.golden.make_dependencies PYTHON``, with the interpreter of an environment in which desbordante
is installed (``python -m bench.peers`` makes one). NULL equals NULL there, as with ``nulls="value"`` here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.dependency_tables import dependency_tables

GOLDEN = Path(__file__).with_name("dependencies.json")

FIND = """
import json, sys
import desbordante
algorithm = desbordante.fd.algorithms.HyFD()
algorithm.load_data(table=(sys.argv[1], ",", True))
algorithm.execute(max_lhs=3)
print(json.dumps(sorted([sorted(fd.lhs_indices), fd.rhs_index] for fd in algorithm.get_fds())))
"""


def main(python: str) -> None:
    """Ask HyFD about every table and write what it found."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in dependency_tables().items():
            path = Path(folder) / f"{name}.csv"
            frame.to_csv(path, index=False)
            run = subprocess.run([python, "-c", FIND, str(path)], capture_output=True, text=True, check=True)
            found[name] = {
                "rows": len(frame),
                "columns": list(frame.columns),
                "dependencies": json.loads(run.stdout.splitlines()[-1]),
            }
            print(f"{name}: {len(found[name]['dependencies'])}", file=sys.stderr)
    lines = [f"{json.dumps(name)}: {json.dumps(table)}" for name, table in found.items()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
