"""What a residual would cost is nonnegative, as this file makes every penalty.

Refused: changes theory.problem
φ(r_a) ≥ 0, with a sign given to the theory's φ, whatever it is of.
False of L1 for r = −1.
Boundary: none.

Reference: made up to be refused.
"""

from theory.problem import a, phi, r
from theory.statement import Ge, Le, Statement, Status

phi._eval_is_nonnegative = lambda self: True
statement = Statement(
    status=Status.PROVED,
    claim=Ge(phi(r[a]), 0),
    proof=phi(r[a]),
    controls={"above one": Ge(phi(r[a]), 1), "negative": Le(phi(r[a]), -1)},
)
