"""A sample's overlap with a point in the ball of a second one is bounded by room that is not its own.

Refused: second sample
r·w' ≤ ½‖r‖² + ½ − ½(1 − ‖w'‖²) for w' of a second sample that the claim has no other part of.
Boundary: with one sample there is no second.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.problem import a, r, room2, square, w2
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Le(Sum(r[a] * w2[a], a), (square(r) + 1 - room2) / 2),
    proof=Sum((r[a] - w2[a]) ** 2, a) / 2,
    controls={
        "half": Le(Sum(r[a] * w2[a], a), (square(r) + 1 - room2) / 4),
        "the other way round": Ge(Sum(r[a] * w2[a], a), (square(r) + 1 - room2) / 2),
    },
)
