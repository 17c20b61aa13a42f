"""Even a negative code would have a nonnegative price.

Refused: may be negative
φ'(−z_j) ≥ 0: φ is a penalty of activations, which are not negative.
False of φ(t) = t²: φ'(−z) = −2z.
Boundary: has no value for powers below 1.

Reference: made up to be refused.
"""

from theory.problem import j, marginal, z
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(marginal(-z[j]), 0),
    proof=marginal(-z[j]),
    controls={"above one": Ge(marginal(-z[j]), 1), "negative": Le(marginal(-z[j]), -1)},
)
