"""The algebra of index notation: what it identifies and what it keeps apart."""

import pytest
from sympy import Idx, KroneckerDelta, Sum, Symbol

from theory.derive import DEFINED, PREMISES
from theory.expectation import E
from theory.normal_form import collect, is_zero, normal_form
from theory.problem import D, G, a, b, c, j, k, l, lam, m, mu, neg, off, on, pos, r, signless, x, xhat, z

EQUAL = {
    "the name of a summed index": (Sum(D[a, j] * r[a], a), Sum(D[c, j] * r[c], c)),
    "the order of two sums": (Sum(D[a, j] * D[c, j] * r[a] * x[c], a, c), Sum(D[a, j] * D[c, j] * r[a] * x[c], c, a)),
    "a square of a sum": (Sum(z[m], m) ** 2, Sum(z[j] * z[l], j, l)),
    "linearity of the mean": (E(z[j] * (lam - r[a])), E(lam * z[j]) - E(z[j] * r[a])),
    "constants leave the mean": (E(D[a, j] * z[j]), D[a, j] * E(z[j])),
    "a mean cancels its inverse": (E(z[j]) / E(z[j]), 1),
    "the reconstruction is Dz": (xhat[a], Sum(D[a, j] * z[j], j)),
    "the sample is bias, reconstruction and residual": (x[a], b[a] + xhat[a] + r[a]),
    "the Gram matrix is symmetric": (G[j, l], G[l, j]),
    "a delta selects": (Sum(KroneckerDelta(m, j) * z[m], m), z[j]),
    "deltas chain": (Sum(KroneckerDelta(m, j) * KroneckerDelta(m, l) * z[m], m), KroneckerDelta(j, l) * z[j]),
    "active units keep their code": (on[j] * z[j], z[j]),
    "being active twice is being active": (on[j] ** 2, on[j]),
    "being silent is not being active": (off[j], 1 - on[j]),
    "the negative part": (neg(r[a]), pos(r[a]) - r[a]),
}

DIFFERENT = {
    "different atoms": (z[j], z[l]),
    "a product of means is no mean of products": (E(z[j]) * E(z[l]), E(z[j] * z[l])),
    "summed or not": (Sum(z[m], m), z[j]),
    "one sum or two": (Sum(z[m] ** 2, m), Sum(z[m], m) ** 2),
    "transposed": (E(r[a] * x[c]), E(r[c] * x[a])),
    "a summed constant counts its axis": (Sum(lam, m), lam),
    "a factor": (2 * z[j], z[j]),
    "active units may have a multiplier, which is a residual": (on[j] * mu[j], 0),
    "positive and negative part": (pos(r[a]), neg(r[a])),
    "one name, with a sign and without": (mu[j], signless[j]),
    "the same in what is not a polynomial": (pos(mu[j] - lam), pos(signless[j] - lam)),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal(name):
    left, right = EQUAL[name]
    assert is_zero(left - right, DEFINED)


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name):
    left, right = DIFFERENT[name]
    assert not is_zero(left - right, DEFINED)


def test_collect_keeps_the_value_and_frees_the_names_it_needs():
    p = Idx("p", Symbol("d", integer=True, positive=True))
    expr = Sum(D[a, j] * x[a], a) * r[p]
    written = collect(expr, DEFINED, rename={p: a})
    assert is_zero(written - Sum(D[c, j] * x[c], c) * r[a], DEFINED)


def test_collect_writes_the_dimension_of_an_axis_that_is_summed_for_nothing():
    assert collect(Sum(lam, m) * z[j] + Sum(z[l], l)) == k * lam * z[j] + Sum(z[m], (m, 0, k - 1))


def test_conditions_come_out_of_differentiation_in_their_textbook_form():
    expected = {
        "code": "marginal(z[j]) - mu[j] - Sum(D[a, j]*r[a], (a, 0, d - 1))",
        "comp": "mu[j]*z[j]",
        "atom": "-E[r[a]*z[j]] + D[a, j]*nu[j]",
        "unit": "Sum(D[a, j]**2, (a, 0, d - 1)) - 1",
        "bias": "-E[r[a]]",
    }
    for name, written in expected.items():
        assert str(PREMISES[name].residual) == written


def test_a_captured_index_is_refused():
    with pytest.raises(ValueError, match="summed over"):
        PREMISES["unit"].at(a)


def test_the_normal_form_of_zero_is_empty():
    assert normal_form(z[j] - z[j]) == {}
