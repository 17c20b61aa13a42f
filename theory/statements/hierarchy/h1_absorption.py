"""A sample on the ray of an atom is explained by that atom alone: absorption is optimal, at every width.

λt − ½λ² ≤ ½‖r‖² + λ‖z‖₁ ≤ λt − ½λ² + ½(λ−t)₊² + ½‖x − b − t d_j‖² for every atom j, with t = d_j·(x−b). On the ray
and with t ≥ λ both bounds agree, whatever else the dictionary holds. A parent p, alone or with a child c at a fixed
ratio, makes two rays: {p, (p+c)/‖p+c‖} attains the bound W1 of all dictionaries, and the parent's latent is silent on
the child's samples.
Boundary: with amplitudes that vary, samples leave the ray and the parent fires on part of them: partial absorption.

Reference: THEORY H1, for all samples.
"""

from sympy import Sum

from theory.derive import code, comp, unit
from theory.problem import L1, D, a, b, c, j, lam, loss, m, mu, neg, pos, r, x, xhat, z
from theory.statement import Ge, Le, Statement, Status

cost = L1.specialise(loss())
t = Sum(D[c, j] * (x[c] - b[c]), c)
on_ray = lam * t - lam**2 / 2
off_ray = Sum((x[a] - b[a] - t * D[a, j]) ** 2, a) / 2 + neg(t - lam) ** 2 / 2
best = pos(t - lam)
alike = Sum((D[a, m] - D[a, j]) ** 2, a)


statement = Statement(
    status=Status.PROVED,
    about=L1,
    claim=(Ge(cost, on_ray), Le(cost, on_ray + off_ray)),
    proof=(
        Sum((r[a] - lam * D[a, j]) ** 2, a) / 2
        + lam / 2 * Sum(z[m] * alike, m)
        - lam / 2 * Sum(z[m] * (unit[m] + unit[j]), m)
        - lam**2 / 2 * unit[j],
        Sum((best * D[a, j] - xhat[a]) ** 2, a) / 2
        + mu[j] * best
        + best * code[j]
        - Sum(z[m] * code[m] + comp[m], m)
        + (t**2 - best**2) / 2 * unit[j],
    ),
    controls={
        "cheaper than the ray": (Le(cost, on_ray), Le(cost, on_ray + off_ray)),
        "dearer than the ray and the rest": (Ge(cost, on_ray), Ge(cost, on_ray + off_ray)),
    },
)
