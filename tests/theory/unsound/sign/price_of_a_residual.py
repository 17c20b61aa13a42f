"""What a residual would cost at the margin is nonnegative.

Refused: may be negative
φ'(r_a) ≥ 0 for each coordinate, of either sign.
False of φ(t) = t² and r < 0.
Boundary: has no value for the logarithm at r = −1.

Reference: made up to be refused.
"""

from theory.problem import a, marginal, r
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(marginal(r[a]), 0),
    proof=marginal(r[a]),
    controls={"above one": Ge(marginal(r[a]), 1), "negative": Le(marginal(r[a]), -1)},
)
