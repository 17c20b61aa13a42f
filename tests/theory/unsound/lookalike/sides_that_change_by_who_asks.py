"""No unit is ever on.

Refused: sides of a type of their own
z_j = 0, with other sides for whoever asks one by one.
False for z = 1.
Boundary: true of dead units.

Reference: made up to be refused.
"""

from sympy import Integer

from theory.derive import comp
from theory.problem import j, mu, z
from theory.statement import Eq, Statement, Status


class TwoFaced(tuple):
    def __getitem__(self, place):
        return (z[j] * mu[j], Integer(0))[place]


claim = Eq(z[j], 0)
claim._args = TwoFaced(claim._args)
statement = Statement(
    status=Status.PROVED,
    claim=claim,
    proof=comp[j],
    controls={"one": Eq(z[j], 1), "minus one": Eq(z[j], -1)},
)
