"""Every code times its multiplier is five.

Refused: Five is not part of the language
z_j μ_j = 5, for a five that counts as 0.
False: it is 0.
Boundary: none.

Reference: made up to be refused.
"""

from sympy import Expr, Integer

from theory.derive import comp
from theory.problem import j, mu, z
from theory.statement import Eq, Statement, Status


class Five(Integer):
    def __new__(cls):
        number = Expr.__new__(cls)
        number.p = 0
        return number

    def _sympystr(self, printer):
        return "5"


statement = Statement(
    status=Status.PROVED,
    claim=Eq(z[j] * mu[j], Five()),
    proof=comp[j],
    controls={"six": Eq(z[j] * mu[j], 6), "four": Eq(z[j] * mu[j], 4)},
)
