"""The loss is the energy of the data less that of the reconstruction, halved.

E[½‖r‖² + λ‖z‖₁] = ½E‖x−b‖² − ½E‖x̂‖². Where optimal codes use at most one atom, C1 makes ‖x̂‖ = (max_j d_j·(x−b) − λ)₊:
training is then a thresholded spherical clustering. Amortised SAEs satisfy the identity too.
Boundary: with every feature dead both sides are ½E‖x−b‖².

Reference: THEORY W6, for any number of active atoms.
"""

from sympy import Sum

from theory.derive import scale
from theory.expectation import E
from theory.problem import L1, a, b, j, loss, square, x, xhat
from theory.statement import Eq, Rank, Statement, Status

cost = E(L1.specialise(loss()))
data, explained = E(Sum((x[a] - b[a]) ** 2, a)), E(square(xhat))

statement = Statement(
    status=Status.PROVED,
    rank=Rank.COROLLARY,
    about=L1,
    claim=Eq(cost, data / 2 - explained / 2),
    proof=Sum(scale[j], j),
    controls={
        "as in least squares with a penalty": Eq(cost, data - explained),
        "all of it": Eq(cost, data / 2),
        "twice explained": Eq(cost, data / 2 - explained),
    },
)
