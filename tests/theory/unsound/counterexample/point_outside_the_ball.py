"""A point in the unit ball is no longer than one.

Refused: the claim holds
‖w‖² ≤ 1 is true of every w that the claim is made for; the counterexample takes any.
Boundary: equality on the sphere.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, G, a, j, w
from theory.statement import Eq, Le, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Le(Sum(w[a] ** 2, a), 1),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
