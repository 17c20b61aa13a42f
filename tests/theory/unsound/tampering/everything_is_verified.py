"""No coordinate of a residual is negative, by a kernel that verifies everything.

Refused: changes theory.statement
r_a ≥ 0.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

import theory.statement
from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

theory.statement.verify = lambda claim, proof, objective=None: None
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=S.Zero,
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
