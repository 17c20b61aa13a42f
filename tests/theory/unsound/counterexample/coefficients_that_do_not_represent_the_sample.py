"""Coefficients that represent a sample represent it.

Refused: the claim holds
x − b = Dα is true of every such α; the counterexample takes any numbers.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, D, G, a, alpha, b, j, m, x
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(x[a] - b[a], Sum(D[a, m] * alpha[m], m)),
    counterexample=Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
