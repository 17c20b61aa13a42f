"""The energy of the data splits into residual, reconstruction and twice the penalty paid.

E‖x−b‖² = E‖r‖² + E‖x̂‖² + 2E[Σ_j z_jφ'(z_j)]. Without a marginal penalty (top-k, L0) it is Pythagoras, and the
fraction of variance explained is E‖x̂‖²/E‖x−b‖²; with one, the residual and the reconstruction share that energy with
what shrinkage costs.
Boundary: with every feature dead both sides are E‖x−b‖². Holds for trained encoders as well.

Reference: new; from R4.
"""

from sympy import Sum

from theory.derive import scale
from theory.expectation import E
from theory.problem import a, b, j, marginal, r, square, x, xhat, z
from theory.statement import Eq, Rank, Statement, Status

data = E(Sum((x[a] - b[a]) ** 2, a))
split = E(square(r)) + E(square(xhat))
paid = 2 * E(Sum(z[j] * marginal(z[j]), j))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    claim=Eq(data, split + paid),
    proof=-2 * Sum(scale[j], j),
    controls={
        "Pythagoras, as in least squares": Eq(data, split),
        "half the penalty": Eq(data, split + paid / 2),
        "twice the penalty": Eq(data, split + 2 * paid),
        "the residual alone": Eq(data, split - E(square(xhat)) + paid),
    },
)
