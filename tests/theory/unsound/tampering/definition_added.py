"""Atoms are at right angles, by a definition of this file.

Refused: changes theory.derive
G_jl = 0, with the definition of the Gram matrix replaced in the table of definitions.
False for D = (1, −1).
Boundary: none.

Reference: made up to be refused.
"""

from sympy import S

from theory.derive import DEFINED
from theory.problem import G, j, l
from theory.statement import Eq, Statement, Status

DEFINED[G] = lambda i, o: S.Zero
statement = Statement(
    status=Status.PROVED,
    claim=Eq(G[j, l], 0),
    proof=S.Zero,
    controls={"alike": Eq(G[j, l], 1), "antipodal": Eq(G[j, l], -1)},
)
