"""A sample near the ray of an atom is explained by atoms near it, and costs what that ray does.

λt − ½λ² ≤ ½‖r‖² + λ‖z‖₁ ≤ λt − ½λ² + ½e and ‖r − λd_j‖² + λΣ_m z_m‖d_m − d_j‖² ≤ e for every atom j, with t =
d_j·(x−b) and e = ‖x − b − t d_j‖² + (λ−t)₊². On the ray and with t ≥ λ > 0, e = 0: whatever else the dictionary holds,
the sample costs W1's bound and uses no atom but d_j. A parent p, alone or with a child c at a fixed ratio, makes two
rays: with W1, no dictionary of any width costs less than {p, (p+c)/‖p+c‖}, where the parent's atom is silent on the
child's samples.
Boundary: with amplitudes that vary, samples leave the ray, and e bounds by how much the parent may fire on them.

Reference: THEORY H1, for all samples.
"""

from sympy import Sum

from theory.derive import code, comp, unit
from theory.problem import L1, D, a, b, c, j, lam, loss, m, mu, neg, pos, r, x, xhat, z
from theory.statement import Ge, Le, Rank, Statement, Status

cost = L1.specialise(loss())
t = Sum(D[c, j] * (x[c] - b[c]), c)
on_ray = lam * t - lam**2 / 2
off_ray = Sum((x[a] - b[a] - t * D[a, j]) ** 2, a) + neg(t - lam) ** 2
astray = Sum((r[a] - lam * D[a, j]) ** 2, a) + lam * Sum(z[m] * Sum((D[a, m] - D[a, j]) ** 2, a), m)
best = pos(t - lam)

# cost = on_ray + astray / 2, up to the norms of atoms
norms = -lam / 2 * Sum(z[m] * (unit[m] + unit[j]), m) - lam**2 / 2 * unit[j]
upper = (
    Sum((best * D[a, j] - xhat[a]) ** 2, a) / 2
    + mu[j] * best
    + best * code[j]
    - Sum(z[m] * code[m] + comp[m], m)
    + (t**2 - best**2) / 2 * unit[j]
)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=(Ge(cost, on_ray), Le(cost, on_ray + off_ray / 2), Le(astray, off_ray)),
    proof=(astray / 2 + norms, upper, 2 * (upper + norms)),
    controls={
        "cheaper than the ray": (Le(cost, on_ray), Le(cost, on_ray + off_ray / 2), Le(astray, off_ray)),
        "dearer than the ray and the rest": (Ge(cost, on_ray), Ge(cost, on_ray + off_ray / 2), Le(astray, off_ray)),
        "by atoms twice as near": (Ge(cost, on_ray), Le(cost, on_ray + off_ray / 2), Le(2 * astray, off_ray)),
        "by others": (Ge(cost, on_ray), Le(cost, on_ray + off_ray / 2), Ge(astray, off_ray)),
    },
)
