"""What is paid is nonnegative, whatever the price is.

Refused: not part of the language
z_j φ'(z_j) ≥ 0 for a function of its own that is called marginal.
Boundary: true of the theory's φ'.

Reference: made up to be refused.
"""

from sympy import Function

from theory.problem import j, z
from theory.statement import Ge, Le, Statement, Status

price = Function("marginal", nonnegative=True)
statement = Statement(
    status=Status.PROVED,
    claim=Ge(z[j] * price(z[j]), 0),
    proof=z[j] * price(z[j]),
    controls={"above one": Ge(z[j] * price(z[j]), 1), "negative": Le(z[j] * price(z[j]), -1)},
)
