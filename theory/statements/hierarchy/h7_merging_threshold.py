"""An atom holds several directions together as long as what is left of them sideways is less than its own energy.

Turning d_j along e ⟂ d_j, its codes following by e·r, changes the loss at second order by half of
(E[z_j²] + λE[z_j])‖e‖² − E[1{z_j>0} (e·r)²]: at a local minimum this is never negative. For one atom on two rays at an
angle θ, with samples of length A on each: it stays between them exactly as long as λ < A cos θ / cos(θ/2), and moves to
one of them beyond.
Boundary: necessary for a minimum; sufficient for one atom, or where each sample uses one, if silent codes have slack.

Reference: new; the second variation of THEORY W6's clustering.
"""

from sympy import Expr, Sum, Symbol, expand

from theory.derive import scale, tangent, unit
from theory.expectation import E
from theory.problem import L1, D, D_dot, a, c, j, lam, on, r, z
from theory.statement import Eq, Statement, Status

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
    about=L1,
    claim=Eq(curvature, balance(lam)),
    proof=-size * scale[j] + 2 * tangent[j] * E(z[j] * follow) + unit[j] * E(follow**2),
    controls={
        "half the penalty": Eq(curvature, balance(lam / 2)),
        "twice the penalty": Eq(curvature, balance(2 * lam)),
        "codes do not follow": Eq(curvature, balance(lam) + sideways),
    },
)
