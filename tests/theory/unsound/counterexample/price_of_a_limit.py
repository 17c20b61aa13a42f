"""Codes of top-k cost nothing.

Refused: top-k has no lambda
λ z_j = 0 for top-k.
Speaks of a price, which top-k has none of: the counterexample's is made up.
Boundary: none.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.problem import TOP_K, j, lam, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    about=TOP_K,
    claim=Eq(lam * z[j], 0),
    counterexample=Counterexample(
        x=[[1], [-1]], D=[[1, -1]], z=[[1, 0], [0, 1]], lam=1, b=[0], objective=TOP_K, limit=1
    ),
    controls={"codes are nothing": Eq(z[j], 0)},
)
