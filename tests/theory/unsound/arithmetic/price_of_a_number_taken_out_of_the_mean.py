"""On average over the silent samples, no unit is worth switching on at any sample's price.

Refused: not 0
E[d_l·r 1{z_l=0}] ≤ (s/2 + φ(s)/s) P(z_l = 0), at the λ of every single sample.
False of L1 for λ = 0 on one sample and 1 on another: the mean is of E[φ(s) 1{z_l=0}].
Boundary: true if all samples have one λ.

Reference: made up to be refused.
"""

from theory.derive import add, adding, unit
from theory.expectation import E
from theory.problem import atom_dot, l, off, phi, pos, r, s
from theory.statement import Le, Statement, Status

reach, cost = E(atom_dot(l, r) * off[l]), (s / 2 + phi(s) / s) * E(off[l])

statement = Statement(
    status=Status.PROVED,
    claim=Le(reach, cost),
    proof=E((pos(adding(l)) - add[l]) / s) - s / 2 * E(off[l]) * unit[l],
    controls={"a tenth of the cost": Le(reach, cost / 10), "the other way round": Le(cost, reach)},
)
