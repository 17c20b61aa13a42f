"""A multiplier of an active unit vanishes at every curvature.

Refused: gamma has no value at a point of the L1 problem
γ z_j μ_j = 0 for L1.
Speaks of γ, which only the elastic net has.
Boundary: true of the elastic net.

Reference: made up to be refused.
"""

from theory.derive import comp
from theory.problem import L1, gamma, j, mu, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Eq(gamma * z[j] * mu[j], 0),
    proof=gamma * comp[j],
    controls={"a code": Eq(gamma * z[j] * mu[j], z[j]), "minus a code": Eq(gamma * z[j] * mu[j], -z[j])},
)
