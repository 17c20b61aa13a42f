"""A new atom gains on every sample whose residual along it is more than λ.

½‖r − t w‖² + λ(‖z‖₁ + t) ≤ ½‖r‖² + λ‖z‖₁ − {t(w·r − λ) − ½t²} for every w of the unit ball and t ≥ 0. With t = (w·r −
λ)₊ a unit atom w gains at least ½E[(w·r − λ)₊²], which is positive along a residual longer than λ. With W3 it follows
that no atom gains anything exactly where max‖r_i‖ ≤ λ. No dictionary gains more than the gap of W7.
Boundary: equality for unit w; the codes of the other atoms, which are kept here, may gain more.

Reference: THEORY W3, second half.
"""

from sympy import Sum

from theory.problem import L1, a, j, lam, loss, r, room, s, w, z
from theory.statement import Le, Rank, Statement, Status

cost = L1.specialise(loss())
wider = Sum((r[a] - s * w[a]) ** 2, a) / 2 + lam * (Sum(z[j], j) + s)
gain = s * (Sum(w[a] * r[a], a) - lam) - s**2 / 2

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    about=L1,
    claim=Le(wider, cost - gain),
    proof=s**2 / 2 * room,
    controls={
        "without paying for it": Le(wider, cost - gain - lam * s),
        "the other way round": Le(cost - gain, wider),
    },
)
