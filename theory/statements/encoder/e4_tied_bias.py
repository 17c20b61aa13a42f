"""A bias that the encoder subtracts as well leaves the residual with mean zero, like one of the decoder alone.

E[r] = 0 where b is stationary in x̂ = Dz + b and z = ReLU(W(x − b) + c) together, whatever W is: the second path of the
derivative is −Wᵀ times the encoder's own stationarity in c.
Boundary: needs the encoder bias c to be stationary too; without c the second path stays.

Reference: THEORY B1, for the tied form of vanilla SAEs.
"""

from sympy import Sum

from theory.derive import enc_b, tied
from theory.expectation import E
from theory.problem import W, a, b, j, r, x, xhat
from theory.statement import Eq, Rank, Statement, Status

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Eq(E(r[a]), 0),
    proof=-tied[a] - Sum(W[j, a] * enc_b[j], j),
    controls={
        "the bias is the data mean": Eq(E(x[a]), b[a]),
        "the residual leans to the reconstruction": Eq(E(r[a]), E(xhat[a])),
    },
)
