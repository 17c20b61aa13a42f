"""A silent atom explains no more of the residual than switching it on would cost.

d_l·r ≤ s/2 + φ(s)/s for every amplitude s > 0, wherever z_l = 0. For L1, s → 0 gives C1. For L0 the best s gives
d_l·r ≤ √(2λ): with S1 it follows that one threshold parts active from silent units, as that of a JumpReLU encoder.
Boundary: equality where switching l on changes nothing. Says nothing where the number of active units is limited.

Reference: new as a law of the family.
"""

from theory.derive import add, adding, unit
from theory.problem import atom_dot, l, off, phi, pos, r, s
from theory.statement import Le, Rank, Statement, Status

reach = atom_dot(l, r) * off[l]
cost = (s / 2 + phi(s) / s) * off[l]

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Le(reach, cost),
    proof=(pos(adding(l)) - add[l]) / s - s / 2 * off[l] * unit[l],
    controls={"a tenth of the cost": Le(reach, cost / 10), "the other way round": Le(cost, reach)},
)
