"""What a feature is priced at where it fires, the residual must hold against it where it is silent.

E[d_j·r 1{z_j=0}] = −E[φ'(z_j) 1{z_j>0}] with a free bias. For one λ and firing rate p_j: E[d_j·r | z_j=0] =
−λp_j/(1−p_j). So no feature of positive price is always on, and one with p_j > ½ has residuals beyond −λ where it is
off.
Boundary: claimed of features that are on at a price. Needs the bias; holds for trained encoders as well.

Reference: THEORY D1.
"""

from sympy import Sum

from theory.derive import bias, enc_b
from theory.expectation import E
from theory.problem import D, a, j, marginal, off, on, r, z
from theory.statement import Eq, Gt, Rank, Statement, Status

silent = Sum(D[a, j] * E(r[a] * off[j]), a)
firing = -E(marginal(z[j]) * on[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Eq(silent, firing),
    proof=-Sum(D[a, j] * bias[a], a) + enc_b[j],
    given=[Gt(E(marginal(z[j]) * on[j]), 0)],
    controls={
        "half": Eq(silent, firing / 2),
        "twice": Eq(silent, 2 * firing),
        "silent features see nothing": Eq(silent, 0),
    },
)
