"""No coordinate of a sample is negative.

Refused: only looks like
x_a ≥ 0, with a symbol x of its own that is nonnegative.
False for x = −2.
Boundary: true of images.

Reference: made up to be refused.
"""

from theory.expectation import SampledBase
from theory.problem import a
from theory.statement import Ge, Le, Statement, Status

data = SampledBase("x", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(data[a], 0),
    proof=data[a],
    controls={"above one": Ge(data[a], 1), "negative": Le(data[a], -1)},
)
