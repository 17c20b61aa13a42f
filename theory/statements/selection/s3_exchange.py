"""No silent atom explains an active one's share better than that atom does.

d_l·(r + z_j d_j) ≤ z_j + φ'(z_j) for every active j and silent l, where r + z_j d_j is what j has to explain. For
top-k the right side is z_j: the codes chosen are those that no exchange improves.
Boundary: equality for atoms that are alike. With L1 it follows from C1; where silent units have no price, nothing
else speaks of them.

Reference: new; the optimality of a support against exchanges of one element.
"""

from sympy import Sum

from theory.derive import code, comp, swap, swapping, unit
from theory.problem import D, c, j, l, marginal, off, pos, r, z
from theory.statement import Le, Rank, Statement, Status

share = z[j] * off[l] * Sum(D[c, l] * (r[c] + z[j] * D[c, j]), c)
explained = z[j] * off[l] * (z[j] + marginal(z[j]))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Le(share, explained),
    proof=pos(swapping(j, l)) - swap[j, l] + off[l] * (z[j] * code[j] + comp[j] - z[j] ** 2 / 2 * (unit[j] + unit[l])),
    controls={"a tenth of it": Le(share, explained / 10), "the other way round": Le(explained, share)},
)
