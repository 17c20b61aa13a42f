"""What the residual along an active atom differs from its price by is orthogonal to the input.

E[(d_j·r)(x−b) 1{z_j>0}] = E[φ'(z_j)(x−b) 1{z_j>0}], for trained encoder weights and all the more for optimal codes.
With E1 this difference has mean zero too, so that it is uncorrelated with the input.
Boundary: vacuous for dead features. On a ReLU boundary, up to the boundary samples' multipliers.

Reference: THEORY E2.
"""

from theory.derive import enc_w
from theory.expectation import E
from theory.problem import a, atom_dot, b, j, marginal, on, r, x, z
from theory.statement import Eq, Rank, Statement, Status

inlet = (x[a] - b[a]) * on[j]
met, price = E(atom_dot(j, r) * inlet), E(marginal(z[j]) * inlet)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Eq(met, price),
    proof=-enc_w[a, j],
    controls={
        "half the price": Eq(met, price / 2),
        "twice the price": Eq(met, 2 * price),
        "no price": Eq(met, 0),
    },
)
