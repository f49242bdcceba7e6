"""How far one column determines another, X → Y: from the sums of their joint distribution or from a table."""

from __future__ import annotations

from colprofile.measures.sums import PairSums
from colprofile.measures.tables import Pair, Side, check_expected, entropies, is_x, towards


def pdep(pair: Pair, *, given: Side | None = "x") -> float | None:
    """Return the chance that two rows with the same X have the same Y: pdep(Y|X) = Σ_x (n_x/n) Σ_y (c/n_x)².

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts of rows.
    given
        "x" for pdep(Y|X), "y" for pdep(X|Y), None for pdep(Y) = Σ_y (n_y/n)².

    Returns
    -------
    float or None
        In (0, 1]; 1.0 exactly for an exact dependency. None without rows.

    Raises
    ------
    ArgumentError
        As ``pair_sums``, or another ``given``.

    Notes
    -----
    Piatetsky-Shapiro & Matheus (1993), "Measuring data dependencies in large databases".

    Examples
    --------
    >>> pdep([[2, 0], [1, 1]]), pdep([[2, 0], [1, 1]], given=None)
    (0.75, 0.625)
    """
    sums = towards(pair, "x" if given is None else given)
    if not sums.rows:
        return None
    if given is None:
        return _pdep_alone(sums)
    return _pdep_given(sums)


def tau(pair: Pair, *, given: Side = "x") -> float | None:
    """Return how much X improves the guess of Y, Goodman and Kruskal's τ.

    τ = (pdep(Y|X) − pdep(Y)) / (1 − pdep(Y)).

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts of rows.
    given
        "x" for X → Y, "y" for Y → X.

    Returns
    -------
    float or None
        In [0, 1]; 1.0 exactly for an exact dependency. None where the determined column is constant, 0/0, and
        without rows. Not corrected for chance: see ``mu_plus``.

    Raises
    ------
    ArgumentError
        As ``pdep``.

    Notes
    -----
    Goodman & Kruskal (1954); Piatetsky-Shapiro & Matheus (1993).

    Examples
    --------
    >>> tau([[2, 0], [0, 2]])
    1.0
    >>> tau([[1, 1], [1, 1]])
    0.0
    """
    sums = towards(pair, given)
    if not sums.rows or sums.distinct_y == 1:
        return None
    alone = _pdep_alone(sums)
    return max((_pdep_given(sums) - alone) / (1 - alone), 0.0)  # pdep(Y|X) ≥ pdep(Y), except for rounding


def mu_plus(pair: Pair, *, given: Side = "x") -> float | None:
    """Return how far X determines Y beyond chance: μ+, 1 for an exact dependency, 0 for none.

    μ+ = max(0, 1 − (1 − pdep(Y|X))/(1 − pdep(Y)) · (n − 1)/(n − distinct_x)).

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts of rows.
    given
        "x" for X → Y, "y" for Y → X.

    Returns
    -------
    float or None
        In [0, 1]; 1.0 exactly for an exact dependency. None where it is undefined, a division by zero: Y is
        constant (any column determines it), or X is a key (it determines any column); and without rows.

    Raises
    ------
    ArgumentError
        As ``pdep``.

    Notes
    -----
    Parciak, Weytjens, Hens, Neven, Peeters & Vansummeren (ICDE 2024), "Measuring approximate functional
    dependencies"; μ by Piatetsky-Shapiro & Matheus (1993).

    Examples
    --------
    >>> mu_plus([[2, 0], [0, 2]])
    1.0
    >>> mu_plus([[1, 1], [1, 1]])
    0.0
    >>> mu_plus([[1, 0], [0, 1]]) is None
    True
    """
    sums = towards(pair, given)
    if not sums.rows or sums.distinct_y == 1 or sums.distinct_x == sums.rows:
        return None
    wrong = (1 - _pdep_given(sums)) / (1 - _pdep_alone(sums))
    return max(0.0, 1 - wrong * (sums.rows - 1) / (sums.rows - sums.distinct_x))


def violating_rows(pair: Pair, *, given: Side = "x") -> int:
    """Return how many rows to remove so that X → Y holds exactly: n − Σ_x max_y c.

    Returns
    -------
    int
        0 for an exact dependency, and without rows.

    Raises
    ------
    ArgumentError
        As ``pdep``.

    Examples
    --------
    >>> violating_rows([[9, 1], [2, 5]])
    3
    """
    sums = towards(pair, given)
    return sums.rows - sums.best_y_by_x


def g3(pair: Pair, *, given: Side = "x") -> float | None:
    """Return the smallest share of rows to remove so that X → Y holds exactly: 1 − Σ_x max_y c / n.

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts of rows.
    given
        "x" for X → Y, "y" for Y → X.

    Returns
    -------
    float or None
        In [0, 1); 0.0 for an exact dependency. None without rows. (Some authors call 1 minus this g3.)

    Raises
    ------
    ArgumentError
        As ``pdep``.

    Notes
    -----
    Kivinen & Mannila (1995), "Approximate inference of functional dependencies from relations".

    Examples
    --------
    >>> g3([[9, 1], [2, 8]])
    0.15
    """
    sums = towards(pair, given)
    return (sums.rows - sums.best_y_by_x) / sums.rows if sums.rows else None


def rfi(pair: Pair, expected: float, *, given: Side = "x") -> float | None:
    """Return the reliable fraction of information of X → Y: (I − E[I]) / H(Y).

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts.
    expected
        E[I] in bits under random permutation, from ``expected_mutual_information``.
    given
        "x" for X → Y, "y" for Y → X, over H(X).

    Returns
    -------
    float or None
        At most 1; negative where less is shared than by chance (not clipped). None where the determined
        column is constant, and without rows.

    Raises
    ------
    ArgumentError
        As ``conditional_entropy``, or ``expected`` is negative or not finite.

    Notes
    -----
    Mandros, Boley & Vreeken (2017), "Discovering reliable approximate functional dependencies".

    Examples
    --------
    >>> rfi([[5, 0], [0, 5]], 0.25)
    0.75
    """
    check_expected(expected)
    bits = entropies(pair)
    known_x = is_x(given)
    if bits is None:
        return None
    whole = bits.y if known_x else bits.x
    return (bits.shared - expected) / whole if whole > 0 else None


def _pdep_given(sums: PairSums) -> float:
    return 1.0 if sums.best_y_by_x == sums.rows else min(sums.square_over_x / sums.rows, 1.0)


def _pdep_alone(sums: PairSums) -> float:
    return sums.y_square / (float(sums.rows) * sums.rows)
