"""A wider dictionary costs no more, in the same problem.

Refused: no global minimum
The best cost with one atom more is at most the cost, by W2; the wider one of the counterexample is of L0, which makes
a code of 1/5 dearer than no code.
Boundary: equality where the atoms suffice.

Reference: made up to be refused.
"""

from sympy import Rational

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L0, L1, G, cost_wider, j, loss
from theory.statement import Eq, Le, Statement, Status

rows, prices = [[Rational(6, 5)], [6]], [1, 0]
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Le(cost_wider, E(loss())),
    counterexample=Counterexample(
        x=rows,
        D=[[1]],
        z=[[Rational(1, 5)], [6]],
        lam=prices,
        b=[0],
        bias=False,
        wider=Counterexample(x=rows, D=[[1, -1]], z=[[0, 0], [6, 0]], lam=prices, b=[0], bias=False, objective=L0),
    ),
    controls={"unit norm": Eq(G[j, j], 1)},
)
