"""Law: probabilities of a column's values, and what bounds ask of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from colprofile.measures.bounds_laws import Law


def test_a_law_knows_its_entropy_kinds_and_least_probability() -> None:
    law = Law.of_counts([0, 4, 2, 1, 1])
    assert law.shares.tolist() == [0, 0.5, 0.25, 0.125, 0.125]
    assert law.entropy == pytest.approx(1.75 * math.log(2))
    assert (law.kinds, law.least) == (4, 0.125)
    assert law.surprisals[1:].tolist() == pytest.approx([math.log(2), math.log(4), math.log(8), math.log(8)])
    assert math.isinf(law.surprisals[0])


def test_rare_values_weigh_as_much_as_the_next_one_that_is_not() -> None:
    law = Law.of_counts([*[1] * 9, 41, 950])
    # Nine rows of a thousand are rare together; the tenth would make it more than a hundredth.
    assert law.common == pytest.approx(0.041)
    assert law.weights.tolist() == pytest.approx([*[1 / 0.041] * 10, 1 / 0.95])


def test_a_law_of_no_rows_has_no_probabilities() -> None:
    law = Law.of_counts(np.zeros(3))
    assert law.shares.tolist() == [0, 0, 0]
    assert (law.kinds, law.entropy) == (0, 0.0)
