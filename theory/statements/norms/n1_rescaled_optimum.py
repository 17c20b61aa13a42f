"""With a penalty weighted by norms, the rescaled point is stationary in the problem with unit norms.

Let u_j = d_j/‖d_j‖ and y_j = z_j‖d_j‖. Then ‖u_j‖ = 1; u_j·r ≤ λ, with equality where y_j > 0; and E[r y_j] = λE[y_j]
u_j. These are C1 and A1 of (u, y), which reconstructs alike, so that r and B1 are the same: what is proved of
stationary points of the L1 problem holds of the rescaled point.
Boundary: needs ‖d_j‖ > 0. Norms themselves stay free: a unit can be traded between code and atom at no cost.

Reference: new as a certificate; a common convention of trained SAEs.
"""

from sympy import Expr, Sum

from theory.derive import atom, code, comp, length
from theory.expectation import E
from theory.problem import NORM_WEIGHTED, D, a, atom_dot, j, lam, mu, norm, r, z
from theory.statement import Eq, Gt, Le, Rank, Relational, Statement, Status


def optimal(price: Expr) -> tuple[Relational, ...]:
    """Unit norm, both halves of C1 and A1 of the rescaled point, at a price."""
    reach, rescaled = atom_dot(j, r) / norm[j], z[j] * norm[j]
    return (
        Eq(Sum((D[a, j] / norm[j]) ** 2, a), 1),
        Le(reach, price),
        Eq(rescaled * (price - reach), 0),
        Eq(E(r[a] * rescaled), E(price * rescaled) * D[a, j] / norm[j]),
    )


statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    about=NORM_WEIGHTED,
    claim=optimal(lam),
    proof=(
        -length[j] / norm[j] ** 2,
        (code[j] + mu[j]) / norm[j],
        z[j] * code[j] + comp[j],
        -norm[j] * atom[a, j],
    ),
    given=[Gt(norm[j], 0)],
    controls={"half the penalty": optimal(lam / 2), "twice the penalty": optimal(2 * lam)},
)
