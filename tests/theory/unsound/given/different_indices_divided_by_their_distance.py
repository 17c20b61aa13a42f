"""Complementary slackness holds over the cosine distance of different atoms.

Refused: may be zero
μ_j z_j/(1 − G_jl) = 0 for j ≠ l: different indices may have the same atom.
Boundary: 0/0 for copies.

Reference: made up to be refused.
"""

from sympy import Ne

from theory.derive import comp
from theory.problem import G, j, l, mu, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(mu[j] * z[j] / (1 - G[j, l]), 0),
    proof=comp[j] / (1 - G[j, l]),
    given=[Ne(j, l)],
    controls={"one": Eq(mu[j] * z[j] / (1 - G[j, l]), 1), "minus one": Eq(mu[j] * z[j] / (1 - G[j, l]), -1)},
)
