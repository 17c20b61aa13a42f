"""Picking one atom by another leaves its mean residual as it is.

Refused: KroneckerDelta
Σ_j δ_jl E[r z_j] = ν_l d_l, where δ is 1 for the second atom alone.
False for l = 0.
Boundary: the δ of SymPy takes a range as its third argument.

Reference: made up to be refused.
"""

from sympy import KroneckerDelta, Sum

from theory.derive import atom
from theory.expectation import E
from theory.problem import D, a, j, l, nu, r, z
from theory.statement import Eq, Statement, Status

picked = Sum(KroneckerDelta(j, l, (1, 1)) * E(r[a] * z[j]), j)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(picked, nu[l] * D[a, l]),
    proof=-atom[a, l],
    controls={"half": Eq(2 * picked, nu[l] * D[a, l]), "none": Eq(picked, 0)},
)
