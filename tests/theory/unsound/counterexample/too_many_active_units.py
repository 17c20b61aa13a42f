"""In a top-k SAE no two units are active at once.

Refused: too many units
1{z_j>0} 1{z_l>0} = 0 for j ≠ l; the counterexample has two active units and a limit of one.
Boundary: true for a limit of one.

Reference: made up to be refused.
"""

from theory.counterexample import Counterexample
from theory.problem import TOP_K, apart, atom_dot, j, l, on, r
from theory.statement import Eq, Le, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    fixed_bias=True,
    about=TOP_K,
    claim=Le(on[j] * on[l] * apart[j, l], 0),
    counterexample=Counterexample(
        x=[[1, 3]], D=[[1, 0], [0, 1]], z=[[1, 3]], lam=0, b=[0, 0], bias=False, objective=TOP_K, limit=1
    ),
    controls={"active units leave nothing": Eq(on[j] * atom_dot(j, r), 0)},
)
