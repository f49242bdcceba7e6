"""Latent classes as Markdown for a pull request: GitHub's flavour, safe whatever names and values hold."""

from __future__ import annotations

from collections.abc import Iterator

from colprofile.report import markdown, text
from colprofile.report.latent import summary
from colprofile.report.markdown import escaped
from colprofile.results.latent import LatentClass, LatentClasses

TYPICAL_SHOWN = 6


def render_markdown(latent: LatentClasses) -> str:
    """Return latent classes as Markdown: the kinds of rows, columns and candidates folded away, the bounds."""
    made = latent.provenance
    candidates = f"{text.plural(len(latent.candidates), 'number')} of kinds that were compared"
    return markdown.document(
        [
            [f"### Latent classes of {markdown.code(text.source_name(made, 80))}"],
            [f"{summary.shape(latent)} · {summary.headline(latent)}"],
            markdown.reading_warnings(("input", made)),
            _classes(latent) if len(latent.classes) > 1 else [],
            markdown.folded(text.plural(len(latent.columns), "column"), _columns(latent)),
            markdown.folded(candidates, _candidates(latent)) if len(latent.classes) > 1 else [],
            markdown.table(
                ["bound", ">bits per row", "of what"],
                [[escaped(cell) for cell in bound] for bound in summary.bounds(latent)],
            ),
            markdown.bullets((*summary.LEGEND, *latent.notes)),
            markdown.skipped(latent.left_out),
        ]
    )


def _classes(latent: LatentClasses) -> Iterator[str]:
    rows = [
        [
            str(found.number),
            escaped(text.percent(found.share)),
            text.count(found.rows),
            escaped(text.or_dash(found.certainty, text.percent)),
            _typical(found),
        ]
        for found in latent.classes
    ]
    return markdown.table([">class", ">share", ">rows", ">certainty", "typical"], rows)


def _typical(found: LatentClass) -> str:
    items = (
        f"{markdown.name(typical.column)} {markdown.code(summary.typical_text(typical))} ({text.factor(typical.lift)})"
        for typical in found.typical[:TYPICAL_SHOWN]
    )
    return ", ".join(items) or "nothing stands out"


def _candidates(latent: LatentClasses) -> Iterator[str]:
    rows = [
        [
            str(candidate.classes),
            escaped(text.bits(candidate.redundancy_bits)),
            "highest ELBO" if summary.is_chosen(candidate, latent) else "",
        ]
        for candidate in latent.candidates
    ]
    return markdown.table([">classes", ">bits saved", ""], rows)


def _columns(latent: LatentClasses) -> Iterator[str]:
    rows = [
        [
            markdown.name(column.name),
            escaped(text.visible(column.type, 40)),
            escaped(text.bits(column.entropy)),
            escaped(text.bits(column.information)),
            escaped(text.percent(summary.explained_share(column))),
        ]
        for column in latent.columns
    ]
    return markdown.table(["column", "type", ">bits", ">explained by the class", ">share"], rows)
