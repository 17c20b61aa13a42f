"""No two atoms point apart.

Refused: only looks like
d_j·d_l ≥ 0, with a symbol G of its own that is nonnegative.
False for D = (1, −1).
Boundary: true of one atom.

Reference: made up to be refused.
"""

from sympy import IndexedBase

from theory.problem import j, l
from theory.statement import Ge, Le, Statement, Status

gram = IndexedBase("G", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(gram[j, l], 0),
    proof=gram[j, l],
    controls={"alike": Ge(gram[j, l], 1), "antipodal": Le(gram[j, l], -1)},
)
