"""The norm of an atom is its norm.

Refused: the claim holds
‖d_j‖² = Σ_a D_aj² is true; the counterexample takes any number for ‖d_j‖.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, D, G, a, j, norm
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(norm[j] ** 2, Sum(D[a, j] ** 2, a)),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
