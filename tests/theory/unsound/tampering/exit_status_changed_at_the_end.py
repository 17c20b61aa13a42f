"""No coordinate of a residual is negative, as far as whoever started the program can tell.

Refused: it leaves something running
r_a ≥ 0 is not proved, and the program ends with status 0 all the same.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import atexit
import os

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

atexit.register(os._exit, 0)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
