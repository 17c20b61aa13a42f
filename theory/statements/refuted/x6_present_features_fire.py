"""A feature fires wherever its direction is present.

If d_j·(x−b) > λ > 0 then z_j > 0 for every live j, ties d_j·r > 0.9 λ apart. But another atom that fits the sample
better absorbs it.
Boundary: true for a single atom and for orthogonal ones. The counterexample is a global optimum (W3).

Reference: what a linear probe along the decoder assumes; the literature on feature absorption disputes it.
"""

from sympy import Rational, Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import D, atom_dot, b, c, j, marginal, off, r, x, z
from theory.statement import Eq, Gt, Le, Statement, Status

near, far = Rational(3, 5), Rational(4, 5)
presence = Sum(D[c, j] * (x[c] - b[c]), c)

statement = Statement(
    status=Status.REFUTED,
    claim=Eq(off[j], 0),
    given=[
        Gt(E(z[j]), 0),
        Gt(marginal(z[j]), 0),
        Gt(presence, marginal(z[j])),
        Le(atom_dot(j, r), marginal(z[j]) * 9 / 10),
    ],
    fixed_bias=True,
    counterexample=Counterexample(
        # Two rays, each with its opposite, which keeps the bias where it is.
        x=[[2, 0], [2 * near, 2 * far], [-2, 0], [-2 * near, -2 * far]],
        D=[[1, near, -1, -near], [0, far, 0, -far]],
        z=[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
        lam=1,
        b=[0, 0],
    ),
    controls={"its direction is explained (C1)": Le(atom_dot(j, r), marginal(z[j]))},
)
