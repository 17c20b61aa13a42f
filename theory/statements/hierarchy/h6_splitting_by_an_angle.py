"""Splitting an atom by an angle φ, with its codes kept, changes the loss by K(1 − cos φ) − P sin φ, exactly.

K = E[z_j²] + E[z_j φ'(z_j)] is the energy of A2, P = E[z_j |e·r|]/‖e‖ the pressure of H3: every split with tan(φ/2) <
P/K lowers the loss, and the best one, tan φ = P/K, lowers it by √(K² + P²) − K. Here e ⟂ d_j has length tan(φ/2), and
the atom becomes {(1 − ‖e‖²)d_j + 2σe}/(1 + ‖e‖²) with a sign σ = ±1 for each sample, best that of e·r. Both sides are
multiplied by (1 + ‖e‖²)².
Boundary: optimal codes for the new atoms gain more. With one σ for all samples P is 0 (H3): turning alone never pays.

Reference: new; H3 at finite angles.
"""

from sympy import Sum, expand

from theory.derive import scale, sign, tangent, unit
from theory.expectation import E
from theory.problem import D, D_dot, a, c, j, marginal, r, sigma, z
from theory.statement import Eq, Rank, Statement, Status

size = Sum(D_dot[c, j] ** 2, c)
whole = 1 + size
turn = 2 * (sigma[j] * D_dot[a, j] - size * D[a, j])
change = E(Sum(expand(z[j] * turn * (z[j] * turn / 2 - whole * r[a])), a))
energy = E(z[j] ** 2) + E(z[j] * marginal(z[j]))
pressure = E(sigma[j] * z[j] * Sum(D_dot[a, j] * r[a], a))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Eq(change, 2 * whole * (size * energy - pressure)),
    proof=-2 * whole * size * scale[j]
    + 2 * size * E(z[j] ** 2 * sign[j])
    + 2 * size**2 * E(z[j] ** 2) * unit[j]
    - 4 * size * E(sigma[j] * z[j] ** 2) * tangent[j],
    controls={
        "twice the pressure": Eq(change, 2 * whole * (size * energy - 2 * pressure)),
        "half the energy": Eq(change, 2 * whole * (size * energy / 2 - pressure)),
        "no penalty": Eq(change, 2 * whole * (size * E(z[j] ** 2) - pressure)),
    },
)
