"""PairProfile: what two columns share, and how far each determines the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from colprofile.results.parts import Part


@dataclass(frozen=True, slots=True)
class Determination:
    """How far a column X determines another column Y, over the rows where neither is NULL.

    Attributes
    ----------
    uncertainty_coefficient
        I(X;Y)/H(Y): the share of Y's entropy that X explains. None if H(Y) = 0.
    mu_plus
        μ+ of Parciak et al. (2024): the probability that two rows with equal X have equal Y, corrected for chance.
        1 for an exact dependency. None if Y is constant, or if every row has a different X.
    g3
        Smallest share of the rows that must be removed for Y to be a function of X.
    violating_rows
        ``g3`` as a number of rows.
    is_exact
        Whether there are no violating rows.
    """

    uncertainty_coefficient: float | None
    mu_plus: float | None
    g3: float
    violating_rows: int
    is_exact: bool


@dataclass(frozen=True, slots=True, repr=False)
class PairProfile(Part):
    """What two columns share. Entropies are in bits per row, over the rows where neither column is NULL.

    Attributes
    ----------
    x, y
        Names of the columns.
    rows
        Number of rows where neither column is NULL.
    entropy_x, entropy_y, joint_entropy
        H(X), H(Y) and H(X,Y).
    mutual_information
        I(X;Y) = H(X) + H(Y) − H(X,Y), computed on the columns' distinct values, without binning.
    mutual_information_interval
        (lower, upper) bounds of ``mutual_information`` in bits. They are equal if the figure is exact.
    expected_mutual_information
        E[I] under random permutation of one column (Vinh, Epps & Bailey 2010): the mutual information that independent
        columns with the same counts show by chance.
    dependence
        How strongly the columns depend on each other, in [0, 1], on the scale of a correlation and in any form. With
        m = min(H(X), H(Y)) it is the largest over resolutions of √((I − E[I])/m) and, where both columns are cut into
        bins, λ(I − E[I])/λ(m) with λ(I) = √(1 − 2^(−2I)) (Linfoot 1957): |r| for normal variables. 0 where no
        resolution shows more than chance. None if either column is constant.
    bins_x, bins_y
        Bins of equal mass at the resolution that ``dependence`` was found at; None for a column taken as it is.
    entropy_x_given_y, entropy_y_given_x
        H(X|Y) and H(Y|X).
    variation_of_information
        H(X|Y) + H(Y|X).
    distinct_pairs
        Number of distinct pairs of values.
    pearson
        Pearson's correlation coefficient, for comparison. Of numeric columns only.
    planner_factor
        2^I: the factor by which a query planner that assumes independence underestimates the rows of
        ``x = … AND y = …``, as a geometric mean over the rows.
    x_to_y, y_to_x
        How far X determines Y, and Y determines X. None if no row has both values.
    undefined
        Reasons for the figures that are None, by field.
    sampled_rows
        Number of sampled rows if the pair is estimated from a sample; None if it is exact.
    spearman
        Spearman's rank correlation over the complete rows, equal values sharing their mean rank. Of numeric and
        temporal columns only.
    """

    x: str
    y: str
    rows: int
    entropy_x: float | None
    entropy_y: float | None
    joint_entropy: float | None
    mutual_information: float | None
    mutual_information_interval: tuple[float, float] | None
    expected_mutual_information: float | None
    dependence: float | None
    bins_x: int | None
    bins_y: int | None
    entropy_x_given_y: float | None
    entropy_y_given_x: float | None
    variation_of_information: float | None
    distinct_pairs: int
    pearson: float | None
    planner_factor: float | None
    x_to_y: Determination | None
    y_to_x: Determination | None
    undefined: dict[str, str] = field(default_factory=dict)
    sampled_rows: int | None = None
    spearman: float | None = None

    @property
    def is_estimated(self) -> bool:
        """Whether the mutual information is known only within an interval."""
        interval = self.mutual_information_interval
        return interval is not None and interval[0] != interval[1]
