"""A sample that no active atom reaches beyond its marginal price is not reconstructed at all.

‖x̂‖² ≤ Σ_j z_j max(0, d_j·(x−b) − φ'(z_j)): if d_j·(x−b) ≤ φ'(z_j) for every active j, then x̂ = 0. For L1 the price is
λ whatever the code: x̂ = 0 where max_j d_j·(x−b) ≤ λ, so at every dictionary if λ ≥ max‖x−b‖.
Boundary: sharp where no active atom points away from the sample. Says x̂ = 0, not z = 0: see X3.

Reference: THEORY C2, corrected.
"""

from sympy import Sum

from theory.derive import code, comp
from theory.problem import D, b, c, j, marginal, neg, pos, square, x, xhat, z
from theory.statement import Le, Rank, Statement, Status

reach = Sum(D[c, j] * (x[c] - b[c]), c)
excess = reach - marginal(z[j])

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LAW,
    claim=Le(square(xhat), Sum(z[j] * pos(excess), j)),
    proof=Sum(z[j] * neg(excess), j) - Sum(z[j] * code[j] + comp[j], j),
    controls={
        "half of it": Le(square(xhat), Sum(z[j] * pos(excess), j) / 2),
        "twice the price": Le(square(xhat), Sum(z[j] * pos(reach - 2 * marginal(z[j])), j)),
    },
)
