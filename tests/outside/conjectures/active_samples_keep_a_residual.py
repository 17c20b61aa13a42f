"""A sample on which an atom is active keeps a residual of length at least λ.

‖r‖² ≥ λ² where z_j > 0.
Boundary: sharp for a sample on the ray of its only atom; silent samples may have any residual.

Reference: a guess from looking at residuals.
"""

from sympy import Sum

from theory.problem import a, j, lam, on, r
from theory.statement import Ge, Statement, Status

energy = Sum(r[a] ** 2, a)

statement = Statement(
    status=Status.OPEN,
    claim=Ge(on[j] * energy, on[j] * lam**2),
    controls={"at least 2λ": Ge(on[j] * energy, 4 * on[j] * lam**2)},
)
