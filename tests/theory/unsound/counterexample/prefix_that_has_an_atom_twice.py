"""A prefix has an atom or it does not.

Refused: prefixes
M_gj² = M_gj is true of every nested dictionary; the prefix of the counterexample has its atom twice.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Rational

from theory.counterexample import Counterexample
from theory.problem import MATRYOSHKA, G, M, g, j
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=MATRYOSHKA,
    claim=Eq(M[g, j] ** 2, M[g, j]),
    counterexample=Counterexample(
        x=[[3]], D=[[1]], z=[[Rational(5, 4)]], lam=1, b=[0], bias=False, objective=MATRYOSHKA, prefixes=[[2]]
    ),
    controls={"unit norm": Eq(G[j, j], 1)},
)
