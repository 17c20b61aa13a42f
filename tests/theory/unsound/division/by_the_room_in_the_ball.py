"""What is paid, over the room that a point leaves in the ball, is the overlap over that room.

Refused: may be zero
r·x̂/(1 − ‖w‖²) = Σ_j z_j φ'(z_j)/(1 − ‖w‖²) for every w in the ball: 0/0 on the sphere.
Boundary: true inside the ball.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, marginal, r, room, xhat, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(Sum(r[a] * xhat[a], a) / room, Sum(z[j] * marginal(z[j]), j) / room),
    proof=-Sum(z[j] * code[j] + comp[j], j) / room,
    controls={
        "half": Eq(Sum(r[a] * xhat[a], a) / room, Sum(z[j] * marginal(z[j]), j) / (2 * room)),
        "none": Eq(Sum(r[a] * xhat[a], a) / room, 0),
    },
)
