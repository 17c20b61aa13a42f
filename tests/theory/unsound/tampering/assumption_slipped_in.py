"""No coordinate of a residual is negative, by an assumption that its symbol did not have.

Refused: which is not its own
r_a ≥ 0, with an assumption added to the theory's own symbol.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

r.label._assumptions["nonnegative"] = True
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
