"""No dictionary, however wide, brings the loss of a sample below its Huber function.

½‖r‖² + λ‖z‖₁ ≥ λ w·(x−b) − ½λ²‖w‖² for every w in the unit ball; the best w gives h_λ(‖x−b‖), with h_λ(t) = ½t² for t
≤ λ and λt − ½λ² beyond. It holds for any nonnegative codes and unit-norm atoms, optimal or not.
Boundary: equality iff the sample is silent in the dead zone or on the ray of all its active atoms, with r = λw (W7).

Reference: THEORY W1.
"""

from sympy import Sum

from theory.derive import unit
from theory.problem import L1, D, a, b, j, lam, loss, r, room, square, w, x, z
from theory.statement import Ge, Rank, Statement, Status

cost = L1.specialise(loss())
bound = lam * Sum(w[a] * (x[a] - b[a]), a) - lam**2 * square(w) / 2

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Ge(cost, bound),
    proof=Sum((r[a] - lam * w[a]) ** 2, a) / 2
    + lam / 2 * Sum(z[j] * (Sum((D[a, j] - w[a]) ** 2, a) + room), j)
    - lam / 2 * Sum(z[j] * unit[j], j),
    controls={"five per cent more": Ge(cost, bound * 21 / 20), "the other way round": Ge(bound, cost)},
)
