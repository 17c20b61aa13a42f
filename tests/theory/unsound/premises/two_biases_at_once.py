"""Every unit of an SAE with any encoder has no mean error at its threshold.

Refused: tied
Σ_j W_ja E[(φ'(z_j) − d_j·r) 1{z_j>0}] = 0 for every W: the bias is stationary both as one of the decoder alone and as
one that the encoder subtracts as well, which are different SAEs; and tied[a] is of one W, not of every W.
False of an SAE with a tied bias, whose codes are none of an optimum.
Boundary: true of optimal codes.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import bias, tied
from theory.expectation import E
from theory.problem import W, a, atom_dot, c, j, marginal, on, r, z
from theory.statement import Eq, Statement, Status

error = E(on[j] * (marginal(z[j]) - atom_dot(j, r)))
statement = Statement(
    status=Status.PROVED,
    claim=Eq(Sum(W[j, a] * error, j), 0),
    proof=bias[a] - tied[a],
    controls={
        "the residual": Eq(Sum(W[j, a] * error, j), E(r[c] ** 2)),
        "its opposite": Eq(Sum(W[j, a] * error, j), -E(r[c] ** 2)),
    },
)
