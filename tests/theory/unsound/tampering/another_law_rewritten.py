"""Residuals have mean zero, and so says the law on the bias by now.

Refused: changes theory.statements
E[r] = 0 is true; this file makes law B1 say r = 0.
The law that it leaves behind is false for x = 2, −2, D = (1, −1), λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, r, x
from theory.statement import Eq, Statement, Status
from theory.statements.atoms.b1_bias import statement as on_bias

object.__setattr__(on_bias, "claim", Eq(r[a], 0))
object.__setattr__(on_bias, "proof", r[a])
statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(r[a]), 0),
    proof=-bias[a],
    controls={"the bias": Eq(E(r[a]), b[a]), "the data": Eq(E(r[a]), E(x[a]))},
)
