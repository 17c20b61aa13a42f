"""No coordinate of a residual is negative, from a folder in which Python is to look first for what it has not loaded.

Refused: leaves something running
r_a ≥ 0.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import sys
from pathlib import Path

from sympy import S

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

sys.path.insert(0, str(Path(__file__).parent))
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=S.Zero,
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
