"""Fit latent classes to a counted table and describe them in the table's own values."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from colprofile.counting.mixtures.model import Fit, Mixture, Rows, distinct_rows
from colprofile.counting.mixtures.search import Search, search_classes
from colprofile.measures.entropy import entropy
from colprofile.measures.pairwise import mutual_information
from colprofile.results.latent import Candidate, LatentClass, LatentClasses, LatentColumn
from colprofile.results.provenance import SkippedColumn
from colprofile.verbs.latent.categories import Coding, category_matrix, column_coding
from colprofile.verbs.latent.typical import typical_values
from colprofile.verbs.profile.count_table import CountedTable

if TYPE_CHECKING:
    from colprofile.verbs.latent.options import Options

Floats = npt.NDArray[np.float64]


def fit_classes(counted: CountedTable, options: Options) -> LatentClasses:
    """Return the latent classes of a counted table, which must have a row."""
    codings = [
        column_coding(
            column,
            marginal,
            bins=options.bins,
            max_values=options.max_values,
            is_null_value=options.nulls == "value",
        )
        for column, marginal in zip(counted.columns, counted.coded.marginals, strict=True)
    ]
    used = [number for number, coding in enumerate(codings) if coding.reason is None]
    left_out = [
        SkippedColumn(column.name, column.type, coding.reason)
        for column, coding in zip(counted.columns, codings, strict=True)
        if coding.reason is not None
    ]
    provenance = replace(counted.profile.provenance, is_exact=False)
    rows = counted.coded.rows
    without_columns = LatentClasses(
        rows=rows,
        columns=(),
        classes=(LatentClass(1, 1.0, rows, 1.0, (), ()),),
        candidates=(Candidate(1, 0.0, 0.0),),
        trace=(0.0,),
        elbo=0.0,
        independent_evidence=0.0,
        redundancy_bits=0.0,
        marginal_bits=0.0,
        table_redundancy=0.0,
        distribution_redundancy=0.0,
        confidence=options.confidence,
        is_converged=True,
        max_classes=options.max_classes,
        restarts=options.restarts,
        seed=options.seed,
        concentration=options.concentration,
        left_out=(*left_out, *counted.profile.skipped),
        provenance=provenance,
    )
    found = _fitted(counted, used, codings, options, without_columns) if used else without_columns
    return replace(found, notes=_notes(found, options))


def _fitted(
    counted: CountedTable, used: Sequence[int], codings: Sequence[Coding], options: Options, empty: LatentClasses
) -> LatentClasses:
    """Return ``empty`` with the classes of the columns that are used."""
    latest: tuple[str, int, int | None] = ("finding equal rows", 0, None)

    def check() -> None:
        counted.session.report(*latest)

    def say(label: str, done: int, total: int | None) -> None:
        nonlocal latest
        latest = (label, done, total)
        check()

    executor, marginals = counted.session.executor, counted.coded.marginals
    codes = [counted.coded.codes[number] for number in used]
    matrix = category_matrix(codes, [codings[number].category_of for number in used], executor)
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
        executor=executor,
        check=check,
        progress=say,
    )
    columns = []
    for number, information in zip(used, _informations(rows, search.fit), strict=True):
        column, categories = counted.columns[number], codings[number].categories
        bits = entropy([category.rows for category in categories]) or 0.0
        missing = 0 if options.nulls == "value" else marginals[number].nulls
        columns.append(LatentColumn(column.name, column.type, missing, bits, min(bits, information), categories))
    return _described(Mixture(rows, options.concentration, executor, check), search, tuple(columns), options, empty)


def _described(
    model: Mixture, search: Search, columns: tuple[LatentColumn, ...], options: Options, empty: LatentClasses
) -> LatentClasses:
    rows, fit, nats = model.rows, search.fit, math.log(2)
    labels, certainties, gains = model.assigned(fit)
    mean = float(np.average(gains, weights=rows.weights))
    spread = math.sqrt(float(np.average((gains - mean) ** 2, weights=rows.weights))) / nats
    one = search.candidates[1]
    marginal_bits = sum(
        column.entropy * sum(category.rows for category in column.categories) / rows.total for column in columns
    )
    redundancy = marginal_bits + fit.elbo / nats / rows.total
    z = statistics.NormalDist().inv_cdf(options.confidence)
    price = math.log2(options.max_classes) / rows.total + z * spread / math.sqrt(rows.total)
    unit = rows.total * nats
    return replace(
        empty,
        columns=columns,
        classes=_classes(model, fit, labels, certainties, columns),
        candidates=tuple(
            Candidate(classes, elbo / unit, (elbo - one) / unit) for classes, elbo in sorted(search.candidates.items())
        ),
        trace=tuple(elbo / unit for elbo in fit.trace),
        elbo=fit.elbo / nats,
        independent_evidence=one / nats,
        redundancy_bits=max(0.0, (fit.elbo - one) / unit),
        marginal_bits=marginal_bits,
        table_redundancy=max(0.0, redundancy),
        distribution_redundancy=max(0.0, redundancy - price),
        is_converged=search.is_converged,
    )


def _informations(rows: Rows, fit: Fit) -> list[float]:
    """Return I(column; class) of the expected counts for each column, in bits."""
    return [
        max(0.0, mutual_information(fit.counts[offset + 1 : offset + 1 + size]) or 0.0)
        for offset, size in zip(rows.offsets, rows.sizes, strict=True)
    ]


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
            typical=typical_values(shares[:, k], table_shares, spans, columns),
            counts=tuple(tuple(fit.counts[span, k].tolist()) for span in spans),
        )
        for number, k in enumerate(order, 1)
    )


def _notes(found: LatentClasses, options: Options) -> tuple[str, ...]:
    notes = []
    sampled = found.provenance.sampled_rows
    if sampled is not None:
        notes.append(f"Fitted to {sampled:,} random rows, not all: what is said of this table is said of them.")
    if len(found.classes) == options.max_classes > 1:
        notes.append(
            f"The ELBO is highest with the {options.max_classes} classes allowed: more may explain more; "
            "raise max_classes."
        )
    if not found.is_converged:
        notes.append(
            f"Stopped after {options.max_iterations} iterations that still gained. The bounds hold; more iterations "
            "would raise them."
        )
    if found.distribution_redundancy == 0:
        notes.append("The bound for the distribution behind the rows is 0 bits: it needs more rows or fewer columns.")
    if options.nulls == "value":
        notes.append("NULL is a category of its own.")
    elif any(column.missing for column in found.columns):
        notes.append("NULL cells are left out: a row is assigned to its class by its other cells.")
    if any(category.kind == "range" for column in found.columns for category in column.categories):
        notes.append(f"Numeric and temporal columns with many values are cut into at most {options.bins} ranges.")
    return tuple(notes)
