"""Data in other units have the same atoms: codes and λ are in the units of the data.

With x, b, z and λ times s > 0, each unit's slack is s times what it was, s λ − d_j·(sx − sb − D(sz)) = s μ_j;
E[(sx − sb − D(sz)) s z_j] = s λ E[s z_j] d_j: the scaled point is stationary at s λ. That any point costs s² times as
much when scaled needs no proof: ½‖s r‖² + s λ‖s z‖₁.
Boundary: only λ/‖x‖ matters, so that a λ says nothing without the unit of the data.

Reference: THEORY A7. Permuted and duplicated samples leave every mean E[·] as it is; they are tested as twins.
"""

from sympy import Expr, Sum

from theory.derive import code
from theory.expectation import E
from theory.problem import L1, D, a, b, j, lam, m, mu, s, x, z
from theory.statement import Eq, Rank, Relational, Statement, Status
from theory.statements.atoms.a1_atom_stationarity import statement as atom_stationarity

residual = s * x[a] - s * b[a] - Sum(D[a, m] * s * z[m], m)
pull = E(residual * s * z[j])


def slack(price: Expr) -> Expr:
    return price - Sum(D[a, j] * residual, a)


def paid(price: Expr) -> Expr:
    return E(price * s * z[j]) * D[a, j]


def scaled(price: Expr) -> tuple[Relational, ...]:
    """C1 and A1 of the scaled point, at a price."""
    return Eq(slack(price), s * mu[j]), Eq(pull, paid(price))


statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    about=L1,
    claim=scaled(s * lam),
    proof=(s * code[j], s**2 * atom_stationarity.proofs[0]),
    controls={
        "λ has no unit": scaled(lam),
        "λ in squared units": scaled(s**2 * lam),
    },
)
