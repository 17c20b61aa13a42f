"""In a top-k SAE no atom explains anything of a residual.

Refused: only looks like
d_j·r ≤ 0, with a multiplier of its own that is positive: top-k gives silent units no price, so that theirs has no
sign.
False for x = (2, 1), (2, −1), D = 1 and a limit of one: z = (2, 0) and d_2·r = 1 on the first sample.
Boundary: an equality at active units.

Reference: made up to be refused.
"""

from theory.derive import code
from theory.expectation import SampledBase
from theory.problem import TOP_K, atom_dot, j, r
from theory.statement import Ge, Le, Statement, Status

multiplier = SampledBase("mu", positive=True)
statement = Statement(
    status=Status.PROVED,
    about=TOP_K,
    claim=Le(atom_dot(j, r), 0),
    proof=multiplier[j] + code[j],
    controls={"the other way round": Ge(atom_dot(j, r), 0), "below minus one": Le(atom_dot(j, r), -1)},
)
