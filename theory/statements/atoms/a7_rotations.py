"""Rotating the data rotates the optimum: no direction of space is special.

(Q d_j)·(Q r) = d_j·r for every rotation Q: every stationarity condition of the rotated point is that of the original.
Boundary: for general linear maps it fails.

Reference: THEORY A7 (scalings, permutations and duplicated samples are tested as twins of whole instances).
"""

from sympy import Sum

from theory.derive import e, orth
from theory.problem import D, Q, a, atom_dot, c, j, r
from theory.statement import Eq, Statement, Status

rotated = Sum(Sum(Q[e, a] * D[a, j], a) * Sum(Q[e, c] * r[c], c), e)

statement = Statement(
    status=Status.PROVED,
    claim=Eq(rotated, atom_dot(j, r)),
    proof=Sum(orth[a, c] * D[a, j] * r[c], a, c),
    controls={"reflected": Eq(rotated, -atom_dot(j, r)), "doubled": Eq(rotated, 2 * atom_dot(j, r))},
)
