"""A motion of the atoms is tangent to their spheres.

Refused: the claim holds
Σ_a D_aj Ḋ_aj = 0 is true of every motion that keeps norms; the counterexample takes any.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, D, D_dot, G, a, j
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(Sum(D[a, j] * D_dot[a, j], a), 0),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
