"""The dense kernel alone, compared with the best that the machine can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.harness import Measurement, Run, Target, case
from colprofile.compiled import compiled

ROWS, SMALL_ROWS = 1 << 25, 1 << 16
SHAPES = ((4, 8), (20, 60), (105, 214), (1021, 60), (500, 500))
"""Distinct values of x and of y. All but the last stay within 2^16 cells: 256 kB of counters."""
ORDERS = ("random", "x sorted", "both sorted")

Array = npt.NDArray[np.generic]
Kernel = Callable[..., None]


@case("kernel")
def dense_kernel(run: Run) -> list[Measurement]:
    """Nanoseconds per row for one pair on one core: several cardinalities, three orders of the rows."""
    from colprofile.counting.kernels import count_dense

    rows = SMALL_ROWS if run.small else ROWS
    return [_shape(run, count_dense, shape, rows) for shape in (SHAPES[:1] if run.small else SHAPES)]


def _shape(run: Run, kernel: Kernel, shape: tuple[int, int], rows: int) -> Measurement:
    """Return the line of one pair of cardinalities: its figure is the slowest order's."""
    found = {order: _nanoseconds(run, kernel, shape, order, rows) for order in ORDERS}
    sides = [", ".join(f"{order} {nanoseconds[side]:.2f}" for order, nanoseconds in found.items()) for side in range(3)]
    return run.judge(
        Measurement(
            f"dense kernel, {shape[0]} × {shape[1]} values",
            f"{sides[0]} ns per row",
            f"increments alone {sides[1]}; np.bincount {sides[2]}",
            max(nanoseconds[0] for nanoseconds in found.values()),
            "ns",
            Target("at most", 0.5),
        )
    )


def _nanoseconds(run: Run, kernel: Kernel, shape: tuple[int, int], order: str, rows: int) -> tuple[float, float, float]:
    """Return nanoseconds per row of the kernel, of increments whose cell is already known, and of np.bincount."""
    x, y = columns(shape, order, rows)
    width = shape[1] + 1
    table = np.zeros((shape[0] + 1) * width, np.uint32)
    dtype = np.uint16 if table.size <= 1 << 16 else np.uint32
    cells = np.multiply(x, width, dtype=dtype) + y.astype(dtype)
    check_counts(kernel, x, y, width, cells)
    times = run.interleave(
        {
            "colprofile": lambda: kernel(x, y, width, table),
            "increment": lambda: increment(cells, table),
            "bincount": lambda: np.bincount(cells),
        }
    )
    ours, limit, bincount = (timing.median / rows * 1e9 for timing in times.values())
    return ours, limit, bincount


@case("machine")
def machine_limits(run: Run) -> list[Measurement]:
    """What limits the kernel: reading memory in order, the clock, and adding to a table in cache."""
    rows = SMALL_ROWS if run.small else ROWS
    stream = np.ones(rows, np.uint64)
    steps = 1 << (18 if run.small else 27)
    random = np.random.default_rng(1).integers(0, 1 << 10, rows, np.uint16)
    table, same = np.zeros(1 << 10, np.uint32), np.zeros(rows, np.uint16)
    times = run.interleave(
        {
            "read": lambda: add_up(stream),
            "chain": lambda: chain(steps),
            "random": lambda: increment(random, table),
            "same": lambda: increment(same, table),
        }
    )
    gigabytes = stream.nbytes / times["read"].median / 1e9
    # One step is a multiplication (3 cycles) and an exclusive or (1) that wait for each other.
    clock = 4 * steps / times["chain"].median / 1e9
    spread, repeated = (times[key].median / rows * 1e9 for key in ("random", "same"))
    note = "two 1-byte codes per row need at least this, from memory that is not in cache"
    return [
        Measurement(
            "limit: reading in order",
            f"{2 / gigabytes:.3f} ns per row",
            f"{gigabytes:.1f} GB/s",
            2 / gigabytes,
            "ns",
            note=note,
        ),
        Measurement("limit: one cycle", f"{1 / clock:.3f} ns", f"{clock:.2f} GHz", 1 / clock, "ns"),
        Measurement(
            "limit: increments of 1,024 random cells",
            f"{spread:.2f} ns",
            f"{spread * clock:.1f} cycles",
            spread,
            "ns",
        ),
        Measurement(
            "limit: increments of one cell",
            f"{repeated:.2f} ns",
            f"{repeated * clock:.1f} cycles",
            repeated,
            "ns",
            note="each addition waits for the store before it",
        ),
    ]


def columns(shape: tuple[int, int], order: str, rows: int) -> tuple[Array, Array]:
    """Return codes 0 … k of two columns in their narrowest types; 0, NULL, is as frequent as any other."""
    generator = np.random.default_rng(shape[0] * 1000 + shape[1])
    x, y = (generator.integers(0, k + 1, rows, np.uint8 if k < 256 else np.uint16) for k in shape)
    if order == "x sorted":
        x.sort()
    elif order == "both sorted":
        x.sort()
        y = (np.arange(rows) * (shape[1] + 1) // rows).astype(y.dtype)
    return x, y


def check_counts(kernel: Kernel, x: Array, y: Array, width: int, cells: Array) -> None:
    """Make sure that the kernel and its peers count the same cells."""
    size = (int(x.max()) + 1) * width
    counted = np.zeros(size, np.uint32)
    kernel(x, y, width, counted)
    if not np.array_equal(counted, np.bincount(cells, minlength=size)[:size]):
        raise AssertionError("the dense kernel and np.bincount disagree")


@compiled
def increment(cells: Any, table: Any) -> None:
    """Add one to each cell, four distant rows at a time: the least that any counting does."""
    quarter = cells.size // 4
    for i in range(quarter):
        table[cells[i]] += np.uint32(1)
        table[cells[i + quarter]] += np.uint32(1)
        table[cells[i + 2 * quarter]] += np.uint32(1)
        table[cells[i + 3 * quarter]] += np.uint32(1)


@compiled
def add_up(words: Any) -> Any:
    """Return the sum of an array: as fast as memory can be read on one core."""
    total = np.uint64(0)
    for i in range(words.size):
        total += words[i]
    return total


@compiled
def chain(steps: int) -> Any:
    """Return the end of a chain of steps that each wait for the one before and cannot be merged."""
    state = np.uint64(steps)
    for _ in range(steps):
        state = (state * np.uint64(6364136223846793005)) ^ (state >> np.uint64(29))
    return state
