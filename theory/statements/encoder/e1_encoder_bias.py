"""Averaged over the samples that activate it, the residual meets each atom exactly at its price.

E[(d_j·r) 1{z_j>0}] = E[φ'(z_j) 1{z_j>0}], for a trained encoder bias and all the more for optimal codes.
Boundary: vacuous for dead features. On a ReLU boundary, up to the boundary samples' multipliers.

Reference: THEORY E1.
"""

from theory.derive import enc_b
from theory.expectation import E
from theory.problem import atom_dot, j, marginal, on, r, z
from theory.statement import Eq, Rank, Statement, Status

met, price = E(atom_dot(j, r) * on[j]), E(marginal(z[j]) * on[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Eq(met, price),
    proof=-enc_b[j],
    controls={
        "half the price": Eq(met, price / 2),
        "twice the price": Eq(met, 2 * price),
        "no price": Eq(met, 0),
        "codes of half the size": Eq(met, price + E(z[j])),
        "codes of twice the size": Eq(met, price - E(z[j]) / 2),
    },
)
