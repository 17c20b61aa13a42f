"""A residual is orthogonal to every code on average.

Refused: only looks like
E[r z_j] = 0, with a symbol z of its own that does not depend on the sample, so that it moves out of E.
False for x = 2, −2, D = (1, −1), λ = 1, where E[r z_1] = 1/2.
Boundary: true at λ = 0.

Reference: made up to be refused.
"""

from sympy import IndexedBase

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, j, r
from theory.statement import Eq, Statement, Status

codes = IndexedBase("z", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a] * codes[j]), 0),
    proof=-codes[j] * bias[a],
    controls={"twice the code": Eq(E(r[a] * codes[j]), codes[j]), "its opposite": Eq(E(r[a] * codes[j]), -codes[j])},
)
