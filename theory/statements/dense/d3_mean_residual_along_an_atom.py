"""The mean residual along an atom is what it is priced at where it fires, and what it is left with where it is silent.

d_j·E[r] = E[φ'(z_j) 1{z_j>0}] + E[d_j·r 1{z_j=0}], whatever the bias. With a free one the left side is 0, which is D1.
Where the bias is fixed a feature can always be on: for L1 and one λ, the mean residual along its atom is then λ.
Boundary: for dead features both sides are d_j·E[r]. Holds for trained encoders as well.

Reference: new; E1 on all samples.
"""

from sympy import Sum

from theory.derive import enc_b
from theory.expectation import E
from theory.problem import D, a, j, marginal, off, on, r, z
from theory.statement import Eq, Rank, Statement, Status

along = Sum(D[a, j] * E(r[a]), a)
silent = Sum(D[a, j] * E(r[a] * off[j]), a)
firing = E(marginal(z[j]) * on[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Eq(along, firing + silent),
    proof=-enc_b[j],
    controls={
        "half the price": Eq(along, firing / 2 + silent),
        "twice the price": Eq(along, 2 * firing + silent),
        "silent samples alone": Eq(along, silent),
        "codes of half the size": Eq(along, firing + silent + E(z[j])),
        "codes of twice the size": Eq(along, firing + silent - E(z[j]) / 2),
    },
)
