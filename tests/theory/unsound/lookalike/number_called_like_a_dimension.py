"""The number of atoms is the sum of ones over atoms.

Refused: no quantity dim:k
Σ_j 1 = k with a symbol that is called like what the algebra calls the number of atoms.
Boundary: speaks of no point.

Reference: made up to be refused.
"""

from sympy import KroneckerDelta, S, Sum, Symbol

from theory.problem import j, on
from theory.statement import Eq, Statement, Status

number = Symbol("dim:k", integer=True, positive=True)
statement = Statement(
    status=Status.PROVED,
    claim=Eq(Sum(on[j] - on[j] ** 2 + KroneckerDelta(j, j), j), number),
    proof=S.Zero,
    controls={"half": Eq(number / 2, number), "twice": Eq(2 * number, number)},
)
