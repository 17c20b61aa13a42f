"""The mean over second samples of what an atom explains is at most their mean λ.

Refused: second sample
E[d_j·r'] ≤ E[λ']: E is over samples, and a second sample is one for each first.
Boundary: says what C1 says on average, or nothing: pairs have no mean.

Reference: made up to be refused.
"""

from theory.derive import code2
from theory.expectation import E
from theory.problem import L1, atom_dot, j, lam2, mu2, r2
from theory.statement import Ge, Le, Statement, Status

statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=Le(E(atom_dot(j, r2)), E(lam2)),
    proof=E(mu2[j] + code2[j]),
    controls={"half": Le(2 * E(atom_dot(j, r2)), E(lam2)), "the other way round": Ge(E(atom_dot(j, r2)), E(lam2))},
)
