"""The table that the benchmark writes, and the place in README.md where it writes it."""

from __future__ import annotations

from pathlib import Path

from bench.harness import Measurement, format_figure

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def render(measurements: list[Measurement], machine: dict[str, str], command: str = "make bench") -> str:
    """Return the measurements as a Markdown table, the machine below it."""
    lines = ["| what | colprofile | beside it | figure | target | met |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(map(_cell, row(m)))} |" for m in measurements]
    notes = [f"- {m.what}: {m.note}." for m in measurements if m.note]
    if notes:
        lines += ["", *map(_text, notes)]
    lines += ["", f"Measured with `{command}` on " + _text("; ".join(machine.values())) + "."]
    return "\n".join(lines) + "\n"


def row(measurement: Measurement) -> tuple[str, str, str, str, str, str]:
    """Return the cells of one line: what, ours, peer, figure, target, verdict."""
    target = measurement.target
    return (
        measurement.what,
        measurement.ours,
        measurement.peer,
        format_figure(measurement.figure, measurement.unit),
        f"{target.sense} {format_figure(target.value, measurement.unit)}" if target else "",
        {True: "yes", False: "no", None: ""}[measurement.is_met],
    )


def write_table(path: Path, table: str) -> None:
    """Replace what stands between the two markers of ``path`` by ``table``, atomically.

    Raises
    ------
    ValueError
        The file has not exactly one begin marker with one end marker after it.
    """
    from colprofile.results.files import write_atomically

    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"{path.name} must have one line {BEGIN} and, below it, one line {END}")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    write_atomically(path, f"{head}{BEGIN}\n{table}{END}{tail}")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Return text on one line, nothing of it taken for HTML."""
    return " ".join(text.split()).replace("<", "&lt;")
