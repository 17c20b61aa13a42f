"""What is paid is the overlap, by the conditions of the first atom.

Refused: whole axis
r·x̂ = Σ_j z_j φ'(z_j) is true, but the certificate sums the condition of the first atom alone.
Boundary: as R1.

Reference: made up to be refused.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import a, j, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
paid = Sum(z[j] * marginal(z[j]), j)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], (j, 0, 0)),
    controls={"half": Eq(overlap, paid / 2), "twice": Eq(overlap, 2 * paid)},
)
