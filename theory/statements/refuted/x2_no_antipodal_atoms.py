"""Atoms of an optimum are never more than a right angle apart.

d_j·d_l ≥ 0 for all j, l. A direction that the data use in both senses needs one atom for each.
Boundary: true where the data lie in a cone with angles below a right angle.

Reference: a belief about interpretable features; refuted by symmetric data, see D2.
"""

from theory.counterexample import Counterexample
from theory.problem import G, j, l
from theory.statement import Ge, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    claim=Ge(G[j, l], 0),
    counterexample=Counterexample(x=[[2], [-2]], D=[[1, -1]], z=[[1, 0], [0, 1]], lam=1, b=[0]),
    controls={"the cosine of two unit vectors": Ge(G[j, l], -1)},
)
