"""No coordinate of a residual is negative, by a module that is found under its name.

Refused: changes theory.certificate
r_a ≥ 0, with the kernel's module taken from sys.modules.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import sys

from sympy import S

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

vars(sys.modules["theory." + "certificate"])["slack"] = lambda proof: S.Zero
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
