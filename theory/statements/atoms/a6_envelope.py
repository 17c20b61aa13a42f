"""Along stationary points the loss grows with λ at the rate of the mean activation.

dF/dλ = E‖z‖₁ at a stationary point, however atoms and codes move with λ: the derivative along every motion that keeps
the norms of atoms, and the zeros of codes with slack, is the same. With C3, which holds for every dictionary, it
follows that the minimum F*(λ) is concave, and nondecreasing as activation is not negative.
Boundary: for paths on which such units stay silent. Slope 0 once every code vanishes.

Reference: THEORY A6.
"""

from sympy import Indexed, Sum, Symbol

from theory.derive import atom, code, still, tangent
from theory.expectation import E
from theory.problem import L1, D, D_dot, a, j, lam, loss, nu, z, z_dot
from theory.statement import Eq, Rank, Statement, Status

t = Symbol("t", real=True)
MOTION = {D: D_dot, z: z_dot}
moved = (
    L1.specialise(loss())
    .replace(
        lambda part: isinstance(part, Indexed) and part.base in MOTION,
        lambda part: part + t * MOTION[part.base][part.indices],
    )
    .subs(lam, lam + t)
)
slope = E(moved.diff(t).subs(t, 0))
activation = E(Sum(z[j], j))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Eq(slope, activation),
    proof=Sum(D_dot[a, j] * atom[a, j], a, j) - Sum(nu[j] * tangent[j], j) + E(Sum(z_dot[j] * code[j] + still[j], j)),
    controls={"half as fast": Eq(slope, activation / 2), "twice as fast": Eq(slope, 2 * activation)},
)
