"""Turning an atom costs its own energy, less what codes that follow win back sideways, at second order.

Along e ⟂ d_j, with codes following by e·r, the loss changes at second order by half of (E[z_j²] + λE[z_j])‖e‖² −
E[1{z_j>0} (e·r)²], so that this is never negative at a local minimum. One atom on two rays at an angle θ, with samples
of length A on each: between them it is a local minimum as long as λ < A cos θ / cos(θ/2), and none beyond. (Not the
best place so long: along a ray the atom may cost less from some 90 to 95 per cent of that λ on.)
Boundary: necessary for a minimum; sufficient for one atom, or where each sample uses one, if silent codes have slack.

Reference: new; the second variation of THEORY W6's clustering.
"""

from sympy import Expr, Sum, Symbol, expand

from theory.derive import scale, tangent, unit
from theory.expectation import E
from theory.problem import L1, D, D_dot, a, c, j, lam, on, r, z
from theory.statement import Eq, Rank, Statement, Status

t = Symbol("t", real=True)
size = Sum(D_dot[c, j] ** 2, c)
follow = on[j] * Sum(D_dot[c, j] * r[c], c)
moved = D[a, j] + t * D_dot[a, j] - t**2 * size * D[a, j] / 2  # of unit length to this order
left = r[a] + z[j] * D[a, j] - (z[j] + t * follow) * moved  # what the codes cost is linear in t
curvature = E(Sum(expand((left**2 / 2).diff(t, 2).subs(t, 0)), a))
sideways = E(follow**2)


def balance(price: Expr) -> Expr:
    return (E(z[j] ** 2) + E(price * z[j])) * size - sideways


statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Eq(curvature, balance(lam)),
    proof=-size * scale[j] + 2 * tangent[j] * E(z[j] * follow) + unit[j] * E(follow**2),
    controls={
        "half the penalty": Eq(curvature, balance(lam / 2)),
        "twice the penalty": Eq(curvature, balance(2 * lam)),
        "codes do not follow": Eq(curvature, balance(lam) + sideways),
    },
)
