"""A child contains the direction of its parent.

d_j·d_m ≥ 0 if feature j fires only on samples that contain the direction of the live feature m: d_m·(x−b) > λ there.
Boundary: false at λ = 0, where antipodal atoms may cancel (X3). Children may still point away from each other (X10).

Reference: an expectation from feature absorption and splitting, see H1; it survives the search.
"""

from sympy import Sum

from theory.expectation import E
from theory.problem import D, G, b, c, j, m, marginal, neg, x, z
from theory.statement import Eq, Ge, Gt, Le, Statement, Status

missing = neg(Sum(D[c, m] * (x[c] - b[c]), c) - marginal(z[m]))

statement = Statement(
    status=Status.OPEN,
    claim=Ge(G[j, m], 0),
    given=[Gt(E(z[j] * marginal(z[m])), 0), Gt(E(z[m]), 0), Eq(E(z[j] * missing), 0)],
    controls={"the other way round": Le(G[j, m], 0)},
)
