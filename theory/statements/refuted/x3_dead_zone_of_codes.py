"""In the dead zone every code vanishes.

If d_j·(x−b) ≤ λ for every j, then z = 0. At λ = 0, antipodal atoms may be on together and cancel; only x̂ = 0
follows.
Boundary: true if λ > 0 and no nonnegative combination of atoms vanishes.

Reference: THEORY C2 as first written; corrected in C2.
"""

from sympy import Sum

from theory.counterexample import Counterexample
from theory.problem import D, b, c, j, marginal, pos, square, x, xhat, z
from theory.statement import Eq, Statement, Status

beyond = Sum(pos(Sum(D[c, j] * (x[c] - b[c]), c) - marginal(z[j])), j)

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(Sum(z[j], j), 0),
    given=[Eq(beyond, 0)],
    counterexample=Counterexample(x=[[0]], D=[[1, -1]], z=[[1, 1]], lam=0, b=[0]),
    controls={"the reconstruction vanishes (C2)": Eq(square(xhat), 0)},
)
