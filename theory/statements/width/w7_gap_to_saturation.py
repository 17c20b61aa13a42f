"""What a sample costs beyond the bound of all dictionaries is how far its atoms and its residual are from its ray.

½‖r‖² + λ‖z‖₁ − h_λ(‖x−b‖) = ½‖r − λw‖² + ½λ Σ_j z_j ‖d_j − w‖² + ½λ(1 − ‖w‖²)‖z‖₁, where w = (x−b)/max(‖x−b‖, λ)
gives W1's bound; it is an identity for every w in the unit ball. Each term is nonnegative, so that the gap to W1
bounds the activation-weighted distance of atoms from the rays of their samples, ½λ E[Σ_j z_j ‖d_j − w‖²].
Boundary: all terms vanish exactly where a sample is silent in the dead zone, or on the ray of all its active atoms.

Reference: THEORY W2, second half.
"""

from sympy import Sum

from theory.derive import unit
from theory.problem import L1, D, a, j, lam, loss, r, room, w, z
from theory.statement import Eq, Rank, Statement, Status
from theory.statements.width.w1_width_bound import bound

gap = L1.specialise(loss()) - bound
shrinkage = Sum((r[a] - lam * w[a]) ** 2, a) / 2
astray = lam / 2 * Sum(z[j] * Sum((D[a, j] - w[a]) ** 2, a), j)
inside = lam / 2 * room * Sum(z[j], j)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    about=L1,
    claim=Eq(gap, shrinkage + astray + inside),
    proof=-lam / 2 * Sum(z[j] * unit[j], j),
    controls={
        "atoms may go astray": Eq(gap, shrinkage + inside),
        "twice the distance": Eq(gap, shrinkage + 2 * astray + inside),
        "without shrinkage": Eq(gap, astray + inside),
    },
)
