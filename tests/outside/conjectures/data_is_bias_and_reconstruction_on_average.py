"""On average the data is the bias and the reconstruction.

E[x] = b + E[Dz].
Boundary: needs a free, stationary bias.

Reference: the normal equation of the bias.
"""

from theory.derive import bias
from theory.expectation import E
from theory.problem import a, b, x, xhat
from theory.statement import Eq, Statement, Status

statement = Statement(
    status=Status.PROVED,
    claim=Eq(E(x[a]), b[a] + E(xhat[a])),
    proof=-bias[a],
    controls={
        "the bias alone": Eq(E(x[a]), b[a]),
        "the reconstruction alone": Eq(E(x[a]), E(xhat[a])),
    },
)
