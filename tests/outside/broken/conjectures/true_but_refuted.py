"""Active residuals are λ along their atom.

E[z_j d_j·r] = λ E[z_j].
Boundary: none.

Reference: a broken twin, which must fail.
"""

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import atom_dot, j, lam, r, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(E(z[j] * atom_dot(j, r)), E(lam * z[j])),
    counterexample=Counterexample(x=[[2], [-2]], D=[[1, -1]], z=[[1, 0], [0, 1]], lam=1, b=[0]),
    controls={"twice as much": Eq(E(z[j] * atom_dot(j, r)), 2 * E(lam * z[j]))},
)
