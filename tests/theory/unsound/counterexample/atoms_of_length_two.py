"""Atoms have norm one.

Refused: does not vanish
G_jj = 1 is true; the atom of the counterexample has length 2.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Rational, Sum

from theory.counterexample import Counterexample
from theory.problem import L1, G, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L1,
    claim=Eq(G[j, j], 1),
    counterexample=Counterexample(x=[[2]], D=[[2]], z=[[Rational(3, 4)]], lam=1, b=[0], bias=False),
    controls={"what is paid (R1)": Eq(Sum(r[a] * xhat[a], a), lam * Sum(z[j], j))},
)
