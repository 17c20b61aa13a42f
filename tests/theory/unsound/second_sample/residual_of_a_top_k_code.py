"""A second sample's multipliers are nonnegative in a top-k SAE.

Refused: mu2 is a multiplier
μ'_j ≥ 0, where silent units have no price, so that multipliers have either sign, of the second sample as of the
first.
False for x = (2, 1), (2, −1), D = 1 and a limit of one: z = (2, 0) and μ_2 = −d_2·r = −1 on the first sample.
Boundary: 0 at active units.

Reference: made up to be refused.
"""

from theory.problem import TOP_K, j, mu2
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=TOP_K,
    claim=Ge(mu2[j], 0),
    proof=mu2[j],
    controls={"above one": Ge(mu2[j], 1), "negative": Le(mu2[j], -1)},
)
