"""Rotating the data rotates a stationary point into a stationary one of the same loss.

(Q d_j)·(Q r) = d_j·r, ‖Qr‖ = ‖r‖, ‖Q d_j‖ = ‖d_j‖ and E[Qr z_j] = E[z_j φ'(z_j)] Q d_j for every Q with QᵀQ = 1: with
the same codes, the rotated atoms satisfy C1, cost as much, keep their norms and satisfy A1.
Boundary: for general linear maps it fails.

Reference: THEORY A7 (scalings: A9; permutations and duplicated samples are tested as twins of whole instances).
"""

from sympy import Expr, S, Sum

from theory.derive import e, orth
from theory.expectation import E
from theory.problem import D, Q, a, atom_dot, c, j, marginal, r, square, z
from theory.statement import Eq, Rank, Relational, Statement, Status
from theory.statements.atoms.a1_atom_stationarity import statement as atom_stationarity

turned_atom, turned_residual = Sum(Q[e, a] * D[a, j], a), Sum(Q[e, a] * r[a], a)
reach = Sum(turned_atom * Sum(Q[e, c] * r[c], c), e)
pull, paid = E(turned_residual * z[j]), E(z[j] * marginal(z[j])) * turned_atom


def rotated(scale: Expr) -> tuple[Relational, ...]:
    """What a unit reaches, what is left, the norm of an atom and its stationarity, up to a scale."""
    return (
        Eq(reach, scale * atom_dot(j, r)),
        Eq(Sum(turned_residual**2, e), scale**2 * square(r)),
        Eq(Sum(turned_atom**2, e), scale**2 * Sum(D[a, j] ** 2, a)),
        Eq(pull, scale * paid),
    )


statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=rotated(S.One),
    proof=(
        Sum(orth[a, c] * D[a, j] * r[c], a, c),
        Sum(orth[a, c] * r[a] * r[c], a, c),
        Sum(orth[a, c] * D[a, j] * D[c, j], a, c),
        Sum(Q[e, a] * atom_stationarity.proofs[0], a),
    ),
    controls={"reflected": rotated(-S.One), "halved": rotated(S.Half), "doubled": rotated(2 * S.One)},
)
