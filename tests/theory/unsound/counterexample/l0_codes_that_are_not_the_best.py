"""A silent unit of an L0 problem explains at most its price.

Refused: stationary only
1{z_j=0} (d_j·r)² ≤ 2λ wherever d_j·r > 0 is true of the best codes, by S2; those of the counterexample are all
silent.
Boundary: as S2.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.problem import L0, atom_dot, j, lam, off, on, pos, r
from theory.statement import Eq, Le, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=L0,
    claim=Le(off[j] * pos(atom_dot(j, r)) ** 2, 2 * lam),
    counterexample=Counterexample(x=[[10]], D=[[1]], z=[[0]], lam=1, b=[0], bias=False, objective=L0),
    controls={"active units leave nothing": Eq(on[j] * atom_dot(j, r), 0)},
)
