"""The information that two columns share, from the sums of their joint distribution or from a table."""

from __future__ import annotations

import math
from collections.abc import Callable

from colprofile.errors import ArgumentError, did_you_mean
from colprofile.measures.checks import bits_to
from colprofile.measures.tables import Pair, Side, entropies, is_x


def joint_entropy(pair: Pair, *, base: float = 2) -> float | None:
    """Return the information in both columns together.

    H(X,Y) = log2 n − (Σ c log2 c)/n over the joint cells.

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts or probabilities.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        At least max(H(X), H(Y)), at most their sum. None without rows.

    Raises
    ------
    ArgumentError
        Not two-dimensional; negative, NaN or infinite numbers; ``base`` not above 1.

    Examples
    --------
    >>> joint_entropy([[1, 1], [1, 1]])
    2.0
    """
    unit = bits_to(base)
    bits = entropies(pair)
    return None if bits is None else bits.joint * unit


def conditional_entropy(pair: Pair, *, given: Side = "y", base: float = 2) -> float | None:
    """Return the information left in one column when the other is known: H(X|Y) = H(X,Y) − H(Y), as in SQL.

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y): x indexes the table's rows, y its columns.
    given
        "y" for H(X|Y), "x" for H(Y|X).
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        At least 0, and 0.0 exactly where the known column determines the other. None without rows.

    Raises
    ------
    ArgumentError
        As ``joint_entropy``, or ``given`` is neither "x" nor "y".

    Examples
    --------
    >>> conditional_entropy([[1, 1], [1, 1]])
    1.0
    >>> conditional_entropy([[2, 2, 0], [0, 0, 4]])
    0.0
    >>> conditional_entropy([[2, 2, 0], [0, 0, 4]], given="x")
    0.5
    """
    unit = bits_to(base)
    bits = entropies(pair)
    known_x = is_x(given)
    if bits is None:
        return None
    return (bits.y_given_x if known_x else bits.x_given_y) * unit


def mutual_information(pair: Pair, *, base: float = 2) -> float | None:
    """Return the information that two columns share: I(X;Y) = H(X) + H(Y) − H(X,Y) in bits per row.

    It sees every form of dependence. A planner that assumes independence underestimates ``x = … AND y = …`` by a
    factor of 2^I on average (geometric mean).

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts or probabilities.
    base
        2 for bits, ``math.e`` for nats.

    Returns
    -------
    float or None
        In [0, min(H(X), H(Y))]. 0.0 exactly where either column is constant. None without rows. Not corrected
        for chance: see ``dependence``.

    Raises
    ------
    ArgumentError
        As ``joint_entropy``.

    Notes
    -----
    Shannon (1948), section 12.

    Examples
    --------
    >>> mutual_information([[5, 0], [0, 5]])
    1.0
    >>> mutual_information([[1, 2], [2, 4]])
    0.0
    """
    unit = bits_to(base)
    bits = entropies(pair)
    return None if bits is None else bits.shared * unit


def variation_of_information(pair: Pair, *, base: float = 2) -> float | None:
    """Return the distance between two columns: H(X|Y) + H(Y|X), 0 where each determines the other.

    A metric on columns over the same rows: symmetric, with the triangle inequality.

    Returns
    -------
    float or None
        In [0, H(X,Y)]. None without rows.

    Raises
    ------
    ArgumentError
        As ``joint_entropy``.

    Notes
    -----
    Meilă (2007), "Comparing clusterings".

    Examples
    --------
    >>> variation_of_information([[1, 1], [1, 1]])
    2.0
    """
    unit = bits_to(base)
    bits = entropies(pair)
    return None if bits is None else (bits.x_given_y + bits.y_given_x) * unit


def uncertainty_coefficient(pair: Pair, *, given: Side = "y") -> float | None:
    """Return the fraction of one column's information that the other explains: Theil's U(X|Y), as in SQL.

    I(X;Y)/H(X).

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts or probabilities.
    given
        "y" for I/H(X), the fraction of X that Y explains; "x" for I/H(Y), the fraction of Y that X explains.

    Returns
    -------
    float or None
        In [0, 1]; 1.0 exactly where the given column determines the other. None where the other is constant,
        0/0, and without rows. Not corrected for chance: see ``rfi``.

    Raises
    ------
    ArgumentError
        As ``conditional_entropy``.

    Notes
    -----
    Theil (1970); the fraction of information of Cavallo & Pittarelli (1987).

    Examples
    --------
    >>> uncertainty_coefficient([[2, 2, 0], [0, 0, 4]])
    1.0
    >>> uncertainty_coefficient([[2, 2, 0], [0, 0, 4]], given="x")
    0.6666666666666667
    """
    bits = entropies(pair)
    known_x = is_x(given)
    if bits is None:
        return None
    whole, left = (bits.y, bits.y_given_x) if known_x else (bits.x, bits.x_given_y)
    return max(1.0 - left / whole, 0.0) if whole > 0 else None  # left is at most whole, except for rounding


_MEANS: dict[str, Callable[[float, float], float]] = {
    "arithmetic": lambda x, y: (x + y) / 2,
    "geometric": lambda x, y: math.sqrt(x * y),
    "max": max,
    "min": min,
}


def normalized_mutual_information(pair: Pair, *, method: str = "arithmetic") -> float | None:
    """Return mutual information as a fraction of a mean of the two entropies.

    I / mean(H(X), H(Y)).

    Parameters
    ----------
    pair
        A PairSums, or a table of shape (values of x, values of y) of counts or probabilities.
    method
        The mean: "arithmetic" (as scikit-learn), "geometric", "min" or "max".

    Returns
    -------
    float or None
        In [0, 1]. None where the mean is 0 (for "geometric" and "min": either column constant; otherwise
        both), and without rows. Not corrected for chance: see ``dependence``.

    Raises
    ------
    ArgumentError
        As ``joint_entropy``, or an unknown ``method``.

    Notes
    -----
    Vinh, Epps & Bailey (2010), table 2.

    Examples
    --------
    >>> normalized_mutual_information([[5, 0], [0, 5]])
    1.0
    """
    if method not in _MEANS:
        raise ArgumentError(f"there is no mean {method!r}. {did_you_mean(str(method), _MEANS)}")
    bits = entropies(pair)
    mean = 0.0 if bits is None else float(_MEANS[method](bits.x, bits.y))
    return min(bits.shared / mean, 1.0) if bits is not None and mean > 0 else None


def planner_factor(pair: Pair) -> float | None:
    """Return how far a planner that assumes independence underestimates ``x = … AND y = …``: 2^I.

    The geometric mean of (true rows / estimated rows) over predicates drawn from the data.

    Returns
    -------
    float or None
        At least 1. None without rows.

    Raises
    ------
    ArgumentError
        As ``joint_entropy``.

    Examples
    --------
    >>> planner_factor([[5, 0], [0, 5]])
    2.0
    """
    bits = mutual_information(pair)
    return None if bits is None else 2.0**bits
