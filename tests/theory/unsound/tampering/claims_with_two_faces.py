"""No coordinate of a residual is negative, in a tuple that holds something else whenever it is gone through.

Refused: Claims of its own
r_a ≥ 0 as first entry of a tuple of claims; whoever goes through them meets E[r] = 0.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, r, x
from theory.statement import Eq, Ge, Statement, Status


class Claims(tuple):
    """A tuple that is gone through in its own way."""

    def __iter__(self) -> object:
        return iter([Eq(E(r[a]), 0)])


statement = Statement(
    status=Status.PROVED,
    claim=Claims([Ge(r[a], 0)]),
    proof=-bias[a],
    controls={"the bias": Eq(E(r[a]), b[a]), "the data": Eq(E(r[a]), E(x[a]))},
)
