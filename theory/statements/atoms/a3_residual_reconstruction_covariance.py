"""Residual and reconstruction covary through the atoms alone, symmetrically and never with negative sign.

E[r x̂ᵀ] = D diag(E[z_j φ'(z_j)]) Dᵀ, which is positive semidefinite: uᵀE[r x̂ᵀ]u ≥ 0 for every direction u. For L1 it
is λ D diag(E z) Dᵀ, with trace λE‖z‖₁: it says what the reconstruction predicts of the error, linearly.
Boundary: vacuous if every feature is dead; 0 without a marginal penalty, and for u orthogonal to all live atoms.

Reference: THEORY A3; W. Dorrell (2026), arXiv:2606.02385.
"""

from sympy import Expr, Sum

from theory.expectation import E
from theory.problem import D, a, c, j, marginal, r, u, xhat, z
from theory.statement import Eq, Ge, Le, Rank, Statement, Status
from theory.statements.atoms.a1_atom_stationarity import statement as atom_stationarity

covariance = E(r[a] * xhat[c])
through_atoms = Sum(D[a, j] * E(z[j] * marginal(z[j])) * D[c, j], j)
energies = Sum(D[a, j] * E(z[j] ** 2) * D[c, j], j)
covariance_error = Sum(D[c, j] * atom_stationarity.proofs[0], j)


def quadratic(matrix: Expr) -> Expr:
    """uᵀMu."""
    return Sum(u[a] * matrix * u[c], a, c)


statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=(Eq(covariance, through_atoms), Ge(quadratic(covariance), 0)),
    proof=(
        covariance_error,
        Sum(E(z[j] * marginal(z[j])) * Sum(u[a] * D[a, j], a) ** 2, j) + quadratic(covariance_error),
    ),
    controls={
        "half the penalty": (Eq(covariance, through_atoms / 2), Ge(quadratic(covariance), 0)),
        "twice the penalty": (Eq(covariance, 2 * through_atoms), Ge(quadratic(covariance), 0)),
        "uncorrelated": (Eq(covariance, 0), Ge(quadratic(covariance), 0)),
        "codes of half the size": (Eq(covariance, through_atoms + energies), Ge(quadratic(covariance), 0)),
        "codes of twice the size": (Eq(covariance, through_atoms - energies / 2), Ge(quadratic(covariance), 0)),
        "negative semidefinite": (Eq(covariance, through_atoms), Le(quadratic(covariance), 0)),
    },
)
