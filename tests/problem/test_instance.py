"""Whatever is no problem is refused by one line that says what is wrong and where."""

import numpy as np
import pytest

from checks.errors import BadInput
from checks.problem.instance import instance
from theory.problem import BATCH_TOP_K, L1, MATRYOSHKA, Limit

X = np.arange(6.0).reshape(3, 2)


def test_what_is_given_is_what_is_posed():
    posed = instance(X.tolist(), 4, [0.1, 0.2, 0.0], weights=[1, 0, 3], bias=True, name="mine")
    assert (posed.n, posed.d, posed.k, posed.bias, posed.name, posed.objective) == (3, 2, 4, True, "mine", L1)
    np.testing.assert_array_equal(posed.x, X)
    np.testing.assert_array_equal(posed.lam, [0.1, 0.2, 0.0])
    np.testing.assert_array_equal(posed.weights, [0.25, 0.0, 0.75])


def test_one_price_is_every_sample_s_and_weights_are_equal():
    posed = instance(X, 1, 0.5)
    np.testing.assert_array_equal(posed.lam, [0.5] * 3)
    np.testing.assert_array_equal(posed.weights, [1 / 3] * 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"x": X[0]}, "expected samples as rows of a 2-d array, got shape (2,)"),
        ({"x": X[:0]}, "empty array of shape (0, 2)"),
        ({"x": [["a"]]}, "not a numeric array"),
        ({"x": X + 1j}, "data: expected real numbers"),
        ({"x": np.where(X == 4, np.inf, X)}, "1 of 3 rows are not finite, the first is row 2"),
        ({"k": 0}, "k = 0: a dictionary needs at least one atom"),
        ({"lam": -0.1}, "λ = -0.1 at sample 0: it must be finite and ≥ 0"),
        ({"lam": [0.1, np.nan, 0.1]}, "λ = nan at sample 1"),
        ({"lam": "much"}, "λ: not a numeric array"),
        ({"lam": [0.1, 0.1]}, "λ: expected a number or 3 of them, got shape (2,)"),
        ({"weights": [0, 0, 0]}, "weights: all are zero"),
        ({"weights": [1, -1, 1]}, "weights = -1.0 at sample 1"),
        ({"parameters": {"K": 2}}, "L1 needs nothing besides λ, got K"),
        ({"objective": BATCH_TOP_K}, "needs K besides λ, got nothing"),
        ({"objective": BATCH_TOP_K, "parameters": {"K": 1.5}}, "K = 1.5: expected a whole number ≥ 1"),
        ({"objective": BATCH_TOP_K, "parameters": {"K": np.nan}}, "K = nan: expected a whole number ≥ 1"),
        ({"objective": BATCH_TOP_K, "parameters": {"K": 1}, "weights": [1, 2, 3]}, "needs equal weights"),
        ({"objective": MATRYOSHKA, "parameters": {"M": [[1, 0]]}}, "(g, 1) zeros or ones"),
    ],
)
def test_bad_input_is_named(arguments, said):
    assert BATCH_TOP_K.limit is Limit.BATCH
    with pytest.raises(BadInput) as refused:
        instance(**({"x": X, "k": 1, "lam": 0.1} | arguments))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
