"""The mean square of a code is the square of its mean.

Refused: not 0
E[z_j²] = E[z_j]².
False for z = 0, 1.
Boundary: true of one sample, or of codes that do not vary.

Reference: made up to be refused.
"""

from sympy import S

from theory.expectation import E
from theory.problem import j, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(z[j] ** 2), E(z[j]) ** 2),
    proof=S.Zero,
    controls={"half": Eq(2 * E(z[j] ** 2), E(z[j]) ** 2), "twice": Eq(E(z[j] ** 2), 2 * E(z[j]) ** 2)},
)
