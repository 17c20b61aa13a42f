"""The strongest feature of a sample is the atom that matches it best.

d_j·(x−b) ≥ d_l·(x−b) wherever z_j > z_l, for live l. A weak feature gets what a strong one leaves over, while a
neighbour of the strong one matches the sample without being needed.
Boundary: refuted where the bias is fixed; true of two atoms, and of orthogonal ones.

Reference: activations read as similarities, as in matching pursuit and in steering by the decoder; corrected by C1.
"""

from sympy import Expr, Idx, Rational, Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import D, atom_dot, b, c, j, l, r, x, z
from theory.statement import Ge, Gt, Statement, Status

near, far, third = Rational(3, 5), Rational(4, 5), Rational(1, 3)


def match(i: Idx) -> Expr:
    """d_i·(x−b)."""
    return Sum(D[c, i] * (x[c] - b[c]), c)


statement = Statement(
    status=Status.REFUTED,
    claim=Ge(match(j), match(l)),
    given=[Gt(z[j], z[l]), Gt(E(z[l]), 0)],
    fixed_bias=True,
    counterexample=Counterexample(
        # The last three samples lie along the atoms and keep them from turning.
        x=[[5, 2], [13, -third], [-1, 2], [2 * far, -2 * near], [3, 0], [0, 3], [3 * far, -3 * near]],
        D=[[1, 0, far], [0, 1, -near]],
        z=[[4, 1, 0], [12, 0, 0], [0, 1, 0], [0, 0, 1], [2, 0, 0], [0, 2, 0], [0, 0, 2]],
        lam=1,
        b=[0, 0],
        bias=False,
    ),
    controls={"of what is left over (C1)": Ge(atom_dot(j, r), atom_dot(l, r))},
)
