"""Names of indices do not make another formula; what they are names of does."""

import numpy as np
import pytest
from sympy import Mul, Sum

from checks.evaluation.lowering import Env, Named, evaluate
from checks.evaluation.spelling import spelling
from theory.problem import D, G, a, c, j, l, m, r, z

SAME = [
    (Sum(D[a, j] * r[a], a), Sum(D[c, l] * r[c], c)),
    (z[j] * Sum(D[a, j] * r[a], a), z[l] * Sum(D[c, l] * r[c], c)),
    (G[j, l] * z[l], G[j, m] * z[m]),
    (Sum(G[j, l] * z[l], l), Sum(G[j, m] * z[m], m)),
]
OTHER = [
    (D[a, j] * z[l], D[a, j] * z[j]),
    (G[j, l] * z[l], G[j, l] * z[j]),
    (Sum(z[j], j) * z[l], Sum(z[j] * z[l], j) * Sum(z[m], m)),
    (Mul(z[j], z[j], evaluate=False), Mul(z[j], z[j], z[j], evaluate=False)),
    (Sum(D[a, j] * D[c, j] * z[j], j), Sum(D[a, j] * D[a, l] * z[j], j, a)),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_other_names_are_the_same_form(one, other):
    assert spelling(one).form == spelling(other).form


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_formulas_are_not(one, other):
    assert spelling(one).form != spelling(other).form


def test_a_value_that_is_known_comes_back_under_the_names_that_are_asked_for():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((3, 3))
    env = Env({"G": Named(values), "z": Named(rng.standard_normal(3))}, {"k": 3})
    first, again = evaluate(G[j, l] + 1, env), evaluate(G[l, m] + 1, env)
    assert first.axes == ("j", "l")
    assert again.axes == ("l", "m")
    assert again.array is first.array
    turned = evaluate(G[m, l] + 1, env)  # sorted by name its second index comes first: another form, its own value
    np.testing.assert_array_equal(np.asarray(turned.array), values + 1)
    assert turned.axes == ("m", "l")
