"""Price where a feature fires, and residual where it is silent, make up the mean residual along it at any bias.

E[d_j·r 1{z_j=0}] = d_j·E[r] − E[φ'(z_j) 1{z_j>0}]. With a free bias the mean is 0, which is D1 and allows no feature
that is always on. Where the bias is fixed there can be one: for L1 at one λ, the mean residual along its atom is λ.
Boundary: for dead features both sides are d_j·E[r]. Holds for trained encoders as well.

Reference: new; E1 on all samples.
"""

from sympy import Sum

from theory.derive import enc_b
from theory.expectation import E
from theory.problem import D, a, j, marginal, off, on, r, z
from theory.statement import Eq, Rank, Statement, Status

silent = Sum(D[a, j] * E(r[a] * off[j]), a)
along = Sum(D[a, j] * E(r[a]), a)
firing = E(marginal(z[j]) * on[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Eq(silent, along - firing),
    proof=enc_b[j],
    controls={
        "half the price": Eq(silent, along - firing / 2),
        "twice the price": Eq(silent, along - 2 * firing),
        "the mean alone": Eq(silent, along),
        "codes of half the size": Eq(silent, along - firing - E(z[j])),
        "codes of twice the size": Eq(silent, along - firing + E(z[j]) / 2),
    },
)
