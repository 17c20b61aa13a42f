"""No coordinate of a residual is negative, after this file.

Refused: changes theory.problem
r_a ≥ 0, with theory.problem.r replaced by a symbol that is nonnegative.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from theory import problem
from theory.expectation import SampledBase
from theory.problem import a
from theory.statement import Ge, Le, Statement, Status

problem.r = SampledBase("r", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(problem.r[a], 0),
    proof=problem.r[a],
    controls={"above one": Ge(problem.r[a], 1), "negative": Le(problem.r[a], -1)},
)
