"""No feature fires on more than half of the samples.

E[1{z_j>0}] ≤ ½ with a free bias, as the bias takes over what most samples share. It costs large residuals where the
feature is off (D1), which a heavy tail is worth.
Boundary: true of an atom whose opposite is in the dictionary too (D2). The counterexample is a global optimum: in one
dimension there are two dictionaries, and for each the bias is globally best (W5).

Reference: the rule of thumb by which dense latents are noise; refuted by D1.
"""

from sympy import Rational

from theory.counterexample import Counterexample
from theory.expectation import E
from theory.problem import atom_dot, j, marginal, off, on, r, z
from theory.statement import Eq, Le, Statement, Status

statement = Statement(
    status=Status.REFUTED,
    claim=Le(E(on[j]), Rational(1, 2)),
    counterexample=Counterexample(x=[[-2], [2], [8]], D=[[1]], z=[[0], [1], [7]], lam=1, b=[0]),
    controls={
        "it is paid for where it is off (D1)": Eq(E(atom_dot(j, r) * off[j]), -E(marginal(z[j]) * on[j])),
    },
)
