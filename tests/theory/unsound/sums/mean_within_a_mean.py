"""A code times its mean, on average, is the square of the mean.

Refused: true of any numbers
E[z_j E[z_j]] = E[z_j]²: SymPy makes both sides one, so that nothing is claimed.
Boundary: 0 = 0.

Reference: made up to be refused.
"""

from sympy import S

from theory.expectation import E
from theory.problem import j, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(z[j] * E(z[j])), E(z[j]) ** 2),
    proof=S.Zero,
    controls={"half": Eq(E(z[j] * E(z[j])), E(z[j]) ** 2 / 2), "twice": Eq(E(z[j] * E(z[j])), 2 * E(z[j]) ** 2)},
)
