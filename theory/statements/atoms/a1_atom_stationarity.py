"""The activation-weighted mean residual of a feature is its own atom, times the penalty it pays.

E[r z_j] = E[z_j φ'(z_j)] d_j at any stationary dictionary with unit-norm atoms; for L1 it is λ E[z_j] d_j.
Boundary: vacuous for dead features (E[z_j] = 0). Needs codes stationary in scale only, so that it holds for SAEs too.

Reference: THEORY A1; W. Dorrell (2026), arXiv:2606.02385.
"""

from sympy import Sum

from theory.derive import atom, scale, unit
from theory.expectation import E
from theory.problem import D, a, c, j, marginal, nu, r, z
from theory.statement import Eq, Rank, Statement, Status

pull = E(r[a] * z[j])
paid = E(z[j] * marginal(z[j])) * D[a, j]
energy = E(z[j] ** 2) * D[a, j]  # what the residual would keep of codes half as large as the best ones

# Stationarity leaves a multiple ν_j of the atom; the component along the atom says which.
multiplier_error = Sum(D[c, j] * atom[c, j], c) - nu[j] * unit[j] - scale[j]

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Eq(pull, paid),
    proof=-atom[a, j] + D[a, j] * multiplier_error,
    controls={
        "half the penalty": Eq(pull, paid / 2),
        "twice the penalty": Eq(pull, 2 * paid),
        "no penalty (top-k)": Eq(pull, 0),
        "codes of half the size": Eq(pull, paid + energy),
        "codes of twice the size": Eq(pull, paid - energy / 2),
    },
)
