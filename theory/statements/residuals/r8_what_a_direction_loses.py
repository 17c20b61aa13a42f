"""In every direction data have the energy of residual and reconstruction, and twice what atoms along it are paid.

With u any vector: E[(u·(x−b))²] = E[(u·r)²] + E[(u·x̂)²] + 2Σ_j E[z_jφ'(z_j)] (u·d_j)², and E[(u·r)(u·(x−b))] =
E[(u·r)²] + Σ_j E[z_jφ'(z_j)] (u·d_j)². So in no direction have reconstructions more energy than data, and what shrinks
them there is read off atoms. Along a live atom that pays, the residual still goes with the data: a probe finds them.
Boundary: Pythagoras for u orthogonal to all live atoms, and everywhere without a marginal penalty (top-k, L0). Trained
encoders satisfy it as well.

Reference: new; R7 direction by direction, by A3.
"""

from sympy import Expr, S, Sum
from sympy.core.relational import Relational

from theory.expectation import E
from theory.problem import D, a, b, c, j, marginal, r, u, x, xhat, z
from theory.statement import Eq, Rank, Statement, Status
from theory.statements.atoms.a3_residual_reconstruction_covariance import quadratic
from theory.statements.atoms.a3_residual_reconstruction_covariance import statement as covariance

data = quadratic(E((x[a] - b[a]) * (x[c] - b[c])))
residual, explained = quadratic(E(r[a] * r[c])), quadratic(E(xhat[a] * xhat[c]))
both = quadratic(E(r[a] * (x[c] - b[c])))
through_atoms, used = (
    Sum(amount * Sum(u[a] * D[a, j], a) ** 2, j) for amount in (E(z[j] * marginal(z[j])), E(z[j] ** 2))
)


def split(paid: Expr) -> tuple[Relational, Relational]:
    return Eq(data, residual + explained + 2 * paid), Eq(both, residual + paid)


spent = quadratic(covariance.proofs[0])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=split(through_atoms),
    proof=(2 * spent, spent),
    controls={
        "half the penalty": split(through_atoms / 2),
        "twice the penalty": split(2 * through_atoms),
        "Pythagoras, as in least squares": split(S.Zero),
        "codes of half the size": split(through_atoms + used),
        "codes of twice the size": split(through_atoms - used / 2),
    },
)
