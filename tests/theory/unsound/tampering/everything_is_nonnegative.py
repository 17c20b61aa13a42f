"""No coordinate of a residual is negative, by an inspection that finds everything nonnegative.

Refused: changes theory.certificate
r_a ≥ 0.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from theory import certificate
from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

certificate.is_manifestly_nonnegative = lambda expr: True
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
