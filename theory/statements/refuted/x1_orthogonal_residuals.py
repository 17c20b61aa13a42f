"""The residual of an optimum is orthogonal to its reconstruction.

r·x̂ = 0, as in least squares. Shrinkage makes it λ‖z‖₁ instead.
Boundary: true at λ = 0 and where nothing is active.

Reference: a belief carried over from principal components and k-SVD; refuted by R1.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import a, j, marginal, r, xhat, z
from theory.statement import Eq, Statement, Status

overlap = Sum(r[a] * xhat[a], a)

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(overlap, 0),
    counterexample=Counterexample(x=[[2], [-2]], D=[[1, -1]], z=[[1, 0], [0, 1]], lam=1, b=[0]),
    controls={"it is what is paid (R1)": Eq(overlap, Sum(z[j] * marginal(z[j]), j))},
)
