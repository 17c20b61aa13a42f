"""Children of one parent point the same way.

d_j·d_l ≥ 0 if every sample that activates j or l contains the direction of the feature m: d_m·(x−b) > λ there. Each
child absorbs its parent, but what they add to it may be opposite.
Boundary: true if they add less than the parent has. The counterexample is a global optimum (W3).

Reference: an expectation from feature splitting, that what splits off shares the direction of its parent; see H1.
"""

from sympy import Expr, Idx, Rational, Sum

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import D, G, atom_dot, b, c, j, l, m, marginal, neg, r, x, z
from theory.statement import Eq, Ge, Gt, Relational, Statement, Status

near, far = Rational(3, 5), Rational(4, 5)
missing = neg(Sum(D[c, m] * (x[c] - b[c]), c) - marginal(z[m]))


def child(i: Idx) -> tuple[Relational, Relational]:
    """Feature i fires, and only where the direction of m is present."""
    return Gt(E(z[i]), 0), Eq(E(z[i] * missing), 0)


def reciprocal(i: Idx, o: Idx) -> Expr:
    return E(z[i] * atom_dot(o, r)) - E(z[i] * marginal(z[i])) * G[i, o]


statement = Statement(
    status=Status.REFUTED,
    claim=Ge(G[j, l], 0),
    given=[*child(j), *child(l), Gt(E(z[m]), 0)],
    fixed_bias=True,
    counterexample=Counterexample(
        # Three rays, each with its opposite, which keeps the bias where it is.
        x=[[0, 2], [4, 3], [-4, 3], [0, -2], [-4, -3], [4, -3]],
        D=[[0, far, -far, 0, -far, far], [1, near, near, -1, -near, -near]],
        z=[
            *([1, 0, 0, 0, 0, 0], [0, 4, 0, 0, 0, 0], [0, 0, 4, 0, 0, 0]),
            *([0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 4, 0], [0, 0, 0, 0, 0, 4]),
        ],
        lam=1,
        b=[0, 0],
    ),
    controls={"their cosine is what the residual says (A4)": Eq(reciprocal(j, l), 0)},
)
