"""Active atoms explain the residual exactly at their price, and no atom that has a price does better.

d_j·r ≤ φ'(z_j) for every atom, with equality wherever z_j > 0. For L1 the price φ' is λ; where silent units have none
(top-k, L0) the equality alone is claimed.
Boundary: says nothing of atoms; sharp at every active unit. Fails by the amortisation gap on a trained encoder.

Reference: THEORY C1; W. Dorrell (2026), arXiv:2606.02385.
"""

from sympy import Expr

from theory.derive import code, comp
from theory.problem import atom_dot, j, marginal, mu, r, z
from theory.statement import Eq, Le, Rank, Relational, Statement, Status


def kkt(price: Expr) -> tuple[Relational, Relational]:
    return Le(atom_dot(j, r), price), Eq(z[j] * (price - atom_dot(j, r)), 0)


statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=kkt(marginal(z[j])),
    proof=(code[j] + mu[j], z[j] * code[j] + comp[j]),
    controls={
        "half the price": kkt(marginal(z[j]) / 2),
        "twice the price": kkt(2 * marginal(z[j])),
        "no price (least squares)": kkt(0),
    },
)
