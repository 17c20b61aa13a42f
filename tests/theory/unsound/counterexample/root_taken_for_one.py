"""Active units are paid for as the square root penalty says.

Refused: cannot be checked in fractions
(1 + z_j)(d_j·r)² = λ² where z_j > 0, for φ(t) = 2λ(√(1+t) − 1).
True: the counterexample is a point of L1, whose price is λ, as if √(1 + z_j) were 1.
Boundary: about active units.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.optimality import Level
from theory.problem import ROOT, atom_dot, j, lam, on, r, z
from theory.statement import Eq, Statement, Status

reach = on[j] * (1 + z[j]) * atom_dot(j, r) ** 2

statement = Statement(
    status=Status.REFUTED,
    about=ROOT,
    at=Level.STATIONARY,
    claim=Eq(reach, on[j] * lam**2),
    counterexample=Counterexample(x=[[-2], [2], [8]], D=[[1]], z=[[0], [1], [7]], lam=1, b=[0], objective=ROOT),
    controls={"half": Eq(reach, on[j] * lam**2 / 2), "twice": Eq(reach, 2 * on[j] * lam**2)},
)
