"""No unit is ever on.

Refused: atom of norm 0
z_j = 0 where norms are free, refuted by an atom of length 0.
Boundary: the penalty z_j‖d_j‖ has no slope there.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.optimality import Level
from theory.problem import NORM_WEIGHTED, j, z
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    about=NORM_WEIGHTED,
    at=Level.STATIONARY,
    claim=Eq(z[j], 0),
    counterexample=Counterexample(x=[[1], [-1]], D=[[0]], z=[[3], [3]], lam=1, b=[0], objective=NORM_WEIGHTED),
    controls={"one": Eq(z[j], 1)},
)
