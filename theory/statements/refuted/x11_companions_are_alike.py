"""Features that fire together are alike.

d_j·d_l ≥ 0 if E[z_j z_l] > 0. Obtuse atoms may be on together where the residual is large enough.
Boundary: refuted where the bias is fixed; true where ‖r‖ < √2·λ, by R3; antipodal atoms are never on together.

Reference: the feature-geometry literature relates co-occurrence to cosine similarity; bounded by R3.
"""

from sympy import Rational

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import L1, G, j, l, lam, on, r, square, z
from theory.statement import Ge, Gt, Statement, Status

fifth = Rational(1, 5)

statement = Statement(
    status=Status.REFUTED,
    about=L1,
    claim=Ge(G[j, l], 0),
    given=[Gt(E(z[j] * z[l]), 0)],
    fixed_bias=True,
    counterexample=Counterexample(
        # The last two samples lie along the atoms and keep them from turning.
        x=[[7 * fifth, 14 * fifth], [2, -2], [-14 * fifth, 2 * fifth], [3, 0], [-9 * fifth, 12 * fifth]],
        D=[[1, -3 * fifth], [0, 4 * fifth]],
        z=[[1, 1], [1, 0], [0, 1], [2, 0], [0, 2]],
        lam=1,
        b=[0, 0],
        bias=False,
    ),
    controls={"the residual allows it (R3)": Ge(square(r) * (2 + 2 * G[j, l]), 4 * lam**2 * on[j] * on[l])},
)
