"""Coefficients that represent a sample represent it, if there are any.

Refused: coefficients α
x − b = Dα is true of every such α; the samples of the counterexample are outside of the span of its atom.
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
    counterexample=Counterexample(x=[[2, 1], [2, -1]], D=[[1], [0]], z=[[1], [1]], lam=1, b=[0, 0], bias=False),
    controls={"unit norm": Eq(G[j, j], 1)},
)
