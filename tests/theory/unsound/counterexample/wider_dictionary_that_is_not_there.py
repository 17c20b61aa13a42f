"""The atom that is nearest in a wider dictionary has norm one.

Refused: wider
‖d'‖ = 1 is true of the best dictionary with one atom more; the counterexample names none.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, G, a, j, kin
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(Sum(kin[a, j] ** 2, a), 1),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
