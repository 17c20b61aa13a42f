"""An atom points to the weighted mean of the samples that activate it.

E[z_j (x−b)] is a multiple of d_j. What other atoms explain of those samples has to be taken off first.
Boundary: true where a feature never fires together with another one (A8).

Reference: the practice of reading a feature off its top activating samples; corrected by A2.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import D, a, b, c, j, marginal, r, x, z
from theory.statement import Eq, Statement, Status

mean = E(z[j] * (x[a] - b[a]))
along = D[a, j] * Sum(D[c, j] * E(z[j] * (x[c] - b[c])), c)
weight = E(z[j] ** 2) + E(z[j] * marginal(z[j]))

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(mean, along),
    counterexample=Counterexample(
        # A grid, a sample along each atom that keeps it from turning, and one that keeps the bias.
        x=[[-1, -1], [2, -1], [-1, 2], [2, 2], [3, 0], [0, 3], [-1, -1]],
        D=[[1, 0], [0, 1]],
        z=[[0, 0], [1, 0], [0, 1], [1, 1], [2, 0], [0, 2], [0, 0]],
        lam=1,
        b=[0, 0],
    ),
    controls={"of what other atoms leave (A2)": Eq(E(z[j] * (r[a] + z[j] * D[a, j])), D[a, j] * weight)},
)
