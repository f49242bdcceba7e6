"""Fit latent classes to a counted table, and say in the table's own values what was found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from colprofile.counting.mixtures.model import Fit, Mixture, Rows, distinct_rows
from colprofile.counting.mixtures.search import Search, search_classes
from colprofile.measures.entropy import entropy
from colprofile.results.joint import Category
from colprofile.results.latent import Candidate, LatentClass, LatentColumn, Typical
from colprofile.verbs.latent.categories import category_matrix, column_coding
from colprofile.verbs.profile.count_table import CountedTable

if TYPE_CHECKING:
    from colprofile.verbs.latent.options import Options

Floats = npt.NDArray[np.float64]

TYPICAL_SHOWN = 16
"""Typical values that a class lists."""

_A_COLUMN = 2
_LEAST_LIFT = 1.1
_LEAST_BITS = 0.01


@dataclass(frozen=True)
class Found:
    """What the fit gives. ``elbo`` and ``independent_evidence`` in bits of the whole table, all else in bits a row.

    ``spread`` is the standard deviation of the rows' own redundancy, ``left_out`` says by name why a column is.
    """

    columns: tuple[LatentColumn, ...]
    classes: tuple[LatentClass, ...]
    candidates: tuple[Candidate, ...]
    trace: tuple[float, ...]
    elbo: float
    independent_evidence: float
    marginal_bits: float
    spread: float
    is_converged: bool
    left_out: dict[str, str]


def nothing_found(rows: int) -> Found:
    """Return what is found in a table none of whose columns has anything to say: one class."""
    one = LatentClass(1, 1.0, rows, 1.0, (), ())
    return Found((), (one,), (Candidate(1, 0.0, 0.0),), (0.0,), 0.0, 0.0, 0.0, 0.0, True, {})


def fit_classes(counted: CountedTable, options: Options) -> Found:
    """Return the latent classes of a counted table."""
    coded = counted.coded
    is_null_value = options.nulls == "value"
    codings = [
        column_coding(column, marginal, bins=options.bins, max_values=options.max_values, is_null_value=is_null_value)
        for column, marginal in zip(counted.columns, coded.marginals, strict=True)
    ]
    left_out = {
        column.name: coding.reason
        for column, coding in zip(counted.columns, codings, strict=True)
        if coding.reason is not None
    }
    used = [number for number, coding in enumerate(codings) if coding.reason is None]
    if not used or not coded.rows:
        return replace(nothing_found(coded.rows), left_out=left_out)

    latest: tuple[str, int, int | None] = ("finding equal rows", 0, None)

    def check() -> None:
        counted.session.report(*latest)

    def say(label: str, done: int, total: int | None) -> None:
        nonlocal latest
        latest = (label, done, total)
        check()

    matrix = category_matrix(
        [coded.codes[number] for number in used],
        [codings[number].category_of for number in used],
        counted.session.executor,
    )
    sizes = np.array([len(codings[number].categories) for number in used], np.int64)
    rows, _ = distinct_rows(matrix, sizes, check)
    del matrix
    search = search_classes(
        rows,
        max_classes=options.max_classes,
        restarts=options.restarts,
        seed=options.seed,
        concentration=options.concentration,
        tolerance=options.tolerance * math.log(2),
        max_iterations=options.max_iterations,
        executor=counted.session.executor,
        check=check,
        progress=say,
    )
    described = [
        (counted.columns[n].name, counted.columns[n].type, coded.marginals[n].nulls, codings[n].categories)
        for n in used
    ]
    model = Mixture(rows, options.concentration, counted.session.executor, check)
    return _described(model, search, described, is_null_value, left_out)


def saved_bits(counted: CountedTable) -> float:
    """Return for a ledger the bits a row that latent classes show to be redundant, NULL a value of its own."""
    from colprofile.verbs.latent.options import DEFAULTS

    found = fit_classes(counted, replace(DEFAULTS, nulls="value"))
    return max(0.0, found.marginal_bits + found.elbo / counted.coded.rows) if counted.coded.rows else 0.0


def _described(
    model: Mixture,
    search: Search,
    described: list[tuple[str, str, int, tuple[Category, ...]]],
    is_null_value: bool,
    left_out: dict[str, str],
) -> Found:
    rows, fit = model.rows, search.fit
    labels, certainties, gains = model.assigned(fit)
    informations = _informations(rows, fit)
    columns = []
    marginal_bits = 0.0
    for number, (name, type_name, nulls, categories) in enumerate(described):
        counts = [category.rows for category in categories]
        bits = entropy(counts) or 0.0
        marginal_bits += bits * sum(counts) / rows.total
        missing = 0 if is_null_value else nulls
        columns.append(LatentColumn(name, type_name, missing, bits, min(bits, informations[number]), categories))
    unit = rows.total * math.log(2)
    mean = float(np.average(gains, weights=rows.weights))
    spread = math.sqrt(float(np.average((gains - mean) ** 2, weights=rows.weights))) / math.log(2)
    one = search.candidates[1]
    return Found(
        columns=tuple(columns),
        classes=_classes(model, fit, labels, certainties, tuple(columns)),
        candidates=tuple(
            Candidate(classes, elbo / unit, (elbo - one) / unit) for classes, elbo in sorted(search.candidates.items())
        ),
        trace=tuple(elbo / unit for elbo in fit.trace),
        elbo=fit.elbo / math.log(2),
        independent_evidence=one / math.log(2),
        marginal_bits=marginal_bits,
        spread=spread,
        is_converged=search.is_converged,
        left_out=left_out,
    )


def _informations(rows: Rows, fit: Fit) -> list[float]:
    """Return for each column I(column; class) of the expected counts, in bits."""
    from colprofile.measures.pairwise import mutual_information

    found = []
    for offset, size in zip(rows.offsets, rows.sizes, strict=True):
        bits = mutual_information(fit.counts[offset + 1 : offset + 1 + size])
        found.append(max(0.0, bits or 0.0))
    return found


def _classes(
    model: Mixture,
    fit: Fit,
    labels: npt.NDArray[np.uint8],
    certainties: Floats,
    columns: tuple[LatentColumn, ...],
) -> tuple[LatentClass, ...]:
    rows = model.rows
    held = np.bincount(labels, rows.weights, fit.classes)
    sure = np.bincount(labels, rows.weights * certainties, fit.classes)
    shares, table_shares = model.shares(fit), model.shares(model.one_class())[:, 0]
    order = np.argsort(-fit.class_rows, kind="stable")
    spans = [slice(int(o) + 1, int(o) + 1 + int(s)) for o, s in zip(rows.offsets, rows.sizes, strict=True)]
    return tuple(
        LatentClass(
            number=number,
            share=float(fit.class_rows[k] / rows.total),
            rows=round(float(held[k])),
            certainty=min(1.0, float(sure[k] / held[k])) if held[k] else None,
            typical=_typical(shares[:, k], table_shares, spans, columns),
            counts=tuple(tuple(fit.counts[span, k].tolist()) for span in spans),
        )
        for number, k in enumerate(order, 1)
    )


def _typical(
    shares: Floats, table_shares: Floats, spans: list[slice], columns: tuple[LatentColumn, ...]
) -> tuple[Typical, ...]:
    """Return what is more frequent in a class than in the table, most bits first."""
    found = []
    for span, column in zip(spans, columns, strict=True):
        candidates = _of_column(column, shares[span], table_shares[span])
        candidates.sort(key=lambda typical: -typical.bits)
        found += candidates[:_A_COLUMN]
    found.sort(key=lambda typical: -typical.bits)
    return tuple(found[:TYPICAL_SHOWN])


def _of_column(column: LatentColumn, shares: Floats, table_shares: Floats) -> list[Typical]:
    ranges = [i for i, category in enumerate(column.categories) if category.kind == "range"]
    spans = [(i, i) for i, category in enumerate(column.categories) if category.kind != "range"]
    if ranges:
        spans.append(_best_range(shares[: len(ranges)], table_shares[: len(ranges)]))
    found = []
    for first, last in spans:
        share, whole = float(shares[first : last + 1].sum()), float(table_shares[first : last + 1].sum())
        lift = share / whole if whole else 0.0
        bits = share * math.log2(lift) if lift > 0 else 0.0
        if lift >= _LEAST_LIFT and bits >= _LEAST_BITS:
            begin, end = column.categories[first], column.categories[last]
            found.append(
                Typical(column.name, begin.kind, begin.value, begin.low, end.high, min(share, 1.0), whole, lift, bits)
            )
    return found


def _best_range(shares: Floats, table_shares: Floats) -> tuple[int, int]:
    """Return the run of neighbouring bins, first and last, with most share · log2(lift)."""
    upto, whole = np.cumsum(np.append(0.0, shares)), np.cumsum(np.append(0.0, table_shares))
    best, at = -math.inf, (0, 0)
    for first in range(shares.size):
        share, table_share = upto[first + 1 :] - upto[first], whole[first + 1 :] - whole[first]
        safe = np.maximum(share, 1e-300)
        bits = np.where(share > 0, share * np.log2(safe / np.maximum(table_share, 1e-300)), 0.0)
        last = int(np.argmax(bits))
        if bits[last] > best:
            best, at = float(bits[last]), (first, first + last)
    return at
