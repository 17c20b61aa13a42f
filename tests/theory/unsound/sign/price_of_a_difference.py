"""The price at the difference of two codes is nonnegative.

Refused: may be negative
E[φ'(y_j − z_j) z_j] ≥ 0 for all codes y ≥ 0: the difference has either sign.
False of φ(t) = t², y = 0 and z > 0.
Boundary: true where y ≥ z.

Reference: made up to be refused.
"""

from theory.expectation import E
from theory.problem import j, marginal, y, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(E(marginal(y[j] - z[j]) * z[j]), 0),
    proof=E(marginal(y[j] - z[j]) * z[j]),
    controls={"above one": Ge(E(marginal(y[j] - z[j]) * z[j]), 1), "negative": Le(E(marginal(y[j] - z[j]) * z[j]), -1)},
)
