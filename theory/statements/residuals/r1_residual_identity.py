"""Residual and reconstruction overlap by the marginal penalty paid, in every sample.

r·x̂ = Σ_j z_j φ'(z_j); for L1 it is λ‖z‖₁, so that they are not orthogonal, and ‖x−b‖² = ‖r‖² + ‖x̂‖² + 2λ‖z‖₁.
Boundary: vacuous where no unit is active. Holds only on average for an amortised encoder.

Reference: THEORY R1; W. Dorrell (2026), arXiv:2606.02385.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, marginal, r, xhat, z
from theory.statement import Eq, Rank, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(z[j] * marginal(z[j]), j)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={
        "orthogonal, as in least squares": Eq(overlap, 0),
        "half the penalty": Eq(overlap, paid / 2),
        "twice the penalty": Eq(overlap, 2 * paid),
    },
)
