"""For its dictionary, a stationary bias with optimal codes is the best there is, whatever other codes come with it.

E[½‖x − b − u − Dy‖² + λ‖y‖₁] ≥ E[½‖r‖² + λ‖z‖₁] for every shift u of the bias and all codes y ≥ 0. At saturation, where
r = λw (W7), B1 says E[λw] = 0: b then minimises the convex E[h_λ(‖x−b‖)], a Huber median of the data.
Boundary: equality at u = 0 for codes y that reconstruct alike; says nothing of other dictionaries.

Reference: THEORY W5, for every width.
"""

from sympy import Sum

from theory.derive import bias, code, comp
from theory.expectation import E
from theory.problem import L1, D, a, b, j, lam, loss, m, mu, u, x, y, z
from theory.statement import Ge, Rank, Statement, Status

cost = E(L1.specialise(loss()))
elsewhere = E(Sum((x[a] - b[a] - u[a] - Sum(D[a, m] * y[m], m)) ** 2, a) / 2 + lam * Sum(y[m], m))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Ge(elsewhere, cost),
    proof=E(Sum((Sum(D[a, m] * (z[m] - y[m]), m) - u[a]) ** 2, a)) / 2
    + E(Sum(mu[j] * y[j], j))
    + E(Sum((y[j] - z[j]) * code[j] - comp[j], j))
    + Sum(u[a] * bias[a], a),
    controls={"five per cent more": Ge(elsewhere, cost * 21 / 20), "the other way round": Ge(cost, elsewhere)},
)
