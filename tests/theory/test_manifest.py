"""What is seen to be nonnegative or positive, and what is not though it may be."""

import pytest
from sympy import S, Sum

from theory.derive import assumed
from theory.expectation import E
from theory.manifest import is_nonnegative, is_positive
from theory.problem import D, G, a, j, l, lam, marginal, mu, neg, pos, r, s, z

SEEN = {
    "a code": z[j],
    "a square": r[a] ** 2,
    "a mean of products": E(z[j] * lam),
    "a sum": Sum(D[a, j] ** 2, a) + mu[j],
    "a positive part": pos(-z[j]) * neg(r[a]),
    "a marginal penalty": marginal(z[j]) * 3,
    "what is given": assumed[0] * z[j],
    "an even power of what may be negative": G[j, l] ** -2,
}
UNSEEN = {
    "a residual": r[a],
    "a difference": z[j] - z[l],
    "an odd power": D[a, j] ** 3,
    "a product with one that may be negative": z[j] * D[a, j],
    "the penalty of what may be negative": marginal(-z[j]),
    "a negative number": -S.One,
    "a mean of one that may be negative": E(r[a]),
}


@pytest.mark.parametrize("name", SEEN)
def test_seen(name):
    assert is_nonnegative(SEEN[name])


@pytest.mark.parametrize("name", UNSEEN)
def test_unseen(name):
    assert not is_nonnegative(UNSEEN[name])


def test_positive_is_more_than_nonnegative():
    assert is_positive(s)
    assert is_positive(1 + z[j])
    assert is_positive(s**2 * 3)
    assert not is_positive(z[j])
    assert not is_positive(z[j] + lam)
    assert not is_positive(1 - z[j])
