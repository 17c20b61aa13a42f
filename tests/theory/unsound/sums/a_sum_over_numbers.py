"""What is paid is the overlap, summed over an integer.

Refused: takes the index of an atom
r·x̂ = Σ_i z_i φ'(z_i) with a symbol i that is no index of atoms.
Boundary: as R1.

Reference: made up to be refused.
"""

from sympy import Sum, Symbol

from theory.derive import code, comp
from theory.problem import a, j, k, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)
number = Symbol("i", integer=True)
paid = Sum(z[number] * marginal(z[number]), (number, 0, k - 1))
statement = Statement(
    status=Status.PROVED,
    claim=Eq(overlap, paid),
    proof=-Sum(z[j] * code[j] + comp[j], j),
    controls={"nothing": Eq(overlap, 0), "twice": Eq(overlap, 2 * paid)},
)
