"""The positive part of a residual and its code is that of the residual.

Refused: pos takes 1, not 2
(r_a, z_j)₊ ≥ r_a: a positive part is of one number.
Boundary: has no meaning.

Reference: made up to be refused.
"""

from theory.problem import a, j, neg, pos, r, z
from theory.statement import Ge, Le, Statement, Status

both = pos(r[a], z[j])
statement = Statement(
    status=Status.PROVED,
    claim=Ge(both, r[a]),
    proof=neg(r[a], z[j]),
    controls={"half": Ge(both, 2 * r[a]), "negative": Le(both, -1)},
)
