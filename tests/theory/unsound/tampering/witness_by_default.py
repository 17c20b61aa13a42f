"""No coordinate of a residual is negative, at a witness that the search takes when nobody names one.

Refused: changes theory.witness
r_a ≥ 0.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory import witness
from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

witness.met.__kwdefaults__["points"] = (witness.RAYS,)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=S.Zero,
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
