"""No coordinate of a residual is negative, to a kernel that is the same function with other code.

Refused: changes theory.certificate
r_a ≥ 0.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.certificate import verify
from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status


def agree(claim, proof, objective=None, given=()):
    return None


verify.__code__ = agree.__code__
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=S.Zero,
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
