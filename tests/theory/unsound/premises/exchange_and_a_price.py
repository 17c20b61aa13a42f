"""The cost of an exchange, and what a code pays beyond what it is pulled by, are at least 0 together.

Refused: no objective has all that the proof uses
A unit may only be exchanged for another where silence has no price or φ'(0) is not finite; there, what silent codes pay
has no sign.
Boundary: claimed of nothing.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, swap, swapping
from theory.problem import D, a, j, l, marginal, mu, pos, r, z
from theory.statement import Ge, Le, Statement, Status

both = swapping(j, l) + marginal(z[j]) - Sum(D[a, j] * r[a], a)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(both, 0),
    proof=pos(swapping(j, l)) - swap[j, l] + code[j] + mu[j],
    controls={"above one": Ge(both, 1), "negative": Le(both, -1)},
)
