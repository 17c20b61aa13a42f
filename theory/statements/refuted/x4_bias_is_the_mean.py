"""The decoder bias of an optimum is the mean of the data.

E[x] = b. The mean of the reconstructions comes on top: b = E[x] − E[x̂].
Boundary: true if every feature is dead, or active features cancel on average.

Reference: a common initialisation, taken for the optimum; refuted by B1.
"""

from sympy import Rational

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import a, b, x, xhat
from theory.statement import Eq, Statement, Status

half = Rational(1, 2)

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(E(x[a]), b[a]),
    counterexample=Counterexample(x=[[0], [0], [5 * half]], D=[[1]], z=[[0], [0], [1]], lam=1, b=[half]),
    controls={"less the mean reconstruction (B1)": Eq(E(x[a]) - E(xhat[a]), b[a])},
)
