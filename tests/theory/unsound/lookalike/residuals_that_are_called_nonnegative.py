"""No coordinate of a residual is negative.

Refused: only looks like
r_a ≥ 0, with a symbol r of its own that is nonnegative.
False for x = −2, D = 1, λ = 1, where z = 0 and r = −2.
Boundary: true of data above the bias.

Reference: made up to be refused.
"""

from theory.expectation import SampledBase
from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

residual = SampledBase("r", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=residual[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
