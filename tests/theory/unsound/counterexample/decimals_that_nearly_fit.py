"""Atoms have norm one, to the last digit.

Refused: 0.7071068
G_jj = 1 is true; the atom of the counterexample is rounded to seven digits.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import L1, G, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

root = 0.7071068
statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(G[j, j], 1),
    counterexample=Counterexample(x=[[root, root]], D=[[root], [root]], z=[[0]], lam=1, b=[0, 0], bias=False),
    controls={"what is paid (R1)": Eq(Sum(r[a] * xhat[a], a), lam * Sum(z[j], j))},
)
