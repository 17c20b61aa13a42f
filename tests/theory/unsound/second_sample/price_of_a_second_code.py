"""A second sample pays a nonnegative price at its own penalty.

Refused: second sample
z'_j φ'(z'_j) ≥ 0: φ' knows the λ of the first sample only, the second has its own.
Boundary: true if λ is the same for all samples.

Reference: made up to be refused.
"""

from theory.problem import j, marginal, z2
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Ge(z2[j] * marginal(z2[j]), 0),
    proof=z2[j] * marginal(z2[j]),
    controls={"above one": Ge(z2[j] * marginal(z2[j]), 1), "negative": Le(z2[j] * marginal(z2[j]), -1)},
)
