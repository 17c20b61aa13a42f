"""The overlap is λ times the total activation, in the theory's L1.

r·x̂ = λ‖z‖₁.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import L1, a, j, lam, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap, paid = Sum(r[a] * xhat[a], a), lam * Sum(z[j], j)
statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"half": Eq(overlap, paid / 2), "twice": Eq(overlap, 2 * paid)},
)
