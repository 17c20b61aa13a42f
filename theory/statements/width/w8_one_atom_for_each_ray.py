"""Samples on different rays share an atom only at a cost.

λz_j λ'z'_j ‖w − w'‖² ≤ 2(λz_j + λ'z'_j)(gap + gap') for every pair of samples and every atom j, where gap = ½‖r‖² +
λ‖z‖₁ − h_λ(‖x−b‖) and w = (x−b)/‖x−b‖ as in W7. At gap 0 no atom serves two rays if λ > 0; as samples beyond λ then
have an active atom (W7), atoms are at least as many as their rays.
Boundary: sharp for two samples of small codes at a small angle to the one atom between them. Any codes.

Reference: THEORY W2, second half.
"""

from sympy import Expr, Sum

from theory.derive import unit
from theory.expectation import SampledBase, SampledSymbol
from theory.problem import L1, D, a, apart, b, j, lam, lam2, m, r, r2, room, room2, square, w, w2, x, x2, z, z2
from theory.statement import Ge, Le, Rank, Statement, Status


def gap(x: SampledBase, r: SampledBase, z: SampledBase, w: SampledBase, lam: SampledSymbol) -> Expr:
    bound = lam * Sum(w[a] * (x[a] - b[a]), a) - lam**2 * square(w) / 2
    return square(r) / 2 + lam * Sum(z[m], m) - bound


def rest(r: SampledBase, z: SampledBase, w: SampledBase, lam: SampledSymbol, room: SampledSymbol) -> Expr:
    """The part of a gap that is not about atom j."""
    others = Sum(apart[m, j] * z[m] * Sum((D[a, m] - w[a]) ** 2, a), m)
    return Sum((r[a] - lam * w[a]) ** 2, a) / 2 + lam / 2 * (others + room * Sum(z[m], m))


mine, yours = lam * z[j], lam2 * z2[j]
shared = mine * yours * Sum((w[a] - w2[a]) ** 2, a)
gaps = gap(x, r, z, w, lam) + gap(x2, r2, z2, w2, lam2)
cost = 2 * (mine + yours) * gaps

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    about=L1,
    claim=Le(shared, cost),
    proof=Sum((mine * (D[a, j] - w[a]) + yours * (D[a, j] - w2[a])) ** 2, a)
    + 2 * (mine + yours) * (rest(r, z, w, lam, room) + rest(r2, z2, w2, lam2, room2))
    - (mine + yours) * Sum((lam * z[m] + lam2 * z2[m]) * unit[m], m),
    controls={"four times that": Le(4 * shared, cost), "the other way round": Ge(shared, cost)},
)
