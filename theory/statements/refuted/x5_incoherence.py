"""An optimal dictionary is incoherent: its atoms are at least sixty degrees apart.

d_j·d_l ≤ ½ for live j, l that are never on together and are no copies, d_j·d_l ≤ 0.99. But two rays of data, however
close, are best served by an atom each.
Boundary: vacuous if features always overlap. The counterexample is a global optimum: ‖r‖ ≤ λ on every sample (W3).

Reference: coherence conditions of compressed sensing and near-orthogonality in superposition, taken for a result of
training; refuted by W2.
"""

from sympy import Rational

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import G, atom_dot, j, l, marginal, r, z
from theory.statement import Eq, Gt, Le, Statement, Status

near, far = Rational(3, 5), Rational(4, 5)

statement = Statement(
    status=Status.REFUTED,
    claim=Le(G[j, l], Rational(1, 2)),
    given=[Gt(E(z[j]), 0), Gt(E(z[l]), 0), Eq(E(z[j] * z[l]), 0), Le(G[j, l], Rational(99, 100))],
    fixed_bias=True,
    counterexample=Counterexample(
        # Two rays, each with its opposite, which keeps the bias where it is.
        x=[[2, 0], [2 * near, 2 * far], [-2, 0], [-2 * near, -2 * far]],
        D=[[1, near, -1, -near], [0, far, 0, -far]],
        z=[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
        lam=1,
        b=[0, 0],
    ),
    controls={"it is what the residual says (A4)": Eq(E(z[j] * atom_dot(l, r)), E(z[j] * marginal(z[j])) * G[j, l])},
)
