"""No exchange of units improves a code where silent units have no price.

z_j d_l·(r + z_j d_j) ≤ z_j² for active j and silent l of a top-k SAE.
Boundary: none.

Reference: the sound twin of a file of the unsound corpus.
"""

from sympy import Sum

from theory.derive import code, comp, swap, swapping, unit
from theory.problem import TOP_K, D, c, j, l, off, pos, r, z
from theory.statement import Le, Statement, Status

share = z[j] * off[l] * Sum(D[c, l] * (r[c] + z[j] * D[c, j]), c)
explained = z[j] ** 2 * off[l]
statement = Statement(
    status=Status.PROVED,
    about=TOP_K,
    claim=Le(share, explained),
    proof=pos(swapping(j, l)) - swap[j, l] + off[l] * (z[j] * code[j] + comp[j] - z[j] ** 2 / 2 * (unit[j] + unit[l])),
    controls={"a tenth of it": Le(share, explained / 10), "the other way round": Le(explained, share)},
)
