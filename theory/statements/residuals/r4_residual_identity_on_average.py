"""On average, residual and reconstruction overlap by the penalty paid, in amortised SAEs as well.

E[r·x̂] = E[Σ_j z_j φ'(z_j)]: the trace of A3, and the mean of R1. Only stationarity in scale is needed, which a
trained encoder has.
Boundary: vacuous if every feature is dead.

Reference: THEORY R1 and E3.
"""

from sympy import Sum

from theory.derive import scale
from theory.expectation import E
from theory.problem import a, j, marginal, r, square, xhat, z
from theory.statement import Eq, Rank, Statement, Status

overlap = E(Sum(r[a] * xhat[a], a))
paid, energy = E(Sum(z[j] * marginal(z[j]), j)), E(square(xhat))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Eq(overlap, paid),
    proof=-Sum(scale[j], j),
    controls={
        "orthogonal": Eq(overlap, 0),
        "half the penalty": Eq(overlap, paid / 2),
        "twice the penalty": Eq(overlap, 2 * paid),
        "codes of half the size": Eq(overlap, paid + energy),
        "codes of twice the size": Eq(overlap, paid - energy / 2),
    },
)
