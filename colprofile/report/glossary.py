"""The glossary: what every term in a report means, in plain English, for all pages, fragments and docs/glossary.md.

A page links each term to its entry at the foot, and shows the entry when the link is pointed at or has the focus. The
foot lists the terms that the page used. A fragment has no foot: its terms carry their meaning as a tooltip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Entry:
    """A term as people read it, and what it means."""

    term: str
    meaning: str


def _entries(**meanings: tuple[str, str]) -> dict[str, Entry]:
    return {key.replace("_", "-"): Entry(term, meaning) for key, (term, meaning) in meanings.items()}


GLOSSARY = _entries(
    adjusted_p=(
        "Adjusted p-value",
        "How probable a difference at least this large would be if nothing had changed, corrected for the number of "
        "columns that were compared.",
    ),
    after_analyze=(
        "After ANALYZE",
        "The error in bits that the planner is expected to make for column = value once ANALYZE has run anew: the mean "
        "of |log2(true / estimated)|.",
    ),
    bit=(
        "Bit",
        "The unit of information: the answer to a yes-or-no question whose answers are equally likely. 3 bits are "
        "three such questions, or one choice out of 8.",
    ),
    candidate_key=(
        "Candidate key",
        "Columns that identify every row of a table: no two rows share their values. The primary key is one of them.",
    ),
    certainty=(
        "Certainty",
        "How sure the model is, on average, that a row belongs to its class: 100 % if no row could be of another.",
    ),
    chance_bits=(
        "Chance bits",
        "The bits that two unrelated columns with these values would share on average, because a table has finitely "
        "many rows.",
    ),
    chow_liu=(
        "Chow–Liu tree",
        "The tree over the columns whose edges have the largest total mutual information. Coding each column given its "
        "neighbour in the tree needs the fewest bits of all trees.",
    ),
    confidence=(
        "Confidence in a key",
        "How probable it is that a foreign key is meant, by all evidence: names, types, values. 100 % where it is "
        "declared.",
    ),
    coverage=("Covers", "The share of the values referred to that occur in the referring column."),
    constant=("Constant column", "A column with the same value in every row, and no NULL. It holds 0 bits."),
    cross_entropy=(
        "Cross entropy",
        "The bits per row that data needs in a code made for other data: entropy plus KL divergence.",
    ),
    dependence=(
        "Dependence",
        "How strongly two columns depend on each other, in any functional form, on the scale of a correlation and "
        "corrected for chance: |r| if both are normal, 0 for no more than chance, 1 if one determines the other.",
    ),
    distinct=("Distinct", "The number of different values of a column; NULL is not counted."),
    duplicate=("Duplicate row", "A row that repeats an earlier row in every column."),
    effective=(
        "Effective values",
        "2 to the power of the entropy, also called perplexity: as many equally frequent values would have the same "
        "entropy. A column with 100 values of which one nearly always occurs has little more than 1.",
    ),
    efficiency=(
        "Efficiency",
        "Entropy as a share of its maximum, log2 of the number of distinct values. 100 %: all values are equally "
        "frequent.",
    ),
    elbo=(
        "ELBO",
        "Evidence lower bound: a lower bound of the log probability that a model gives to the data. The higher, the "
        "fewer bits the data needs in the model's code.",
    ),
    entropy=(
        "Entropy",
        "The average information of a column's value, in bits per row that is not NULL: 0 for a constant, log2 of "
        "the number of values if all are equally frequent. It is the fewest bits per row that any code of single "
        "values needs.",
    ),
    exact_dependency=("Exact dependency", "X determines Y in every row: equal X, equal Y."),
    explained=(
        "Uncertainty coefficient",
        "The share of one column's entropy that the other explains, I(X;Y) / H(Y). 100 %: X determines Y. 0 %: X tells "
        "nothing about Y.",
    ),
    floor=(
        "Floor",
        "The fewest bytes that a column needs if every row is coded independently: rows × entropy / 8, plus which rows "
        "are NULL. Sorted or correlated data can be stored in less.",
    ),
    foreign_key=(
        "Foreign key",
        "Columns whose values refer to the rows of another table, or of the same one, by its key.",
    ),
    g3=("g3", "The smallest share of rows that must be removed for a dependency to hold in all others."),
    inclusion=(
        "Evidence of an inclusion",
        "An inclusion: every value of one column is among those of another, except for orphans. Its bits say how "
        "improbable that is by chance: 0 for small numbers from 1, which fit anywhere, hundreds for texts and long "
        "codes.",
    ),
    join_error=(
        "Join error",
        "How wrong a planner is about attribute = value in one table joined to another: the mean log2 of true over "
        "estimated rows, KL(the attribute among the joined rows ‖ in its table). 1 bit is a factor of 2.",
    ),
    join_size=(
        "Join size",
        "The rows of a join. The bounds are guaranteed by the counts of the joined values, and by foreign keys where "
        "there are any; the estimate is a planner's, which assumes that values are equally frequent.",
    ),
    js=(
        "Jensen–Shannon divergence",
        "A symmetric distance between two distributions, from 0 (equal) to 1 bit (no value in common).",
    ),
    key=("Key", "A column without NULL in which every value occurs once, so that it determines every other column."),
    kl=(
        "KL divergence",
        "How wrong one distribution is about data from another: the bits per row that its code wastes, Σ p log2(p/q). "
        "0 if both are equal.",
    ),
    latent_class=(
        "Latent class",
        "A kind of row that the model found: within a class the columns are independent, as far as the model goes.",
    ),
    ledger=("Ledger", "The balance of bits per row: each column by itself, along the tree, and what is redundant."),
    lift=("Lift", "How many times as frequent a value is in a class as in the whole table."),
    measured_after=(
        "With the advice",
        "The error of EXPLAIN after the advice was followed, in a transaction that was rolled back.",
    ),
    measured_error=(
        "EXPLAIN, bits",
        "The mean of log2(true / estimated) rows of EXPLAIN, for predicates with values drawn from the data.",
    ),
    missing=("Missing", "NULL: there is no value. Empty text and placeholders such as 'NA' are values."),
    missing_pattern=(
        "Missing pattern",
        "A set of columns that are missing together in the same rows, while all other columns have a value.",
    ),
    mu_plus=(
        "μ+ (mu plus)",
        "How much better than chance X predicts Y, from the rows: 1 for an exact dependency, 0 for independence.",
    ),
    mutual_information=(
        "Mutual information",
        "The bits per row that two columns share: what one tells about the other, in any functional form. 0 if they "
        "are independent.",
    ),
    near_dependency=("Near dependency", "X determines Y except in a few rows."),
    noise_floor=(
        "Expected of sampling",
        "The KL divergence that two samples of these sizes from one distribution would have on average.",
    ),
    null_bits=("KL of being NULL", "The KL divergence of which rows are NULL: 0 if the share of NULL is unchanged."),
    orphan=("Orphan", "A row that refers to a row that does not exist, or the value by which it does."),
    pattern=(
        "Pattern of characters",
        "What a text looks like: 9 stands for a run of digits, A for a run of capitals, a for one of small letters; "
        "other characters stand for themselves.",
    ),
    pearson=(
        "Pearson's correlation",
        "How well a straight line describes two numeric columns, from −1 to 1. It can be 0 although one determines "
        "the other.",
    ),
    planner_after=(
        "After, bits",
        "The error in bits that is predicted with the advice and fresh statistics: the mean of |log2(true / "
        "estimated)|.",
    ),
    planner_now=(
        "Error now, bits",
        "The error in bits that is predicted with the present statistics, where every estimate is at least one row: "
        "the mean of log2(true / estimated).",
    ),
    planner_error=(
        "Planner error",
        "The factor by which a planner is wrong about the number of rows, as a geometric mean: 2 to the power of the "
        "bits. A planner that assumes independence underestimates x = … AND y = … by 2^I.",
    ),
    psi=("PSI", "Population stability index: a symmetric divergence in nats. Above 0.1 is the usual alarm."),
    q_error=(
        "q-error",
        "How far an estimated number of rows is off, whichever way: the larger of true/estimated and estimated/true. "
        "1× is right.",
    ),
    quantile=(
        "Quantile",
        "The 25 % quantile is the smallest value such that at least 25 % of the rows are at most as large. The median "
        "is the 50 % quantile.",
    ),
    range_error=(
        "Ranges, bits",
        "The error of the planner's saved histogram for ranges of values, as a KL divergence over its bins.",
    ),
    redundancy=(
        "Redundancy",
        "The columns' entropies minus their joint entropy: bits per row that are stored although other columns imply "
        "them.",
    ),
    repeated_between=(
        "Repeated between tables",
        "Bits per row that another table has as well: columns copied from it, and rows that are in both.",
    ),
    rfi=("RFI", "Reliable fraction of information: the share of Y's entropy that X explains, with chance removed."),
    spearman=(
        "Spearman's correlation",
        "Pearson's correlation of the ranks, from −1 to 1: ±1 if one column always rises, or always falls, with the "
        "other.",
    ),
    stored=("Stored", "The bytes that the source's storage uses, where it reports them."),
    unseen=(
        "Unseen",
        "The share of the rows whose values the older side does not have: the stale data, or the statistics that a "
        "database saved.",
    ),
    vanished=("Vanished", "The share of stale rows with values that the fresh side no longer has."),
)
"""Key → entry, by key. A key is part of the entry's anchor, ``term-<key>``."""


class Terms:
    """The terms that one page or fragment uses, in the order in which it asks for them.

    Parameters
    ----------
    is_page
        Whether there is a foot to link to; otherwise a term carries its meaning as a tooltip.
    """

    def __init__(self, *, is_page: bool) -> None:
        self._is_page = is_page
        self._used: set[str] = set()

    def __call__(self, key: str, label: str = "") -> Markup:
        """Return a term as markup, called ``label`` if given; KeyError for a key that is not in the glossary."""
        from markupsafe import Markup, escape

        entry = GLOSSARY[key]
        self._used.add(key)
        shown = escape(label or entry.term)
        if not self._is_page:
            return Markup('<span title="{}">{}</span>').format(entry.meaning, shown)
        link = '<a class="term" href="#term-{0}" aria-describedby="term-{0}">{1}</a>'
        return Markup(link).format(key, shown)

    def mark(self, key: str, heading: str) -> Markup:
        """Return a question mark that leads to a term, behind a heading that sorts and so cannot lead anywhere."""
        from markupsafe import Markup

        self._used.add(key)
        link = '<a class="term mark" href="#term-{0}" aria-describedby="term-{0}" aria-label="What “{1}” means">?</a>'
        return Markup(link).format(key, heading)

    def used(self) -> list[tuple[str, Entry]]:
        """Return the keys and entries asked for so far, in alphabetical order of the terms."""
        found = [(key, GLOSSARY[key]) for key in self._used]
        return sorted(found, key=lambda item: item[1].term.casefold())
