"""Raising λ never turns a feature on.

z'_j = 0 at λ' > λ for the same sample and dictionary, if j is clearly silent at λ: d_j·r ≤ 0.9 λ. A feature between two
others takes over what they give up: active sets are not nested along λ.
Boundary: true of orthogonal atoms, and of any two atoms.

Reference: shrinkage as of a single coefficient; that paths of the lasso are not monotone is well known.
"""

from sympy import Rational, Sum

from theory.counterexample import Counterexample
from theory.problem import L1, a, atom_dot, j, lam, lam2, r, x, x2, z, z2
from theory.statement import Eq, Gt, Le, Statement, Status

half, third = Rational(1, 2), Rational(1, 3)

statement = Statement(
    status=Status.REFUTED,
    about=L1,
    claim=Eq(z2[j], 0),
    given=[Eq(Sum((x[a] - x2[a]) ** 2, a), 0), Gt(lam2, lam), Le(atom_dot(j, r), lam * 9 / 10)],
    fixed_bias=True,
    counterexample=Counterexample(
        # Of the last four samples, three keep the atoms from turning and one keeps the bias.
        x=[
            *([4, 4, -1], [4, 4, -1], [9 * half, -half, 1], [-half, 9 * half, 1], [13 * third, 13 * third, 11 * third]),
            *([20, 0, 0], [0, 20, 0], [40 * third, 40 * third, 20 * third], [-5, -5, -1]),
        ],
        D=[[1, 0, 2 * third], [0, 1, 2 * third], [0, 0, third]],
        z=[
            *([7 * half, 7 * half, 0], [0, 0, 3], [7 * half, 0, 0], [0, 7 * half, 0], [0, 0, 6]),
            *([19, 0, 0], [0, 19, 0], [0, 0, 19], [0, 0, 0]),
        ],
        lam=[half, 2, 1, 1, 1, 1, 1, 1, 1],
        b=[0, 0, 0],
    ),
    controls={"the sum of the codes": Le(Sum(z2[j], j), Sum(z[j], j))},
)
