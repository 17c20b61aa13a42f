"""A silent atom explains less of the residual than switching it on would cost.

d_l·r ≤ s/2 + φ(s)/s for every amplitude s > 0, wherever z_l = 0. For L1, s → 0 gives C1. For L0 the best s gives
d_l·r ≤ √(2λ): with S1 one threshold parts active from silent units, which is what a JumpReLU encoder learns.
Boundary: equality where switching l on changes nothing. Says nothing where the number of active units is limited.

Reference: new as a law of the family.
"""

from theory.derive import add, adding, unit
from theory.problem import atom_dot, l, off, phi, pos, r, s
from theory.statement import Le, Statement, Status

reach = atom_dot(l, r) * off[l]
cost = (s / 2 + phi(s) / s) * off[l]

statement = Statement(
    status=Status.PROVED,
    claim=Le(reach, cost),
    proof=(pos(adding(l)) - add[l]) / s - s / 2 * off[l] * unit[l],
    controls={"a tenth of the cost": Le(reach, cost / 10), "the other way round": Le(cost, reach)},
)
