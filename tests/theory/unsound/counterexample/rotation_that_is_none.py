"""A rotation keeps the length of a residual.

Refused: the claim holds
‖Qr‖² = ‖r‖² is true of every rotation; the counterexample takes any matrix.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, G, Q, a, c, j, r, square
from theory.statement import Eq, Statement, Status

turned = Sum(Sum(Q[c, a] * r[a], a) ** 2, c)
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(turned, square(r)),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
