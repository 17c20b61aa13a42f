"""The elastic net leaves nothing of what L1 asks of a second sample.

Refused: code2[j] stands in the claim
∂/∂z_j of the Lagrangian of L1 vanishes on the second sample of an elastic net, which has no such condition.
False for x = 4, D = 1, λ = γ = 1: λ − d·r − μ = −3/2.
Boundary: true where γ = 0.

Reference: made up to be refused.
"""

from theory.derive import code2
from theory.problem import ELASTIC_NET, j
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=ELASTIC_NET,
    claim=Eq(code2[j], 0),
    proof=code2[j],
    controls={"one": Eq(code2[j], 1), "minus one": Eq(code2[j], -1)},
)
