"""With a free decoder bias the residual has mean zero.

E[r] = 0.
Boundary: needs a free, stationary bias; without one nothing fixes the mean residual.

Reference: THEORY B1; W. Dorrell (2026), arXiv:2606.02385.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, r, x, xhat
from theory.statement import Eq, Rank, Statement, Status

statement = Statement(
    status=Status.PROVED,
    rank=Rank.LEMMA,
    claim=Eq(E(r[a]), 0),
    proof=-bias[a],
    controls={
        "the bias is the data mean": Eq(E(x[a]), b[a]),
        "the residual leans to the reconstruction": Eq(E(r[a]), E(xhat[a])),
    },
)
