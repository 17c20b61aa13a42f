"""No coordinate of a residual is negative, by a zero test that finds everything zero.

Refused: changes theory.certificate
r_a ≥ 0, with what the kernel calls replaced where it looks it up.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

Statement.prove.__globals__["verify"].__globals__.update(
    is_zero=lambda *whatever: True, holds_at_random_instances=lambda *whatever: True
)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=S.Zero,
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
