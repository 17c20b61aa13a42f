"""A sample that uses several atoms costs more than the bound of all dictionaries, by at least their spread.

‖z‖₁(½‖r‖² + λ‖z‖₁ − h_λ(‖x−b‖)) ≥ ½λ Σ_jl z_j z_l (1 − G_jl), where h_λ is W1's bound, here by a point w of the unit
ball. For a parent and a child of codes z_p, z_c at a cosine g the hierarchy costs at least λ z_p z_c (1−g)/(z_p+z_c)
more than an atom along the sample itself, for all angles and amplitudes; the mean over samples brings in the rates.
Boundary: sharp for atoms that are nearly parallel. Holds for any codes, so for trained SAEs as well.

Reference: new; THEORY H2 as a bound.
"""

from sympy import Sum

from theory.problem import L1, D, G, a, j, l, lam, loss, r, room, w, z
from theory.statement import Ge, Rank, Statement, Status
from theory.statements.width.w1_width_bound import bound

cost = L1.specialise(loss())
activation = Sum(z[j], j)
price = activation * (cost - bound)
spread = lam / 2 * Sum(z[j] * z[l] * (1 - G[j, l]), j, l)

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Ge(price, spread),
    proof=activation * Sum((r[a] - lam * w[a]) ** 2, a) / 2
    + lam / 2 * Sum(Sum(z[j] * (D[a, j] - w[a]), j) ** 2, a)
    + lam / 2 * activation**2 * room,
    controls={"the other way round": Ge(spread, price), "four times the spread": Ge(price, 4 * spread)},
)
