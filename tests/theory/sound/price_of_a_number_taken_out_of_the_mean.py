"""On average over the silent samples, no unit is worth switching on.

E[d_l·r 1{z_l=0}] ≤ E[(s/2 + φ(s)/s) 1{z_l=0}], the λ of each sample being its own.
Boundary: vacuous for units that are always on.

Reference: made up to be accepted.
"""

from theory.derive import add, adding, unit
from theory.expectation import E
from theory.problem import atom_dot, l, off, phi, pos, r, s
from theory.statement import Le, Statement, Status

reach, cost = E(atom_dot(l, r) * off[l]), E((s / 2 + phi(s) / s) * off[l])

statement = Statement(
    status=Status.PROVED,
    claim=Le(reach, cost),
    proof=E((pos(adding(l)) - add[l]) / s) - s / 2 * E(off[l]) * unit[l],
    controls={"a tenth of the cost": Le(reach, cost / 10), "the other way round": Le(cost, reach)},
)
