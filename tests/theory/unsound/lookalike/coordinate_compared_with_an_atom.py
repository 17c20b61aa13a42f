"""The mean residual vanishes at the coordinate of an atom.

Refused: indices of one axis
δ_aj E[r_a] = 0, where a is a coordinate and j an atom: whether they are the same is no question.
Boundary: has no meaning, least of all for k ≠ d.

Reference: made up to be refused.
"""

from sympy import KroneckerDelta

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, j, r
from theory.statement import Eq, Statement, Status

here = KroneckerDelta(a, j)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(here * E(r[a]), 0),
    proof=-here * bias[a],
    controls={"the bias": Eq(here * E(r[a]), b[a]), "its opposite": Eq(here * E(r[a]), -b[a])},
)
