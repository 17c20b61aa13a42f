"""No coordinate of a residual is negative, as no symbol is.

Refused: changes sympy
r_a ≥ 0, with SymPy's own symbols made nonnegative.
False for x = −2, D = 1, λ = 1.
Boundary: none.

Reference: made up to be refused.
"""

import sympy

from theory.problem import a, r
from theory.statement import Ge, Le, Statement, Status

sympy.Symbol.is_nonnegative = True
statement = Statement(
    status=Status.PROVED,
    claim=Ge(r[a], 0),
    proof=r[a],
    controls={"above one": Ge(r[a], 1), "negative": Le(r[a], -1)},
)
